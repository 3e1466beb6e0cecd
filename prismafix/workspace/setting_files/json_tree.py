"""JSON, also with comments and trailing commas."""

from __future__ import annotations

import json
import re

from prismafix.workspace.setting_files.tree import Node

_GAP = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
_OTHER = re.compile(r"[\w.+-]+")
_DEPTH = 100


def read_json_tree(text: str) -> Node:
    """The value of a file. Raises ValueError (with a line, without any content) where it is no JSON."""
    node, at = _value(text, _gap(text, 0), 0)
    if _gap(text, at) != len(text):
        raise _malformed(text, at)
    return node


def _gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, depth: int) -> tuple[Node, int]:
    """The value at an offset, and where it ends."""
    char = text[at : at + 1]
    if char == '"':
        value, end = _string(text, at)
        return Node(at + 1, end - 1, value, '"'), end
    if char in ("{", "[") and depth < _DEPTH:
        return _collection(text, at, depth)
    match = _OTHER.match(text, at)
    if match is None:
        raise _malformed(text, at)
    return Node(at, match.end(), match[0], context="fixed", is_null=match[0] == "null"), match.end()


def _collection(text: str, at: int, depth: int) -> tuple[Node, int]:
    node, close = Node(at, at), "}" if text[at] == "{" else "]"
    at = _gap(text, at + 1)
    while text[at : at + 1] != close:
        if close == "}":
            key, at = _string(text, at)
            at = _gap(text, at)
            if text[at : at + 1] != ":":
                raise _malformed(text, at)
            inner, at = _value(text, _gap(text, at + 1), depth + 1)
            node.entries.append((key, inner))
        else:
            inner, at = _value(text, at, depth + 1)
            node.items.append(inner)
        at = _gap(text, at)
        if text[at : at + 1] == ",":
            at = _gap(text, at + 1)
        elif text[at : at + 1] != close:
            raise _malformed(text, at)
    node.end = at + 1
    return node, at + 1


def _string(text: str, at: int) -> tuple[str, int]:
    match = _STRING.match(text, at)
    if match is None:
        raise _malformed(text, at)
    try:
        return str(json.loads(match[0], strict=False)), match.end()
    except ValueError:
        raise _malformed(text, at) from None


def _malformed(text: str, at: int) -> ValueError:
    return ValueError(f"line {text.count(chr(10), 0, at) + 1}")


def encode(value: str) -> str:
    """`value` as it is written between double quotes."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
