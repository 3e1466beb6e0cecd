"""The guard that a module has for a client of its own: what it consists of, when the client goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.names import resolve
from prismafix.rewrites.source import Files, Source, outermost, unwrap, walk

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class OwnGuard:
    """`const prisma = global.prisma ?? new PrismaClient()`: the initialiser (`whole`), the statements that write the
    variable to the global, and the global's name.
    """

    whole: Node
    writes: tuple[Node, ...]
    key: str


def own_guard(source: Source, init: Node) -> OwnGuard | None:
    """The guard around the construction `init`; None where there is none, or where the global gets other values too."""
    guard = init.parent
    if guard is None or guard.type != "binary_expression" or guard.child_by_field_name("right") != init:
        return None
    operator, slot = guard.child_by_field_name("operator"), guard.child_by_field_name("left")
    whole = outermost(guard)
    declarator = whole.parent
    if operator is None or operator.type not in ("??", "||") or declarator is None or slot is None:
        return None
    name = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
    key = _key(source, slot)
    if name is None or name.type != "identifier" or not key:
        return None
    writes = []
    for node in walk(source.root):
        left = node.child_by_field_name("left") if node.type == "assignment_expression" else None
        if left is None or _key(source, left) != key:
            continue
        right, statement = node.child_by_field_name("right"), node.parent
        if right is None or source.text(right) != source.text(name):
            return None
        if statement is None or statement.type != "expression_statement":
            return None
        writes.append(statement)
    return OwnGuard(whole, tuple(writes), key)


def ambient_declarations(source: Source, key: str, files: Files) -> list[Node]:
    """The `declare global { var key: … }` of the file, with nothing else in it; none if another file needs it."""
    alone = re.compile(
        rf"declare\s+global\s*\{{\s*(?://.*\s*)*var\s+{re.escape(key)}\s*:[^;{{}}]*;?\s*\}}",
    )
    found = [
        node
        for node in source.root.named_children
        if node.type == "ambient_declaration" and alone.fullmatch(source.text(node).strip())
    ]
    return [] if found and _needed_elsewhere(source.path, key, files) else found


def _key(source: Source, member: Node) -> str:
    """`x` of `global.x`, `globalThis.x`, or of the same of a constant that is the global object; else ""."""
    holder, key = member.child_by_field_name("object"), member.child_by_field_name("property")
    root = unwrap(holder) if holder is not None else None
    if member.type != "member_expression" or key is None or root is None or root.type != "identifier":
        return ""
    declared = resolve(source, root)
    value = declared.holder.child_by_field_name("value") if declared is not None else root
    is_global = value is not None and source.text(unwrap(value)) in ("global", "globalThis")
    return source.text(key) if is_global else ""


def _needed_elsewhere(path: str, key: str, files: Files) -> bool:
    """Whether another file uses the global and does not declare it itself."""
    used = re.compile(rf"\bglobal(?:This)?\s*\.\s*{re.escape(key)}\b".encode())
    declared = re.compile(rf"\bvar\s+{re.escape(key)}\s*:".encode())
    for other in files.source_files:
        try:
            data = files.read(other) if other != path else b""
        except OSError:
            continue
        if used.search(data) and not declared.search(data):
            return True
    return False
