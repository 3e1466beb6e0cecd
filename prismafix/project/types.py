"""Just enough of TypeScript's type syntax to find a client in an annotation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_MEMBER = re.compile(r"\s*(?:readonly\s+)?([A-Za-z_$][\w$]*)\??\s*:\s*")
_PAIRS = {"<": ">", "(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class TypeText:
    """A type. `kind`: name (`name`, type arguments in `parts`), typeof (`name`), union, intersection (`parts`),
    object (`members`), other."""

    kind: str
    text: str
    name: str = ""
    parts: tuple[TypeText, ...] = ()
    members: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=4096)
def parse_type(text: str) -> TypeText:
    """Parse the text of a type; what is not understood is `other`."""
    text = text.strip()
    while text.startswith("(") and _close(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    if text.startswith(("readonly ", "keyof ")):
        text = text.split(" ", 1)[1].strip()
    for kind, mark in (("union", "|"), ("intersection", "&")):
        pieces = [piece for piece in _split(text, mark) if piece]
        if len(pieces) > 1:
            return TypeText(kind, text, parts=tuple(parse_type(piece) for piece in pieces))
        if pieces and pieces[0] != text and text[:1] == mark:
            return parse_type(pieces[0])
    if text.startswith("typeof "):
        match = _NAME.fullmatch(text[7:].strip())
        return TypeText("typeof", text, match[0]) if match else TypeText("other", text)
    if text.startswith("{") and text.endswith("}"):
        return TypeText("object", text, members=_members(text[1:-1]))
    match = _NAME.match(text)
    if match is None:
        return TypeText("other", text)
    rest = text[match.end() :].strip()
    if not rest:
        return TypeText("name", text, match[0])
    if rest.startswith("<") and _close(rest, 0) == len(rest) - 1:
        return TypeText("name", text, match[0], tuple(parse_type(piece) for piece in _split(rest[1:-1], ",")))
    return TypeText("other", text)


def _members(body: str) -> tuple[tuple[str, str], ...]:
    found = []
    for piece in (part for chunk in _split(body, ";") for line in _split(chunk, ",") for part in line.split("\n")):
        match = _MEMBER.match(piece)
        if match:
            found.append((match[1], piece[match.end() :].strip()))
    return tuple(found)


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside of brackets and strings."""
    pieces, depth, start, quote = [], 0, 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in "<([{":
            depth += 1
        elif char in ">)]}" and not (char == ">" and text[at - 1 : at] == "="):
            depth -= 1
        elif char == mark and depth == 0:
            pieces.append(text[start:at].strip())
            start = at + 1
    pieces.append(text[start:].strip())
    return pieces


def _close(text: str, at: int) -> int:
    """The place of the bracket that closes the one at `at`; -1 if there is none."""
    depth = 0
    for place in range(at, len(text)):
        char = text[place]
        if char in _PAIRS:
            depth += 1
        elif char in ">)]}" and not (char == ">" and text[place - 1] == "="):
            depth -= 1
            if depth == 0:
                return place
    return -1
