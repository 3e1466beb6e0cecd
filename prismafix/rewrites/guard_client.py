"""Put the client of a shared module behind `globalThis` (PF103), or replace a guard that does not hold (PF104)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.client_text import Client, Guarded, finished, guarded, in_place_of, outdented, plain_class
from prismafix.rewrites.edits import breaks, delete_statements, finish
from prismafix.rewrites.imports import change_imports, free_name
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.names import free_names, resolve, uses
from prismafix.rewrites.source import Files, Source, ancestors, code, outermost, statement_of, unwrap, walk
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import Style, style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rules.model import GuardClient, Intent

_GUARDS = ("binary_expression", "ternary_expression", "assignment_expression", "augmented_assignment_expression")

_DEVELOPMENT = re.compile(r"""!==?\s*["']production["']|===?\s*["']development["']""")

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
    made = _edits(source, style, action, init)
    if isinstance(made, Refusal):
        return made
    try:
        joined = finish(source, made)
    except ValueError:
        return Refusal("two of the changes touch the same code")
    if breaks(source, joined):
        return Refusal(f"{path} would not parse afterwards")
    return Fix(intent.title, joined, intent.doubts)


def _edits(source: Source, style: Style, action: GuardClient, init: Node) -> list[Edit] | Refusal:
    local = action.local or free_name(source, "prisma")
    declarator = _declarator(source, local)
    broken = [_whole_statement(source, span.start, span.end) for span in action.broken]
    if broken and declarator is not None:
        guard = _reading(source, declarator)
        if guard is not None:  # `const client = new X(); const prisma = global.prisma ?? client`
            statement = statement_of(declarator)
            broken += [(statement.start_byte, statement.end_byte)] if statement is not None else []
            declarator = guard
            local = source.text(guard.child_by_field_name("name") or guard)
    again = _assigned_again(source, declarator, broken)
    if again is not None:
        return Refusal(f"`{local}` is assigned again at line {again}: add the `globalThis` guard by hand")
    slot = _unread_slot(source, declarator, init, [(span.start, span.end) for span in action.broken])
    if slot:
        return [Edit(source.path, init.start_byte, init.start_byte, f"{slot} ?? ".encode())]
    held = declarator.child_by_field_name("value") if declarator is not None else None
    broken += _holders(source, [*broken, (held.start_byte, held.end_byte)] if held is not None else broken)
    moved = [] if action.broken else _exclusive(source, init)
    client = Client(
        tuple(outdented(source, node, style) for statement in moved for node in _with_comments(source, statement)),
        outdented(source, init, style),
        plain_class(source, init),
    )
    kept = _names_outside(source, [*broken, (held.start_byte, held.end_byte)] if held is not None else broken)
    names = (_unused("globalForPrisma", kept), _unused("createPrismaClient", kept))
    parts = guarded(client, local, action.global_key, style, typescript=action.language == "ts", names=names)
    place = _Place(source, style, parts, local, init, broken, moved)
    statement = statement_of(declarator) if declarator is not None else None
    if declarator is not None and statement is not None and not _covered(statement, broken):
        edits = _in_declarator(place, declarator, statement, guards=bool(action.broken))
    elif action.local:
        edits = _instead_of_branches(place, declarator)
    else:
        edits = _before_statement(place)
    if isinstance(edits, Refusal):
        return edits
    written = [(e.start, e.end) for e in edits if e.end > e.start]
    gone = [*broken, *((n.start_byte, n.end_byte) for statement in moved for n in _with_comments(source, statement))]
    removed = [span for span in gone if not any(start < span[1] and span[0] < end for start, end in written)]
    edits += delete_statements(source, removed)
    lost = [(start, end) for start, end in broken if not (start <= init.start_byte and init.end_byte <= end)]
    edits += change_imports(source, style, (), lost)
    return edits


