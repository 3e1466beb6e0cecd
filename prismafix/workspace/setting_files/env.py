"""Env files, read as the npm package `dotenv` (16 and later) reads them, as do Prisma, Next.js and Vite.

Expansion of `$VAR` and `\\$` (`dotenv-expand`) comes after that and knows no quotes: both stay as written.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from prismafix.workspace.setting_files.model import Found

# The regular expression of dotenv's `parse`, with JavaScript's meaning of `\s`, `\w`, `^`, `$` and `.`. As there it is
# applied after `\r\n?` became `\n`: how long a line's end is decides what `A:` before it takes for its value.
_SPACE = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_END = r"(?=[\n\r\u2028\u2029]|\Z)"
_LINE = re.compile(
    rf"(?:(?<=[\n\r\u2028\u2029])|\A){_SPACE}*(?:export{_SPACE}+)?(?P<name>[A-Za-z0-9_.-]+)(?:{_SPACE}*={_SPACE}*?|:{_SPACE}+?)"
    rf"(?P<value>{_SPACE}*'(?:\\'|[^'])*'|{_SPACE}*\"(?:\\\"|[^\"])*\"|{_SPACE}*`(?:\\`|[^`])*`|[^#\r\n]+)?"
    rf"{_SPACE}*(?:\#[^\n\r\u2028\u2029]*)?{_END}"
)
_TRIM = "".join(char for char in map(chr, range(0x10000)) if re.match(_SPACE, char))
_LINE_END = re.compile(r"\r\n?")
_QUOTES = "\"'`"


def read_env(text: str) -> list[Found]:
    """The variables of an env file. Of one that is set several times, the last: it is the one that holds."""
    found: dict[str, Found] = {}
    lines = _LINE_END.sub("\n", text)
    pairs = [match.start() - n for n, match in enumerate(re.finditer(r"\r\n", text))]  # where they are in `lines`
    for match in _LINE.finditer(lines):
        raw = match["value"] or ""
        start = match.start("value") if match["value"] is not None else _after_sign(lines, match)
        inner = raw.strip(_TRIM)
        start += len(raw) - len(raw.lstrip(_TRIM)) if inner else 0
        quote, escapes = "", inner[:1]  # a quote that is not closed has its escapes all the same
        if len(inner) > 1 and inner[0] in _QUOTES and inner[-1] == inner[0]:
            quote, inner = inner[0], inner[1:-1]
            start += 1
        first, last = (at + bisect_left(pairs, at) for at in (start, start + len(inner)))
        value = decode(inner, escapes)
        context = "fixed" if value != decode(inner, quote) else ""
        found[match["name"]] = Found(match["name"], first, last, value, quote, context=context)
    return list(found.values())


def decode(text: str, quote: str) -> str:
    """What a value means. Only double quotes know escapes, and only those of line ends."""
    value = _LINE_END.sub("\n", text)
    return value.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else value


def encode(value: str, quote: str) -> str | None:
    """How `value` is written in these quotes ("" for none); None where it cannot be."""
    if not quote:
        plain = (
            value == value.strip(_TRIM) and value[:1] not in _QUOTES and not re.search(r"[#\r\n\u2028\u2029]", value)
        )
        return value if plain or not value else None
    if quote in value or value.endswith("\\"):
        return None
    if quote == '"':
        return None if re.search(r"\\[nr]", value) else value.replace("\n", "\\n").replace("\r", "\\r")
    return None if "\r" in value else value


def _after_sign(text: str, match: re.Match[str]) -> int:
    """Where an empty value stands: behind `=`, or behind `:` and the space that it needs."""
    rest = text[match.end("name") : match.end()]
    return match.end("name") + (rest.index("=") + 1 if rest.lstrip(_TRIM).startswith("=") else 2)
