"""Imports and uses that no longer fit each other, after edits that were right one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.imports import import_statements
from prismafix.rewrites.names import is_use, resolve
from prismafix.rewrites.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

_NAMES = frozenset({"identifier", "shorthand_property_identifier", "type_identifier"})


def comes_apart(path: str, before: bytes, each: Sequence[bytes], both: bytes) -> bool:
    """Whether two changes of the file `path` together leave an import that nothing uses, or a use of an import that is
    gone, where neither was so `before`, nor after `each` of them: what one takes away the other one relied on."""
    old, new = Source.of(path, before), Source.of(path, both)
    left = _unused(new) - _unused(old)
    lost = {local for _, local in _imported(old)} - {local for _, local in _imported(new)}
    if any(resolve(new, use) is None for use in _mentions(new, lost)):
        return True
    return bool(left.difference(*(_unused(Source.of(path, one)) for one in each))) if left else False


def _unused(source: Source) -> set[tuple[str, str]]:
    """(specifier, local name) of the imports that nothing in the file uses."""
    imported = _imported(source)
    declared = (resolve(source, use) for use in _mentions(source, {local for _, local in imported}))
    used = {found.node.id for found in declared if found is not None}
    return {
        (statement.specifier, name.local)
        for statement in import_statements(source)
        for name in statement.names
        if name.name.id not in used
    }


def _imported(source: Source) -> set[tuple[str, str]]:
    return {(statement.specifier, name.local) for statement in import_statements(source) for name in statement.names}


def _mentions(source: Source, names: set[str]) -> Iterator[Node]:
    return (node for node in source.nodes(_NAMES) if source.text(node) in names and is_use(node))