@dataclass(frozen=True, slots=True)
class _Place:
    """What goes into the module, and what it goes beside: `broken` and `moved` are removed."""

    source: Source
    style: Style
    parts: Guarded
    local: str
    init: Node
    broken: list[tuple[int, int]]
    moved: list[Node]

    @property
    def before(self) -> str:
        nl = self.style.newline
        return finished(self.parts.before) + nl + nl if self.parts.before else ""

    @property
    def after(self) -> str:
        return self.style.newline * 2 + self.parts.after

    @property
    def value(self) -> str:
        return finished(self.parts.value)


def _in_declarator(place: _Place, declarator: Node, statement: Node, *, guards: bool) -> list[Edit] | Refusal:
    """`export const prisma = …`: the initialiser changes, the rest of the guard stands around the statement."""
    source, style = place.source, place.style
    held = declarator.child_by_field_name("value")
    if held is None or statement.parent is None or statement.parent.type != "program":
        return Refusal(_CANNOT)
    if unwrap(held) != unwrap(place.init) and not (guards and unwrap(held).type in _GUARDS):
        return Refusal(_CANNOT)
    if _count(statement) != 1:
        return Refusal("the client is declared together with other variables: add the `globalThis` guard by hand")
    above, below = _before_comments(source, statement), _line_tail(source, statement)
    before = _space_above(source, above, place.moved, style) + place.before
    return [
        Edit(source.path, held.start_byte, held.end_byte, place.value.encode()),
        Edit(source.path, above, above, before.encode() if place.before else b""),
        Edit(source.path, below, below, (place.after + _space_below(source, below, style)).encode()),
    ]


def _instead_of_branches(place: _Place, declarator: Node | None) -> list[Edit] | Refusal:
    """`let prisma; if (…) { prisma = … } else { … }`: the guard takes the place of the statement that builds the
    client.
    """
    source = place.source
    anchor = _anchor(source, place.init, place.broken)
    if anchor is None:
        return Refusal(_CANNOT)
    keyword = "export const" if _is_exported(declarator) else "const"
    text = f"{place.before}{keyword} {place.local}{_annotation(source, declarator)} = {place.value}{place.style.end}"
    text += place.after + _space_below(source, anchor.end_byte, place.style)
    return [Edit(source.path, anchor.start_byte, anchor.end_byte, text.encode())]


def _before_statement(place: _Place) -> list[Edit] | Refusal:
    """`export default new PrismaClient()`: the client gets a name, declared before the statement."""
    source, nl = place.source, place.style.newline
    statement = statement_of(place.init)
    if statement is None or statement.parent is None or statement.parent.type != "program":
        return Refusal(_CANNOT)
    at = _before_comments(source, statement)
    text = f"{place.before}const {place.local} = {place.value}{place.style.end}{place.after}{nl}{nl}"
    return [Edit(source.path, at, at, text.encode()), in_place_of(source, place.init, place.local)]


def _assigned_again(source: Source, declarator: Node | None, broken: list[tuple[int, int]]) -> int | None:
    """The line (1-based) of an assignment to the client's variable that the guard does not replace, or None."""
    name = declarator.child_by_field_name("name") if declarator is not None else None
    if name is None or declarator is None or declarator.child_by_field_name("value") is None:
        return None
    declared = resolve(source, name)
    for use in uses(source, declared) if declared is not None else ():
        holder = use.parent
        written = (
            holder is not None
            and holder.type in ("assignment_expression", "augmented_assignment_expression")
            and holder.child_by_field_name("left") == use
        )
        if written and not any(start <= use.start_byte and use.end_byte <= end for start, end in broken):
            return use.start_point[0] + 1
    return None


