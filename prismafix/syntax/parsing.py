"""Bytes to trees, with a second, length-preserving parse where the grammar is known to be blind."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tree_sitter import Node, Parser, Tree

from prismafix.syntax import queries
from prismafix.syntax.dialect import language
from prismafix.syntax.gaps import fill, find_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.syntax.dialect import Dialect


@cache
def _parser(dialect: Dialect) -> Parser:
    return Parser(language(dialect))


GAP_CAPTURES = frozenset(("misread",))
_TEMPLATE_ARGUMENT = re.compile(rb">\s*`")


def parse(data: bytes, dialect: Dialect) -> Tree:
    """Parse `data`. Offsets of the tree are offsets of `data`, also where a second parse was needed.

    Where the tree has errors, the forms that tree-sitter-typescript 0.23.2 cannot read are replaced (see `gaps`) and
    the tree with fewer errors is kept. A tagged template with a type argument may need the same without any error: the
    grammar reads ``f<Row>`…` `` as the comparison ``(f < Row) > `…` ``, and ``() => f<Row[]>`…` `` as
    ``(() => f<Row[]>)`…` ``. Read names and texts from `data`,
    not from `node.text`: a replaced byte is another one there.
    """
    tree = _parser(dialect).parse(data)
    broken = tree.root_node.has_error
    if not broken and not _is_misread(data, tree, dialect):
        return tree
    gaps = find_gaps(data, dialect)
    arguments = [gap for gap in gaps if gap.form == "template-type-argument"]
    if not broken:
        gaps = arguments
    if not gaps:
        return tree
    second = _parser(dialect).parse(fill(data, gaps))
    before, after = error_count(tree), error_count(second)
    return second if after < before or (after == before and arguments) else tree


@lru_cache(maxsize=32)
def parse_again(data: bytes, dialect: Dialect) -> Tree:
    """The same as `parse`, for a content that is asked for several times in a row: several fixes in one file."""
    return parse(data, dialect)


def _is_misread(data: bytes, tree: Tree, dialect: Dialect) -> bool:
    """Whether a tree without errors holds a tagged template that was taken for something else."""
    if _TEMPLATE_ARGUMENT.search(data) is None:
        return False
    return bool(queries.captures(queries.load("gaps", dialect, GAP_CAPTURES), tree.root_node))


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
