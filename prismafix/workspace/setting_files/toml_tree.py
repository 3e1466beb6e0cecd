"""TOML: `tomllib` reads it, and says nothing about places; so a scan finds those, and keeps what agrees with it."""

from __future__ import annotations

import re
import tomllib

from prismafix.workspace.setting_files.tree import Node

_STRINGS = r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'"
_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*(\.)?""")
_GAP = re.compile(r"(?:\s+|#[^\n]*)*")
_STRING = re.compile(_STRINGS, re.DOTALL)
_OTHER = re.compile(r"[^\s,\]}#]+(?: [\d:.+Z-]+)?")


def read_toml_tree(text: str) -> Node:
    """The document. Raises ValueError (with a line where `tomllib` tells one, without any content) where it is no
    TOML."""
    try:
        meant = tomllib.loads(text)
    except ValueError as error:
        line = re.search(r"\bline \d+", str(error))
        raise ValueError(line[0] if line else "") from None
    root = Node(0, len(text))
    table, at = root, _gap(text, 0)
    while at < len(text):
        if text[at] == "[":
            is_item = text.startswith("[[", at)
            keys, at = _keys(text, at + 1 + is_item)
            table = _table(root, keys, is_item)
            at += 1 + is_item
        else:
            at = _pair(text, at, table)
        at = _gap(text, at)
    _check(root, meant)
    return root


def _gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _keys(text: str, at: int) -> tuple[list[str], int]:
    """The parts of a dotted key, and where it ends."""
    keys: list[str] = []
    while match := _KEY.match(text, at):
        keys.append(_meaning(match[1]))
        at = match.end()
        if not match[2]:
            break
    return keys, at


def _table(root: Node, keys: list[str], is_item: bool = False) -> Node:
    node = root
    for number, key in enumerate(keys):
        found = node.get(key)
        if found is None:
            found = Node(0, 0)
            node.entries.append((key, found))
        if is_item and number == len(keys) - 1:
            found.items.append(Node(0, 0))
        node = found.items[-1] if found.items else found
    return node


def _pair(text: str, at: int, table: Node) -> int:
    keys, at = _keys(text, at)
    value, end = _value(text, _gap(text, at + 1))
    _table(table, keys[:-1]).entries.append((keys[-1], value))
    return end


def _value(text: str, at: int) -> tuple[Node, int]:
    """The value at an offset, and where it ends. The text is known to be TOML."""
    if match := _STRING.match(text, at):
        quote = match[0][:3] if match[0][:3] in ('"""', "'''") else match[0][0]
        start, end = at + len(quote), match.end() - len(quote)
        if len(quote) == 3 and (line_end := re.match(r"\r?\n", text[start:end])):
            start += line_end.end()  # it is no part of the value
        return Node(start, end, _meaning(match[0]), quote), match.end()
    if text[at] not in "[{":
        other = _OTHER.match(text, at)
        end = other.end() if other else at + 1
        return Node(at, end, text[at:end], context="fixed"), end
    node, close = Node(at, at), "}" if text[at] == "{" else "]"
    at = _gap(text, at + 1)
    while text[at] != close:
        if text[at] == ",":
            at += 1
        elif close == "}":
            at = _pair(text, at, node)
        else:
            inner, at = _value(text, at)
            node.items.append(inner)
        at = _gap(text, at)
    node.end = at + 1
    return node, at + 1


def _meaning(text: str) -> str:
    """What a key or a string means, by `tomllib` itself."""
    return str(tomllib.loads(f"k = {text}")["k"]) if text[0] in "\"'" else text


def _check(node: Node, meant: object) -> None:
    """Make scalars unwritable whose value is another one than `tomllib` says."""
    if node.value is not None:
        if node.context != "fixed" and node.value != meant:
            node.context = "fixed"
    elif isinstance(meant, dict):
        for key, inner in node.entries:
            _check(inner, meant.get(key))
    elif isinstance(meant, list):
        for inner, one in zip(node.items, meant, strict=False):
            _check(inner, one)


def encode(value: str, quote: str) -> str | None:
    """How `value` is written in these quotes; None where it cannot be."""
    if quote.startswith("'"):
        is_clear = quote not in value and not value.endswith("'") and not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        return value if is_clear else None
    return re.sub(r'[\\"\x00-\x1f\x7f]', lambda match: _escape(match[0]), value)


def _escape(char: str) -> str:
    return f"\\{char}" if char in '\\"' else f"\\u{ord(char):04x}"
