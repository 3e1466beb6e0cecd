"""One request in; its answer, a refusal as data, or `ForgeUnreachable` after waiting and trying again out.

What to wait for is what the forges document: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
and https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from prismafix.delivery.forges.model import ForgeRefused, ForgeUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on, in seconds. `tries` for broken answers, with pauses of `first`, twice as long each time.

    `unsaid` is the first wait for a rate limit that does not say how long; `longest` what one request may wait for
    rate limits in all. `timeout` is how long a forge may be silent before a request counts as not answered."""

    timeout: int = 30
    tries: int = 4
    first: float = 1.0
    unsaid: float = 60.0
    longest: float = 900.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that is not what was asked for. `status` None: no whole answer came. Header names in lower case.

    `text` is what the forge says, on one line and without the token; `codes` its (field, code, message) of each error.
    `final` is a broken connection that another try would meet again.
    """

    status: int | None
    text: str
    headers: Mapping[str, str]
    codes: tuple[tuple[str, str, str], ...] = ()
    final: bool = False


class UnreadableAnswer(Exception):
    """An answer that says yes and is not of the form that the forge describes: something between may have made it."""


UNREADABLE = Trouble(None, "its answer is not one of this forge", {})


def checked(answer: T, read: Callable[[T], object]) -> T:
    """`answer`, of which `read` finds all that it looks for. Raises UnreadableAnswer."""
    try:
        read(answer)
    except (AttributeError, IndexError, KeyError, TypeError):
        raise UnreadableAnswer from None
    return answer


def seconds_of(time_of_day: object) -> float | None:
    """A time in ISO 8601, as forges write it, in seconds since 1970; None for anything else."""
    try:
        return datetime.fromisoformat(time_of_day).timestamp() if isinstance(time_of_day, str) else None
    except (ValueError, OverflowError):
        return None


def persist(
    place: str,
    what: str,
    call: Callable[[], T],
    trouble_of: Callable[[Exception], Trouble | None],
    *,
    patience: Patience,
    say: Callable[[str], None],
    landed: Callable[[], T | None] | None = None,
) -> T | Trouble:
    """What `call` returns, or the refusal that another try would meet again.

    `place` is the forge's host and `what` a phrase after "to", for messages. `landed` is asked before `call` is
    repeated after a broken answer: what it finds is what the broken request did after all. Raises ForgeUnreachable
    when the tries or the patience with rate limits are used up, and whatever `trouble_of` does not know.
    """
    broken = limited = 0
    waited = 0.0
    while True:
        try:
            return call()
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
        # Outside of the handler: an exception raised in there keeps the request, and so the token, as its context.
        if trouble.final:
            raise ForgeRefused(f"{place} could not be asked to {what}: {trouble.text}")
        if is_limit(trouble):
            pause = told_pause(trouble.headers) or patience.unsaid * 2**limited
            limited += 1
            if waited + pause > patience.longest:
                raise ForgeUnreachable(
                    f"{place} limits requests and asked for a pause until {_clock(pause)}, "
                    f"while it was asked to {what}: run again after that"
                )
            say(f"{place} limits requests: waiting {_seconds(pause)} as told, until {_clock(pause)}")
            waited += pause
            time.sleep(pause)
        elif trouble.status is None or trouble.status >= 500:
            broken += 1
            last = broken >= patience.tries
            if not last or landed is not None:
                pause = patience.first * 2 ** (broken - 1)
                if not last:
                    say(f"{place} gave no good answer ({trouble.text}): trying again in {_seconds(pause)}")
                time.sleep(pause)
            done = landed() if landed is not None else None
            if done is not None:
                return done
            if last:
                raise ForgeUnreachable(
                    f"{place} gave no good answer after {broken} tries, when asked to {what}: {trouble.text}: "
                    "run again later, what is done is not done twice"
                )
        else:
            return trouble


def is_limit(trouble: Trouble) -> bool:
    """Whether the forge wants fewer requests. A 403 for want of rights may carry a used-up quota too: not that."""
    if trouble.status in (429, 503):
        return trouble.status == 429 or "retry-after" in trouble.headers
    text = trouble.text.lower()
    return trouble.status == 403 and ("retry-after" in trouble.headers or "rate limit" in text or "abuse" in text)


def told_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date), else by the time of a used-up quota's reset."""
    now = _date(headers.get("date")) or time.time()  # the forge's own clock: ours may be off
    after = headers.get("retry-after", "").strip()
    if after:
        until = _date(after)
        return max(float(after), 0.1) if after.isdecimal() else max(until - now, 0.1) if until else None
    if headers.get("x-ratelimit-remaining") == "0" or headers.get("ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
        if reset.isdecimal():
            return max(float(reset) - now, 0.0) + 1
    return None


def dropped(error: Exception, timeout: int) -> Trouble | None:
    """What `requests` could not do. Its texts are not repeated: they hold addresses, even passwords of proxies."""
    import requests  # of the extra: whoever got here has it

    match error:
        case requests.exceptions.SSLError() if "CERTIFICATE_VERIFY_FAILED" in repr(error):
            text = "its certificate is not trusted here: point REQUESTS_CA_BUNDLE at the file of your company's CA"
            return Trouble(None, text, {}, final=True)
        case requests.exceptions.InvalidProxyURL():
            text = "the proxy's address is not one: look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
            return Trouble(None, text, {}, final=True)
        case requests.exceptions.ProxyError():
            return Trouble(None, "the proxy of HTTPS_PROXY or HTTP_PROXY does not let it through", {})
        case requests.exceptions.Timeout():
            return Trouble(None, f"no answer in {timeout} s", {})
        case requests.exceptions.ConnectionError() if "NameResolution" in repr(error):
            return Trouble(None, "no such host name", {})
        case requests.exceptions.ConnectionError() if "Connection refused" in repr(error):
            return Trouble(None, "the connection was refused", {})
        case requests.exceptions.ConnectionError() | requests.exceptions.ChunkedEncodingError():
            return Trouble(None, "the connection broke off", {})
        case requests.exceptions.ContentDecodingError():
            return Trouble(None, "the answer was damaged", {})
        case requests.exceptions.RequestException():
            return Trouble(None, f"its address cannot be used ({type(error).__name__})", {}, final=True)
        case OSError() if "TLS CA certificate bundle" in str(error):  # of requests, and none of its own class
            text = "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names a file that is not there"
            return Trouble(None, text, {}, final=True)
    return None


def one_line(text: str, limit: int = 300) -> str:
    """Text of a forge for a message: white space as one space, cut after `limit` characters, no full stop."""
    line = " ".join(text.split())
    return (line if len(line) <= limit else line[: limit - 1] + "…").rstrip(".")


def same_text(one: str, other: str) -> bool:
    """Whether two bodies say the same: forges change line ends, and white space at ends."""
    first, second = ([line.rstrip() for line in text.strip().splitlines()] for text in (one, other))
    return first == second


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None


def _clock(pause: float) -> str:
    """Local time, with the zone, `pause` seconds from now."""
    return datetime.fromtimestamp(time.time() + pause).astimezone().strftime("%H:%M:%S %Z")


def _seconds(pause: float) -> str:
    return f"{pause:.0f} s" if pause >= 1 else f"{pause:.1f} s"
