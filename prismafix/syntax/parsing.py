"""Bytes to trees, with a second, length-preserving parse where the grammar is known to be blind."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.syntax.dialect import Dialect


@cache
def language(dialect: Dialect) -> Language:
    """The compiled grammar of a dialect."""
    source = (
        tree_sitter_typescript.language_typescript()
        if dialect == "typescript"
        else tree_sitter_typescript.language_tsx()
    )
    return Language(source)


@cache
def _parser(dialect: Dialect) -> Parser:
    return Parser(language(dialect))


def parse(data: bytes, dialect: Dialect) -> Tree:
    """Parse `data`. Offsets of the tree are offsets of `data`, also where a second parse was needed.

    On a tree with errors the forms that tree-sitter-typescript 0.23.2 cannot read are blanked out with as many spaces, and
    the tree with fewer errors is kept. Read names and texts from `data`, not from `node.text`: a blanked byte is a space there.
    """
    tree = _parser(dialect).parse(data)
    if not tree.root_node.has_error:
        return tree
    patched = _blank_gaps(data)
    if patched == data:
        return tree
    second = _parser(dialect).parse(patched)
    return second if error_count(second) < error_count(tree) else tree


def error_spans(tree: Tree) -> list[tuple[int, int]]:
    """The byte spans of ERROR and missing nodes, in document order; errors inside errors are not listed."""
    return [(node.start_byte, node.end_byte) for node in _errors(tree.root_node)]


def error_count(tree: Tree) -> int:
    """How many ERROR and missing nodes a tree has."""
    return sum(1 for _ in _errors(tree.root_node)) if tree.root_node.has_error else 0


def _errors(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
        return
    if node.has_error:
        for child in node.children:
            yield from _errors(child)


# The gaps, each with the form that the grammar can read after blanking. Upstream issues 329, 341 (type argument before a
# template) and others, see the tests. Every replacement keeps the length and the line breaks.
_TYPEOF_IMPORT = re.compile(rb"""\btypeof\s+import\(\s*(['"])[^'"\n]*\1\s*\)""")
_IMPORT_TYPE_ARRAY = re.compile(
    rb"""\bimport\(\s*(['"])[^'"\n]*\1\s*\)(?:\.[A-Za-z_$][\w$]*)+(?=\s*(?:<[^<>\n]*>)?\s*\[\s*\])"""
)
_EXPORT_TYPE_ALL = re.compile(rb"\bexport\s+(type)\s+\*")
_ABSTRACT_OVERRIDE = re.compile(rb"\babstract\s+(override)\b|\boverride\s+(abstract)\b")
_JSX_AMPERSAND = re.compile(rb"(?<=[>\w\s])&(?=[\s<])(?!\s*&)")
_NUL_ESCAPE = re.compile(rb"\\x[0-9a-fA-F]{2}")
_TEMPLATE_TICK = re.compile(rb">\s*`")


def _blank_gaps(data: bytes) -> bytes:
    out = bytearray(data)
    for match in _TEMPLATE_TICK.finditer(data):
        _blank_type_argument(out, data, match.start())
    for pattern in (_TYPEOF_IMPORT, _IMPORT_TYPE_ARRAY):
        for match in pattern.finditer(data):
            # a type of the same length: an identifier
            start, end = match.span()
            out[start:end] = b"x" + bytes(c if c in b"\r\n" else 0x20 for c in data[start + 1 : end])
    for match in _EXPORT_TYPE_ALL.finditer(data):
        _blank(out, *match.span(1))
    for match in _ABSTRACT_OVERRIDE.finditer(data):
        _blank(out, *match.span(match.lastindex or 0))
    for match in _NUL_ESCAPE.finditer(data):
        _blank(out, *match.span())
    if b"/>" in data or b"</" in data:
        for match in _JSX_AMPERSAND.finditer(data):
            line = data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()]
            if b"=" in line.rsplit(b">", 1)[-1] or b" & " in line and b">" not in line:
                continue
            _blank(out, *match.span())
    return bytes(out)


def _blank_type_argument(out: bytearray, data: bytes, close: int) -> None:
    """Blank `<…>` that ends at `close` (the position of `>`), if it follows a name."""
    depth, at = 0, close
    limit = max(0, close - 4000)
    while at >= limit:
        byte = data[at]
        if byte == 0x3E:  # >
            if at and data[at - 1] == 0x3D:  # => is no bracket
                at -= 2
                continue
            depth += 1
        elif byte == 0x3C:  # <
            depth -= 1
            if depth == 0:
                break
        elif byte == 0x60:  # `: another template lies between
            return
        at -= 1
    else:
        return
    before = data[:at].rstrip()
    if before and (chr(before[-1]).isalnum() or before[-1:] in (b"_", b"$")):
        _blank(out, at, close + 1)


def _blank(out: bytearray, start: int, end: int) -> None:
    for at in range(start, end):
        if out[at] not in b"\r\n":
            out[at] = 0x20
