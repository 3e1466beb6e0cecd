"""Suppression comments, in source files and in files that are not parsed."""

from __future__ import annotations

import re

from prismafix.facts.model import Suppression

_SUPPRESSION = re.compile(r"prismafix-ignore(-file)?\b([^\n]*)")
_CODE = re.compile(r"PF\d{0,3}", re.IGNORECASE)
_LINE_COMMENT = re.compile(rb"(?:^|(?<=\s))(?:#|//)[^\n]*?prismafix-ignore[^\n]*", re.MULTILINE)


def suppression_in(data: bytes, start: int, end: int) -> Suppression | None:
    """The suppression that the comment between two bytes of a file is; None if it is none."""
    text = data[start:end].decode("utf-8", "replace")
    match = _SUPPRESSION.search(text) if "prismafix-ignore" in text else None
    if match is None:
        return None
    codes, _, reason = match[2].partition("--")
    line_start = data.rfind(b"\n", 0, start) + 1
    line_end = data.find(b"\n", end)
    rest = data[end : line_end if line_end >= 0 else len(data)]
    return Suppression(
        data.count(b"\n", 0, start) + 1,
        tuple(code.upper() for code in _CODE.findall(codes)),
        reason.strip().removesuffix("*/").strip(),
        match[1] is not None,
        start,
        end,
        not data[line_start:start].strip() and not rest.strip().strip(b"}"),
    )


def suppressions_of_lines(data: bytes) -> tuple[Suppression, ...]:
    """The suppressions in a file with line comments (`#` or `//`) that nobody parses: an env file, YAML, a schema."""
    if b"prismafix-ignore" not in data:
        return ()
    found = (suppression_in(data, m.start(), len(m[0].rstrip()) + m.start()) for m in _LINE_COMMENT.finditer(data))
    return tuple(one for one in found if one is not None)
