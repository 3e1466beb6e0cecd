"""Put the client of a shared module behind `globalThis` (PF103), or replace a guard that does not hold (PF104)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.client_text import Client, finished, guarded, in_place_of, outdented, plain_class
from prismafix.rewrites.edits import breaks, delete_statements, finish
from prismafix.rewrites.imports import change_imports, free_name
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.names import free_names, resolve, uses
from prismafix.rewrites.source import Files, Source, ancestors, outermost, statement_of, unwrap, walk
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import Style, style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rules.model import GuardClient, Intent

_CANNOT = "the client is not a constant of the module: add the `globalThis` guard by hand"


def guard_client(action: GuardClient, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Edit the module so that it keeps its client on `globalThis` outside of production.

    The form of its exports stays.
    """
    path = action.construction.path
    source = Source.open(path, workspace)
    init = source.node_at(action.construction.start, action.construction.end)
    if init is None:
        return Refusal(f"{path} has changed: no construction at byte {action.construction.start}")
    init = outermost(init)
    style = style_of(source, neighbours_of(path, workspace), workspace)
    broken = [(span.start, span.end) for span in action.broken]
    made = _edits(source, style, action, init, broken)
    if isinstance(made, Refusal):
        return made
    try:
        joined = finish(source, made)
    except ValueError:
        return Refusal("two of the changes touch the same code")
    if breaks(source, joined):
        return Refusal(f"{path} would not parse afterwards")
    return Fix(intent.title, joined, intent.doubts)


def _edits(
    source: Source, style: Style, action: GuardClient, init: Node, broken: list[tuple[int, int]]
) -> list[Edit] | Refusal:
    typescript = action.language == "ts"
    local = action.local or free_name(source, "prisma")
    declarator = _declarator(source, local)
    statement = statement_of(declarator if declarator is not None else init)
    anchor = _anchor(source, init, broken) or statement
    if anchor is None or anchor.parent is None or anchor.parent.type != "program":
        return Refusal(_CANNOT)
    moved = [] if action.broken else _exclusive(source, init)
    value = plain_class(source, init)
    client = Client(tuple(outdented(source, node, style) for node in moved), outdented(source, init, style), value)
    held = declarator.child_by_field_name("value") if declarator is not None else None
    kept_text = _names_outside(source, [*broken, (held.start_byte, held.end_byte)] if held is not None else broken)
    names = (_unused("globalForPrisma", kept_text), _unused("createPrismaClient", kept_text))
    parts = guarded(client, local, action.global_key, style, typescript=typescript, names=names)
    nl = style.newline
    before = finished(parts.before) + nl + nl if parts.before else ""
    after = nl + nl + parts.after
    gone = [(node.start_byte, node.end_byte) for node in moved]
    edits: list[Edit] = []
    in_place = declarator is not None and statement is not None and not _covered(statement, broken)
    if in_place and declarator is not None and statement is not None:
        if held is None or not (held.start_byte <= init.start_byte and init.end_byte <= held.end_byte):
            return Refusal(_CANNOT)
        if _count(statement) != 1:
            return Refusal("the client is declared together with other variables: add the `globalThis` guard by hand")
        edits.append(Edit(source.path, held.start_byte, held.end_byte, finished(parts.value).encode()))
        at = _before_comments(source, statement)
        edits.append(Edit(source.path, *_point(at), (_space_above(source, at, moved, style) + before).encode()))
        tail = _line_tail(source, statement)
        edits.append(Edit(source.path, *_point(tail), (after + _space_below(source, tail, style)).encode()))
        anchor = None
    elif action.local:
        keyword = "export const" if _is_exported(source, local, broken) else "const"
        annotation = _annotation(source, declarator)
        text = f"{before}{keyword} {local}{annotation} = {finished(parts.value)}{style.end}{after}"
        text += _space_below(source, anchor.end_byte, style)
        edits.append(Edit(source.path, anchor.start_byte, anchor.end_byte, text.encode()))
    else:
        declaration = f"{before}const {local} = {finished(parts.value)}{style.end}{after}{nl}{nl}"
        edits.append(Edit(source.path, *_point(_before_comments(source, anchor)), declaration.encode()))
        edits.append(in_place_of(source, init, local))
        anchor = None
    leftover = [
        span for span in broken if anchor is None or not (span[0] <= anchor.start_byte and anchor.end_byte <= span[1])
    ]
    removed = [span for span in (*leftover, *gone) if not any(e.start <= span[0] and span[1] <= e.end for e in edits)]
    if anchor is not None:
        removed = [span for span in removed if span[1] <= anchor.start_byte or span[0] >= anchor.end_byte]
    edits += delete_statements(source, removed)
    edits += change_imports(source, style, (), leftover)
    return edits


