"""The names that a pattern binds, and the way to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prismafix.facts.extract import _Extraction


def pattern_names(
    extraction: _Extraction, node: Node, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(name, path into the value, start byte) for each name of a binding pattern; defaults become roots.

    The path of `b` in `{ a: [, b] }` is `("a", "1")`; a rest element ends in `...`.
    """
    kind = node.type
    if kind in ("identifier", "shorthand_property_identifier_pattern"):
        yield extraction.text(node), path, node.start_byte
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if right is not None:
            default = extraction.root(right, "default")
            if left is not None:
                extraction.defaults[left.start_byte] = default
        if left is not None:
            step = (
                (extraction.text(left),)
                if kind == "object_assignment_pattern" and left.type != "object_pattern"
                else ()
            )
            yield from pattern_names(extraction, left, path + step)
    elif kind == "object_pattern":
        for child in node.named_children:
            yield from _object_member(extraction, child, path)
    elif kind == "array_pattern":
        position = 0
        for child in node.children:
            if child.type == ",":
                position += 1
            elif child.is_named and child.type != "comment":
                yield from pattern_names(extraction, child, (*path, str(position)))
    elif kind == "rest_pattern" and node.named_children:
        yield from pattern_names(extraction, node.named_children[0], (*path, "..."))


def _object_member(
    extraction: _Extraction, child: Node, path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    if child.type == "pair_pattern":
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if key is not None and value is not None:
            name = extraction.text(key)
            if key.type == "computed_property_name":
                extraction.computed(key)
                name = "[]"
            elif key.type == "string":
                name = name[1:-1]
            yield from pattern_names(extraction, value, (*path, name))
    elif child.type == "shorthand_property_identifier_pattern":
        name = extraction.text(child)
        yield name, (*path, name), child.start_byte
    elif child.type in ("object_assignment_pattern", "rest_pattern"):
        yield from pattern_names(extraction, child, path)
