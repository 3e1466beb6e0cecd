"""Just enough of TypeScript's type syntax to find a client in an annotation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_MEMBER = re.compile(r"\s*(?:readonly\s+)?([A-Za-z_$][\w$]*)\??\s*:\s*")
_PARAMETER = re.compile(r"\s*((?:\.\.\.)?[A-Za-z_$][\w$]*)\??\s*:\s*")
_METHOD = re.compile(r"\s*([A-Za-z_$][\w$]*)\??\s*(?=[(<])")
_IMPORT = re.compile(r"""import\(\s*["']([^"']+)["']\s*\)(?:\.([\w$.]+))?""")
_PAIRS = {"<": ">", "(": ")", "[": "]", "{": "}"}
_COMMENT = re.compile(r"""("[^"\n]*"|'[^'\n]*'|`[^`]*`)|/\*.*?\*/|//[^\n]*""", re.DOTALL)
_QUOTED = re.compile(r"""["']([^"']*)["']|\d+""")


@dataclass(frozen=True, slots=True)
class TypeText:
    """A type. `kind`: name (`name`, type arguments in `parts`), typeof (`name`), import (`name` of the module
    `specifier`), typeof-import, union, intersection (`parts`), object (`members`), function (what it gives is the only
    part, what it takes are `members`), index (`name` of the only part: `T["name"]`), literal (`name`: a string), other.
    """

    kind: str
    text: str
    name: str = ""
    parts: tuple[TypeText, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    specifier: str = ""


@lru_cache(maxsize=4096)
def parse_type(text: str) -> TypeText:
    """Parse the text of a type; what is not understood is `other`."""
    if "//" in text or "/*" in text:
        text = _COMMENT.sub(lambda found: found[1] or " ", text)
    text = text.strip()
    while text.startswith("(") and _close(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    if text.startswith(("readonly ", "keyof ")):
        text = text.split(" ", 1)[1].strip()
    taken, returned = _arrow(text)
    if returned:
        return TypeText("function", text, parts=(parse_type(returned),), members=taken)
    for kind, mark in (("union", "|"), ("intersection", "&")):
        pieces = [piece for piece in _split(text, mark) if piece]
        if len(pieces) > 1:
            return TypeText(kind, text, parts=tuple(parse_type(piece) for piece in pieces))
        if pieces and pieces[0] != text and text[:1] == mark:
            return parse_type(pieces[0])
    if text.startswith("{") and _close(text, 0) == len(text) - 1:
        return TypeText("object", text, members=_members(text[1:-1]))
    if text.endswith("]"):
        return _indexed(text)
    return _typeof(text) if text.startswith("typeof ") else _named(text)


def _arrow(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """What a function type takes, as (name, type), and the text of what it gives; "" for any other type."""
    at = 0
    if text.startswith("<"):
        at = _close(text, 0) + 1
    while text[at : at + 1] == " ":
        at += 1
    if text[at : at + 1] != "(":
        return (), ""
    end = _close(text, at)
    behind = text[end + 1 :].lstrip()
    if not behind.startswith("=>"):
        return (), ""
    taken = []
    for piece in _split(text[at + 1 : end], ","):
        match = _PARAMETER.match(piece)
        taken.append((match[1], piece[match.end() :].strip()) if match else ("", ""))
    return tuple(taken), behind[2:].strip()


def _indexed(text: str) -> TypeText:
    opened = _open(text, len(text) - 1)
    key = _QUOTED.fullmatch(text[opened + 1 : -1].strip())
    if opened <= 0 or key is None:
        return TypeText("other", text)
    return TypeText("index", text, key[1] or key[0], (parse_type(text[:opened]),))


def _typeof(text: str) -> TypeText:
    inner = text[7:].strip()
    found = _IMPORT.fullmatch(inner)
    if found:
        return TypeText("typeof-import", text, found[2] or "", specifier=found[1])
    match = _NAME.fullmatch(inner)
    return TypeText("typeof", text, match[0]) if match else TypeText("other", text)


def _named(text: str) -> TypeText:
    found = _IMPORT.match(text)
    match = found or _NAME.match(text)
    if match is None:
        quoted = _QUOTED.fullmatch(text)
        return TypeText("literal", text, quoted[1]) if quoted and quoted[1] else TypeText("other", text)
    kind, name, specifier = ("import", found[2] or "", found[1]) if found else ("name", match[0], "")
    rest = text[match.end() :].strip()
    if not rest:
        return TypeText(kind, text, name, specifier=specifier)
    if rest.startswith("<") and _close(rest, 0) == len(rest) - 1:
        return TypeText(kind, text, name, type_list(rest[1:-1]), specifier=specifier)
    return TypeText("other", text)


def type_list(text: str) -> tuple[TypeText, ...]:
    """The types of a list of type arguments, written without its brackets."""
    return tuple(parse_type(piece) for piece in _split(text, ",") if piece)


def _members(body: str) -> tuple[tuple[str, str], ...]:
    found = []
    for piece in (part for chunk in _split(body, ";") for line in _split(chunk, ",") for part in _split(line, "\n")):
        match = _MEMBER.match(piece)
        if match:
            found.append((match[1], piece[match.end() :].strip()))
        elif method := _METHOD.match(piece):
            given, colon, returned = _signature(piece[method.end() :])
            if colon:
                found.append((method[1], f"{given} => {returned}"))
    return tuple(found)


def _signature(text: str) -> tuple[str, str, str]:
    """`(a: A): R` as (`(a: A)`, `:`, `R`)."""
    start = _close(text, 0) + 1 if text.startswith("<") else 0
    end = _close(text, start) + 1 if text[start : start + 1] == "(" else 0
    behind = text[end:].strip()
    return (text[:end], ":", behind[1:].strip()) if end and behind.startswith(":") else ("", "", "")


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


def _open(text: str, at: int) -> int:
    """The place of the bracket that the one at `at` closes; -1 if there is none."""
    depth = 0
    for place in range(at, -1, -1):
        char = text[place]
        if char in ">)]}" and not (char == ">" and text[place - 1 : place] == "="):
            depth += 1
        elif char in _PAIRS:
            depth -= 1
            if depth == 0:
                return place
    return -1