def _point(offset: int) -> tuple[int, int]:
    return offset, offset


def _declarator(source: Source, local: str) -> Node | None:
    for node in source.root.named_children:
        for statement in (node, *node.named_children) if node.type == "export_statement" else (node,):
            if statement.type in ("lexical_declaration", "variable_declaration"):
                for declarator in statement.named_children:
                    name = declarator.child_by_field_name("name")
                    if name is not None and name.type == "identifier" and source.text(name) == local:
                        return declarator
    return None


def _count(statement: Node) -> int:
    declaration = statement
    if statement.type == "export_statement":
        declaration = statement.child_by_field_name("declaration") or statement
    return sum(child.type == "variable_declarator" for child in declaration.named_children)


def _anchor(source: Source, init: Node, broken: list[tuple[int, int]]) -> Node | None:
    """The statement of a broken guard that holds the construction: the new guard takes its place."""
    for node in source.root.named_children:
        covered = any(start <= node.start_byte and node.end_byte <= end for start, end in broken)
        if covered and node.start_byte <= init.start_byte and init.end_byte <= node.end_byte:
            return node
    return None


def _covered(statement: Node, broken: list[tuple[int, int]]) -> bool:
    return any(start <= statement.start_byte and statement.end_byte <= end for start, end in broken)


def _line_tail(source: Source, statement: Node) -> int:
    """Behind the statement and a comment on its line."""
    end = statement.end_byte
    tail = source.slice(end, source.line_end(end))
    if tail.strip().startswith(("//", "/*")):
        return end + len(tail.rstrip("\r\n").encode())
    return end


def _before_comments(source: Source, statement: Node) -> int:
    """Before the statement and the comments directly above it: they speak of the declaration and stay with it."""
    first, above = statement, statement.prev_sibling
    while above is not None and above.type == "comment" and first.start_point[0] - above.end_point[0] == 1:
        if not source.starts_line(above.start_byte):
            break
        first, above = above, above.prev_sibling
    return first.start_byte


def _space_above(source: Source, offset: int, moved: list[Node], style: Style) -> str:
    """A line break for a blank line, where code stands on the line before (that of the `moved` statements does not
    count).
    """
    for node in reversed(moved):
        if source.line_end(node.end_byte) == source.line_start(offset):
            offset = node.start_byte
    above = source.line_start(max(source.line_start(offset) - 1, 0))
    return "" if source.is_blank(above, source.line_start(offset)) else style.newline


def _space_below(source: Source, offset: int, style: Style) -> str:
    """A line break for a blank line, where code follows on the next line."""
    below = source.line_end(offset)
    return "" if source.is_blank(below, source.line_end(below)) else style.newline


def _is_exported(source: Source, local: str, broken: list[tuple[int, int]]) -> bool:
    declarator = _declarator(source, local)
    return declarator is not None and any(parent.type == "export_statement" for parent in ancestors(declarator))


def _annotation(source: Source, declarator: Node | None) -> str:
    """The type that the variable was declared with, unless it only made room for "not yet"."""
    kind = declarator.child_by_field_name("type") if declarator is not None else None
    text = source.text(kind) if kind is not None else ""
    return "" if "undefined" in text or "null" in text or "any" in text.split() else text


def _names_outside(source: Source, broken: list[tuple[int, int]]) -> set[str]:
    return {
        source.text(node)
        for node in walk(source.root)
        if node.type in ("identifier", "type_identifier")
        and not any(start <= node.start_byte and node.end_byte <= end for start, end in broken)
    }


def _unused(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(f"{name}{n}" for n in range(2, 100) if f"{name}{n}" not in taken)


def _exclusive(source: Source, init: Node) -> list[Node]:
    """Declarations of the module that only this construction uses and that build something (pool, adapter): they
    belong into the factory, so that a reload does not build them anew.
    """
    found: list[Node] = []
    spans = [(init.start_byte, init.end_byte)]
    pending = [init]
    while pending:
        for name in free_names(source, pending.pop()):
            declared = resolve(source, name)
            if declared is None or declared.holder.type != "variable_declarator":
                continue
            statement = declared.holder.parent
            value = declared.holder.child_by_field_name("value")
            if statement is None or value is None or statement.parent is None or statement.parent.type != "program":
                continue
            if statement in found or _count(statement) != 1 or unwrap(value).type != "new_expression":
                continue
            if all(any(s <= use.start_byte and use.end_byte <= e for s, e in spans) for use in uses(source, declared)):
                found.append(statement)
                spans.append((statement.start_byte, statement.end_byte))
                pending.append(statement)
    return sorted(found, key=lambda node: node.start_byte)
