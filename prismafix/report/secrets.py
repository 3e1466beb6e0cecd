"""Takes passwords out of what is shown."""

from __future__ import annotations

import re

# The user may be empty (`redis://:secret@host`). An unescaped password may itself hold `/`, `?` and `@`: everything up
# to the last `@` before white space or a quote goes, since half a password is as bad as a whole one. Web addresses have
# ports and paths with `@` in them far more often than passwords, so there it must come before the first slash.
_CREDENTIALS = re.compile(
    r"""(?<![a-z0-9+.-])(?P<url>(?!https?:)[a-z][a-z0-9+.-]*://[^\s:/?#@'"`<>]*:|https?://[^\s:/?#@'"`<>]*:(?=[^\s/?#'"`<>]*@))"""
    r"""(?P<secret>[^\s'"`<>]+)@""",
    re.IGNORECASE,
)
_PARAMETER = re.compile(  # sqlserver://host;user=sa;password={secret}, ?sslpassword=secret
    r"""(?P<url>[;?&](?:password|pwd|api_key|sslpassword)=)(?P<secret>\{[^}]*\}|[^\s;&'"`<>]+)""", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\$[a-z_]\w*|%[sd]|\*+", re.IGNORECASE)


def mask(text: str) -> str:
    """`text` with the password of every connection URL as `***`: `postgres://ann:***@host/db`.

    A password that is only a placeholder (`${DB_PASSWORD}`) stays: it is no secret, and the reader needs to see it.
    """
    if "://" not in text:
        return text
    return _PARAMETER.sub(_masked, _CREDENTIALS.sub(lambda match: _masked(match) + "@", text))


def _masked(match: re.Match[str]) -> str:
    secret = match["secret"]
    return match["url"] + (secret if _PLACEHOLDER.fullmatch(secret) else "***")
