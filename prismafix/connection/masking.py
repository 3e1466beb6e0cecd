"""Takes passwords out of what is shown: of a URL that was read, and of any text that holds one or nearly one."""

from __future__ import annotations

import re
from dataclasses import replace

from prismafix.connection.url import ConnectionUrl, write

MASK = "***"

_END = r"\s'\"`<>"  # ends a URL in running text
# The user may be empty (`redis://:secret@host`). An unescaped password may itself hold `/`, `?` and `@`: everything up
# to the last `@` before white space or a quote goes, since half a password is as bad as a whole one. Web addresses have
# ports and paths with `@` in them far more often than passwords, so there it must come before the first slash.
_CREDENTIALS = re.compile(
    rf"""(?<![a-z0-9+.-])(?P<url>(?!https?:)[a-z][a-z0-9+.-]*://[^:/?#@{_END}]*:|https?://[^:/?#@{_END}]*:(?=[^/?#{_END}]*@))"""
    rf"""(?P<secret>[^{_END}]+)@""",
    re.IGNORECASE,
)
# One slash too few, none, or the colon left out: still a password.
_DAMAGED = re.compile(
    rf"""(?<![a-z0-9+.-])(?P<url>(?:postgres(?:ql)?|mysql|mariadb|sqlserver|mongodb(?:\+srv)?|prisma(?:\+postgres)?|libsql|redis)"""
    rf"""(?::/?(?!/)|/{{2}}|:/{{3,}}|:\\+)[^:/?#@{_END}]*:)(?P<secret>[^{_END}]+)@""",
    re.IGNORECASE,
)
_KEY = re.compile(rf"(?P<url>prisma(?:\+postgres)?://)(?P<secret>[^:/?#@{_END}]+)@", re.IGNORECASE)  # no user before it
# No scheme at all. A port has to follow: `npm:lib@1.2` is no password.
_BARE = re.compile(
    rf"""(?<![\w/:@.+-])(?P<url>[\w.+-]+:)(?P<secret>[^/{_END}]+)@(?=[\w.-]+:\d{{2,5}}(?:[/?]|[{_END}]|$))"""
)
_NAMES = "password|passwd|pwd|sslpassword|api_key|authtoken|clientsecret|msisecret|accesstoken"
# sqlserver://host;user=sa;password={secret}, ?sslpassword=secret. A piece behind it without a `=` is the rest of a
# password that should have been in braces.
_PARAMETER = re.compile(
    rf"""(?P<url>[;?&](?:{_NAMES})=)(?P<secret>(?:\{{(?:[^}}]|\}}\}})*\}}|[^;&{_END}]+)(?:[;&][^;&={_END}]+(?=[;&{_END}]|$))*)""",
    re.IGNORECASE,
)
_SETTING = re.compile(  # libpq's `host=… password=…`, and what its and MySQL's programs read from the environment
    r"""(?P<url>\b(?:PGPASSWORD|MYSQL_PWD)=|\b(?:host|hostaddr|user|dbname)=\S+\s(?:.*\s)?password=)"""
    r"""(?P<secret>'[^']*'|"[^"]*"|[^\s;&'"`<>]+)"""
)
# `${DB_PASSWORD}` is no secret; what stands in for it is: `${DB_PASSWORD:-s3cret}`, `{{ .pw | default "s3cret" }}`.
_PLACEHOLDER = re.compile(
    r"\$\{\s*[\w.:/~]+:?[-?]?\s*\}|\$\(\s*\w+\s*\)|\$?\{\{-?[\w\s.:$/]*-?\}\}|\$[a-z_]\w*|%[sd]|\*+", re.IGNORECASE
)


def masked(url: ConnectionUrl) -> str:
    """The text of `url` with `***` for its password and every other secret in it, exactly.

    What only stands for a password (`${DB_PASSWORD}`) stays: it is no secret, and the reader needs to see it.
    """
    user = _hidden(url.user) if url.database == "accelerate" else url.user  # its key may stand there
    parameters, after_secret = [], False
    for parameter in url.parameters:
        if parameter.value is None:
            shown = replace(parameter, name=_hidden(parameter.name) or "") if after_secret else parameter
        else:
            after_secret = re.fullmatch(_NAMES, parameter.name.strip(), re.IGNORECASE) is not None
            shown = replace(parameter, value=_hidden(parameter.value)) if after_secret else parameter
        parameters.append(shown)
    return write(replace(url, user=user, password=_hidden(url.password), parameters=tuple(parameters)))


def mask(text: str) -> str:
    """`text`, any text of one or many lines, with the password of every connection URL, and of what nearly is one, as
    `***`: `postgres://ann:***@host/db`.

    A password that is only a placeholder (`${DB_PASSWORD}`) stays, as in `masked`. Where a password ends cannot always
    be told in running text: rather too much goes than too little, but one with a space or a quote in it is cut there.
    """
    for pattern, end in _PATTERNS:
        text = pattern.sub(lambda match, end=end: _cut(match) + end, text)  # type: ignore[misc]
    return text


def mask_settings(text: str) -> str:
    """`mask`, for the lines of a file of settings or of its diff: also what a variable holds whose name says that it is
    secret, such as `REDIS_PASSWORD=…` or `API_TOKEN: …`."""
    return _NAMED.sub(lambda match: _cut(match), mask(text))


_NAMED = re.compile(
    r"""^(?P<url>[ +-]?[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?["']?"""
    r"""\w*(?:PASSWORD|PASSWD|_PWD|SECRET|TOKEN|_KEY|CREDENTIALS?)\w*["']?[ \t]*[=:][ \t]*)"""
    r"""(?P<secret>[^\s#][^\r\n]*)""",
    re.MULTILINE | re.IGNORECASE,
)

_PATTERNS = ((_KEY, "@"), (_CREDENTIALS, "@"), (_DAMAGED, "@"), (_BARE, "@"), (_PARAMETER, ""), (_SETTING, ""))


def _cut(match: re.Match[str]) -> str:
    secret = match["secret"]
    return match["url"] + (secret if _PLACEHOLDER.fullmatch(secret) else MASK)


def _hidden(secret: str | None) -> str | None:
    return secret if not secret or _PLACEHOLDER.fullmatch(secret) else MASK