def _unread_slot(source: Source, declarator: Node | None, init: Node, written: list[tuple[int, int]]) -> str:
    """The global (`global.prisma`) of a guard that writes it in development and only lacks the reading; "" for others.

    Its type must be known from the module: in TypeScript a `declare global` or a typed holder.
    """
    held = declarator.child_by_field_name("value") if declarator is not None else None
    name = declarator.child_by_field_name("name") if declarator is not None else None
    if held is None or name is None or held != init or init.type != "new_expression" or len(written) != 1:
        return ""
    write = source.node_at(*written[0], ("assignment_expression",))
    if write is None:
        statement = source.node_at(*written[0], ("expression_statement",))
        write = code(statement)[0] if statement is not None else None
    left = write.child_by_field_name("left") if write is not None else None
    right = write.child_by_field_name("right") if write is not None else None
    if left is None or right is None or left.type != "member_expression" or source.text(right) != source.text(name):
        return ""
    condition = next((p.child_by_field_name("condition") for p in ancestors(left) if p.type == "if_statement"), None)
    if condition is not None and not _DEVELOPMENT.search(source.text(condition)):
        return ""
    holder, key = left.child_by_field_name("object"), left.child_by_field_name("property")
    if holder is None or key is None or holder.type != "identifier":
        return ""
    if source.is_typescript and source.text(holder) in ("global", "globalThis"):
        ambient = [n for n in source.root.named_children if n.type == "ambient_declaration"]
        declares = re.compile(rf"\bvar\s+{re.escape(source.text(key))}\s*:")
        if not any(declares.search(source.text(node)) for node in ambient):
            return ""
    elif source.text(holder) not in ("global", "globalThis"):
        declared = resolve(source, holder)
        typed = declared is not None and not re.search(r"\bany\b", source.text(declared.holder))
        if declared is None or not typed or declared.node.start_byte > init.start_byte:
            return ""
    return source.text(left)


def _with_comments(source: Source, statement: Node) -> list[Node]:
    """The statement and the comments directly above it, in order: they move together."""
    found = [statement]
    above = statement.prev_sibling
    while above is not None and above.type == "comment" and found[0].start_point[0] - above.end_point[0] == 1:
        if not source.starts_line(above.start_byte):
            break
        found.insert(0, above)
        above = above.prev_sibling
    return found


def _whole_statement(source: Source, start: int, end: int) -> tuple[int, int]:
    """The statement with the `if` that it alone stands in:

    `if (process.env.NODE_ENV …) globalForPrisma.prisma = prisma`.
    """
    node = source.root.descendant_for_byte_range(start, end)
    while node is not None and node.parent is not None and node.parent.type != "program":
        parent = node.parent
        if parent.type == "if_statement" and parent.child_by_field_name("alternative") is not None:
            break
        if parent.type == "statement_block" and code(parent) != [node]:
            break
        if parent.type not in ("if_statement", "statement_block", "expression_statement", "assignment_expression"):
            break
        node = parent
    return (min(start, node.start_byte), max(end, node.end_byte)) if node is not None else (start, end)


def _reading(source: Source, declarator: Node) -> Node | None:
    """The declarator `prisma = <global> ?? client` that is the only reader of the client that `declarator` builds,
    or None.
    """
    name = declarator.child_by_field_name("name")
    declared = resolve(source, name) if name is not None else None
    found = list(uses(source, declared)) if declared is not None else []
    holder = outermost(found[0]).parent if len(found) == 1 else None
    guard = outermost(holder).parent if holder is not None and holder.type == "binary_expression" else None
    if guard is None or guard.type != "variable_declarator":
        return None
    name = guard.child_by_field_name("name")
    return guard if name is not None and name.type == "identifier" else None


def _holders(source: Source, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The module's constants that are nothing but the global object and are used in `spans` only: the new guard
    has its own.
    """
    found = []
    for statement in source.root.named_children if spans else ():
        if statement.type != "lexical_declaration" or _count(statement) != 1:
            continue
        declarator = statement.named_children[0]
        value, name = declarator.child_by_field_name("value"), declarator.child_by_field_name("name")
        if value is None or name is None or source.text(unwrap(value)) not in ("globalThis", "global"):
            continue
        declared = resolve(source, name)
        mentions = list(uses(source, declared)) if declared is not None else []
        if mentions and all(any(s <= use.start_byte and use.end_byte <= e for s, e in spans) for use in mentions):
            found.append((statement.start_byte, statement.end_byte))
    return found


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


def _is_exported(declarator: Node | None) -> bool:
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
