"""What a forge or the way to it can do wrong, and that the token is in nothing that is said of it."""

from __future__ import annotations

import io
import logging
import re
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.model import Draft, ForgeRefused, ForgeUnreachable, Remote
from prismafix.delivery.forges.patience import Patience, told_pause
from prismafix.delivery.forges.remote import Told, remote_of
from prismafix.delivery.forges.tokens import Token

from .conftest import QUICK
from .servers import TOKEN, github_server, gitlab_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Connected

DRAFT = Draft("Fewer connections", "What and why", "prismafix/fixes", "main", labels=("perf",), reviewers=("ana",))
OPENING = {"method": "POST", "path": "/(pulls|merge_requests)$"}


@pytest.fixture(autouse=True)
def no_token_in_any_log() -> Iterator[None]:
    """PyGithub, urllib3 and everything else may write all that they want to, on the level of least importance."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.debug("logs are kept")
    of_github = logging.getLogger("github")  # which keeps to its own level
    of_github.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        of_github.setLevel(logging.INFO)
    assert "logs are kept" in text.getvalue()
    assert TOKEN not in text.getvalue()


def refused(error: pytest.ExceptionInfo[Any]) -> str:
    """The line for the user; a traceback of it, with all that it came from, is without the token too."""
    line = str(error.value)
    shown = "".join(traceback.format_exception(error.value))
    assert "\n" not in line
    assert TOKEN not in line + repr(error.value) + shown
    assert error.value.__context__ is None  # which would hold the request with its headers
    return line


@pytest.mark.parametrize("status", [0, 500, 502, 504])
@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after it"])
def test_broken_answer_to_opening_makes_one_pull_request(either: Connected, status: int, after: bool) -> None:
    either.server.fail_next(status, body="<html>oops", after=after, **OPENING)

    opened = either.forge.open(DRAFT)

    assert [(pull.number, pull.labels, pull.reviewers) for pull in either.server.pulls] == [(1, ["perf"], ["ana"])]
    assert (opened.request.number, opened.notes) == (1, ())
    assert len(either.server.asked("POST", "/(pulls|merge_requests)$")) == (1 if after else 2)
    assert "gave no good answer" in either.said[0]


def test_broken_answers_that_hide_an_older_pull_request(either: Connected) -> None:
    either.server.add_pull(title="Older")
    either.server.fail_next(502, body="", **OPENING)

    opened = either.forge.open(DRAFT)

    assert (opened.request.number, opened.request.title) == (1, DRAFT.title)
    assert [(pull.title, pull.labels) for pull in either.server.pulls] == [(DRAFT.title, ["perf"])]


@pytest.mark.parametrize(("status", "cause"), [(0, "the connection broke off"), (503, "HTTP 503")])
def test_forge_that_is_down(either: Connected, status: int, cause: str) -> None:
    either.server.fail_next(status, body="", times=99)

    with pytest.raises(ForgeUnreachable) as error:
        either.forge.default_branch()

    assert "gave no good answer after 4 tries, when asked to read the " in refused(error)
    assert cause in str(error.value)
    assert len(either.server.requests) == 4
    assert len(either.said) == 3


def test_down_after_the_pull_request_was_opened(either: Connected) -> None:
    """It is there, so it is what the caller gets."""
    either.forge.default_branch()
    either.server.fail_next(500, body="", path="requested_reviewers|/users|/labels", times=99)

    opened = either.forge.open(DRAFT)

    assert opened.request.number == 1
    assert any(re.match("not asked to review|no reviews were asked for", note) for note in opened.notes)
    assert all(TOKEN not in note and "\n" not in note for note in opened.notes)


def test_silence(either: Connected) -> None:
    either.server.fail_next(-1)

    assert either.again(patience=Patience(timeout=1, first=0.01)).default_branch() == "main"
    assert "(no answer in 1 s)" in either.said[0]


SSO = "required; url=https://github.com/orgs/acme/sso?authorization_request=abc"
OF_OAUTH = {"error": "insufficient_scope", "error_description": "The request requires higher privileges"}
USED_UP = {"X-RateLimit-Remaining": "0"}


def test_answer_that_breaks_off(either: Connected) -> None:
    either.server.fail_next(201, headers={"Content-Length": "1000"}, body='{"number":', after=True, **OPENING)

    assert either.forge.open(DRAFT).request.number == 1
    assert len(either.server.pulls) == 1
    assert "(the connection broke off)" in either.said[0]


LIMITS = [
    pytest.param(429, {"Retry-After": "1"}, {"message": "Too many"}, id="429"),
    pytest.param(403, {"Retry-After": "0"}, {"message": "You have exceeded a secondary rate limit."}, id="secondary"),
    pytest.param(403, {}, {"message": "You have exceeded a secondary rate limit."}, id="secondary without a time"),
    pytest.param(403, {**USED_UP, "X-RateLimit-Reset": "1"}, {"message": "API rate limit exceeded"}, id="primary"),
    pytest.param(429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "1"}, "Retry later\n", id="GitLab's"),
    pytest.param(503, {"Retry-After": "0"}, "", id="503"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "body"), LIMITS)
def test_rate_limit_is_waited_for(either: Connected, status: int, headers: dict[str, str], body: Any) -> None:
    either.server.fail_next(status, headers=headers, body=body, **OPENING)

    assert either.forge.open(DRAFT).request.number == 1

    assert len(either.server.pulls) == 1
    assert re.fullmatch(
        rf"{either.remote.host} \(acme/shop\) limits requests: waiting \S+ s as told, until \d\d:\d\d:\d\d \w+",
        either.said[0],
    )


@pytest.mark.parametrize("header", ["Retry-After", "X-RateLimit-Reset"])
def test_longer_limit_names_the_time(either: Connected, header: str) -> None:
    start = int(time.time())
    value = 3600 if header == "Retry-After" else start + 3600
    either.server.fail_next(429, headers={**USED_UP, header: str(value)}, body={}, times=9)

    with pytest.raises(ForgeUnreachable) as error:
        either.forge.find("b")

    until = {time.strftime("%H:%M:%S", time.localtime(start + 3600 + late)) for late in range(60)}
    told = re.search(r"asked for a pause until (\S+) ", refused(error))
    assert told is not None
    assert told[1] in until
    assert either.said == []
    assert len(either.server.requests) == 1


def test_limit_that_does_not_end(either: Connected) -> None:
    either.server.fail_next(429, body={}, times=99)

    with pytest.raises(ForgeUnreachable, match="limits requests"):
        either.again(patience=Patience(unsaid=0.01, longest=0.2)).find("b")

    assert len(either.said) == 4  # 0.01 + 0.02 + 0.04 + 0.08; the next would be too long in all


def test_pause_is_by_the_clock_of_the_forge() -> None:
    date = "Mon, 23 Nov 2026 01:00:00 GMT"

    assert told_pause({"retry-after": "Mon, 23 Nov 2026 01:00:30 GMT", "date": date}) == 30
    assert told_pause({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795395610", "date": date}) == 11
    assert told_pause({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "1795395610", "date": date}) is None
    assert told_pause({"retry-after": "soon"}) is None


def test_want_of_rights_is_no_rate_limit(github: Connected) -> None:
    """Also where it used the quota up."""
    headers = {
        **USED_UP,
        "X-RateLimit-Reset": "9999999999",
        "X-Accepted-GitHub-Permissions": "pull_requests=write",
    }
    github.server.fail_next(
        403, headers=headers, body={"message": "Resource not accessible by personal access token"}, **OPENING
    )

    with pytest.raises(ForgeRefused) as error:
        github.forge.open(DRAFT)

    assert refused(error) == (
        f"{github.remote.host} (acme/shop) refused to open a pull request from prismafix/fixes to main: "
        "Resource not accessible by personal access token: "
        "the token of THE_VARIABLE may not do that, it needs permissions pull_requests=write"
    )


@pytest.mark.parametrize(
    ("status", "headers", "message", "said"),
    [
        (403, {"X-GitHub-SSO": SSO}, "Resource protected by organization SAML enforcement.", "single sign-on"),
        (403, {}, "GitHub Actions is not permitted to create or approve pull requests.", "Workflow permissions"),
        (403, {"X-Accepted-OAuth-Scopes": "repo"}, "Must have push access", "it needs scope repo"),
        (403, {}, "Repository was archived so is read-only.", "Repository was archived so is read-only"),
        (404, {}, "Not Found", "there is no acme/shop, or the token of THE_VARIABLE may not"),
        (410, {}, "Pull requests are disabled", "Pull requests are disabled"),
        (422, {}, "Validation Failed\nwith\n\ttwo lines", "Validation Failed with two lines: HTTP 422"),
    ],
)  # fmt: skip
def test_github_refusals(github: Connected, status: int, headers: dict[str, str], message: str, said: str) -> None:
    github.server.fail_next(status, headers=headers, body={"message": message}, **OPENING)

    with pytest.raises(ForgeRefused) as error:
        github.forge.open(DRAFT)

    assert said in refused(error)
    assert "refused to open a pull request" in str(error.value)
    assert "authorization_request" not in str(error.value)
    assert len(github.server.asked("POST")) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, OF_OAUTH, "requires higher privileges: the token of THE_VARIABLE may not do that, it needs scope api"),
        (403, {"message": "403 Forbidden"}, "it needs scope api and the role Developer or higher"),
        (404, {"message": "404 Project Not Found"}, "there is no acme/shop, or the token of THE_VARIABLE may not"),
        (422, {"message": {"base": ["is protected", "is locked"]}}, "base is protected, is locked"),
        (400, "no json", "HTTP 400"),
        (409, {"message": ["Some other conflict"]}, "Some other conflict"),
    ],
)  # fmt: skip
def test_gitlab_refusals(gitlab: Connected, status: int, body: Any, said: str) -> None:
    gitlab.server.fail_next(status, body=body, **OPENING)

    with pytest.raises(ForgeRefused) as error:
        gitlab.forge.open(DRAFT)

    assert said in refused(error)
    assert "refused to open a merge request" in str(error.value)
    assert len(gitlab.server.asked("POST")) == 1


def test_token_that_is_not_taken(either: Connected) -> None:
    with pytest.raises(ForgeRefused) as error:
        either.again(token="s0me0ldT0ken").default_branch()

    assert "the token of THE_VARIABLE is wrong, expired or revoked: make a new one" in refused(error)
    assert "s0me0ldT0ken" not in str(error.value)


@pytest.mark.parametrize("body", ["<html>Log in to the hotel's network", [], {"hello": 1}])
def test_what_answers_is_no_forge(either: Connected, body: Any) -> None:
    either.server.fail_next(200, body=body)

    with pytest.raises(ForgeRefused) as error:
        either.forge.default_branch()

    assert re.search("is no Git(Hub|Lab) API", refused(error))
    assert "--forge-api" in str(error.value)


@pytest.mark.parametrize("body", ["<html>Log in to the hotel's network", [], [{}], {"hello": 1}, None])
def test_unreadable_answer_is_a_broken_one(either: Connected, body: Any) -> None:
    either.forge.default_branch()
    either.server.fail_next(200, body=body, after=True, **OPENING)

    assert either.forge.open(DRAFT).request.number == 1
    assert len(either.server.pulls) == 1

    either.server.fail_next(200, body=body, method="GET", path="/(pulls|merge_requests)/1$", times=9)
    with pytest.raises(ForgeUnreachable) as error:
        either.forge.read(1)
    assert "its answer is not one of this forge" in refused(error)


def test_redirect_to_another_host_does_not_get_the_token(either: Connected) -> None:
    with github_server() as other:
        target = other.api.replace("127.0.0.1", "localhost") + "/projects/7"
        for status in (301, 302, 307, 308):
            either.server.fail_next(status, body={}, headers={"Location": target})
            with pytest.raises(ForgeRefused) as error:
                either.again().default_branch()
            refused(error)

    assert all(TOKEN not in str(request.headers) for request in other.requests)


def test_redirected_writing_is_not_done_elsewhere(gitlab: Connected) -> None:
    gitlab.server.fail_next(302, body={}, headers={"Location": f"{gitlab.server.api}/projects/7"}, **OPENING)

    with pytest.raises(ForgeRefused) as error:
        gitlab.forge.open(DRAFT)

    assert "it sends requests to another address: look at --forge-api" in refused(error)


def test_host_that_nobody_knows() -> None:
    remote = Remote("origin", "github", "git.invalid", "acme/shop", "https://git.invalid/api/v3")

    with pytest.raises(ForgeUnreachable) as error:
        connect(remote, Token(TOKEN, "T"), print, QUICK).default_branch()

    assert refused(error)


def test_proxy_of_the_environment(either: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://ana:pr0xyPassw0rd@127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ForgeUnreachable) as error:
        either.again().default_branch()

    assert "the proxy of HTTPS_PROXY or HTTP_PROXY does not let it through" in refused(error)
    assert "pr0xyPassw0rd" not in str(error.value) + "".join(either.said)
    assert either.server.requests == []


def test_proxy_that_has_no_address(either: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://:80")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ForgeRefused) as error:
        either.again().default_branch()

    assert "the proxy's address is not one: look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY" in refused(error)


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_certificate_authority_of_the_environment(
    kind: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with (github_server if kind == "github" else gitlab_server)(certificate) as server:
        remote = remote_of("origin", "", Told(server.kind, server.api, "acme/shop"))
        with pytest.raises(ForgeRefused) as error:
            connect(remote, Token(TOKEN, "T"), print, QUICK).default_branch()
        assert "its certificate is not trusted here: point REQUESTS_CA_BUNDLE at" in refused(error)
        assert server.requests == []

        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
        with pytest.raises(ForgeRefused, match="REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names a file that is not there"):
            connect(remote, Token(TOKEN, "T"), print, QUICK).default_branch()

        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert connect(remote, Token(TOKEN, "T"), print, QUICK).default_branch() == "main"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for 127.0.0.1 that signs itself, with its key."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "prismafix tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file
