"""Removing statements, and with them what they leave empty: an `if`, a `finally`, a `try` around nothing, one list
element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import delete_statements
from prismafix.rewrites.model import Edit, Refusal
from prismafix.rewrites.names import declarations, is_use
from prismafix.rewrites.source import FUNCTIONS, Source, ancestors, code, inside, unwrap, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tree_sitter import Node

_DISCONNECTING = re.compile(
    r"disconnect|déconnect|desconect|desconex|"
    r"\b(?:clos|clean|releas|shut|end|terminat|free|dispos)\w*\b.*\b(?:connection|prisma|client|db|database|pool|pg)s?\b",
    re.I,
)
_CONSTRUCTING = re.compile(
    r"\b(?:instan|initi|creat|new|set ?up|config|mak|open|establish|connect|get)\w*\b.*"
    r"\b(?:prisma|client|connection|db|database|pool)\b|^\W*prisma(?: ?client)?\W*$|\bsingleton\b",
    re.I,
)
_NEXT_LINE = re.compile(
    r"eslint-disable-next-line|@ts-ignore|@ts-expect-error|biome-ignore|prettier-ignore|prismafix-ignore(?!-file)"
)
_ELSEWHERE = re.compile(r"\b(?:TODO|FIXME|HACK|XXX|NOTE)\b")

_WORDS = 16
"""A comment longer than this explains more than the statement below it."""


@dataclass(slots=True)
class Removal:
    """What goes from one file. `statements` go whole, `unwrapped` are `try` statements whose body stays."""

    source: Source
    statements: set[Node] = field(default_factory=set)
    clauses: set[Node] = field(default_factory=set)
    unwrapped: list[Node] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def spans(self) -> list[tuple[int, int]]:
        """The byte spans of everything that goes."""
        gone = [(n.start_byte, n.end_byte) for n in (*self.statements, *self.clauses)]
        return gone + [(e.start, e.end) for e in self.edits if e.end > e.start]


def remove(
    source: Source, statements: Iterable[Node], edits: Iterable[Edit] = (), about: str = "disconnect"
) -> Removal | Refusal:
    """Take the statements out and follow up what they leave empty. `edits` are other changes of the same file.

    `about` says which comments go along: those on disconnecting, with `construct` also those on building a client.
    Refuses when a function's body would be empty.
    """
    removal = Removal(source, set(statements), edits=list(edits))
    pending = list(removal.statements)
    while pending:
        refusal = _follow(removal, pending.pop(), pending)
        if refusal is not None:
            return refusal
    spans: list[tuple[int, int]] = []
    for statement in removal.statements:
        if not any(outer in removal.statements or outer in removal.clauses for outer in ancestors(statement)):
            spans += _statement_spans(source, statement, about)
    for clause in removal.clauses:
        if not any(outer in removal.statements or outer in removal.clauses for outer in ancestors(clause)):
            parent = clause.parent
            if parent is None or parent not in removal.unwrapped:
                removal.edits.append(_clause_edit(source, clause))
    for statement in removal.unwrapped:
        if not any(outer in removal.statements for outer in ancestors(statement)):
            removal.edits += _unwrap_try(source, statement)
    removal.edits += delete_statements(source, spans)
    return removal


def _follow(removal: Removal, statement: Node, pending: list[Node]) -> Refusal | None:
    """Look at what holds a removed statement, and remove it too when it is empty now."""
    parent = statement.parent
    if parent is None:
        return None
    source = removal.source
    if parent.type == "else_clause":
        removal.statements.discard(statement)
        removal.clauses.add(parent)
        return None
    if parent.type == "if_statement" and statement == parent.child_by_field_name("consequence"):
        removal.statements.discard(statement)
        return _empty_if(removal, parent, statement, pending)
    if parent.type == "labeled_statement" or (parent.type == "for_in_statement" and _iterates_purely(source, parent)):
        removal.statements.discard(statement)
        _take(removal, parent, pending)
        return None
    if parent.type in ("for_statement", "for_in_statement", "while_statement", "do_statement"):
        removal.statements.discard(statement)
        removal.edits.append(Edit(source.path, statement.start_byte, statement.end_byte, b"{}"))
        return None
    if parent.type != "statement_block" or not _is_emptied(removal, parent):
        return None
    holder = parent.parent
    if holder is None:
        return None
    if holder.type in FUNCTIONS:
        return Refusal(f"the function at line {holder.start_point[0] + 1} would be left empty: remove it by hand")
    if holder.type == "finally_clause":
        _drop_finally(removal, holder, pending)
        return None
    if holder.type == "if_statement":
        return _empty_if(removal, holder, parent, pending)
    if holder.type == "else_clause":
        removal.clauses.add(holder)
        return None
    if holder.type == "try_statement" and holder.child_by_field_name("finalizer") in (None, *removal.clauses):
        _take(removal, holder, pending)
        return None
    if holder.type == "try_statement":
        return Refusal(f"the `try` at line {holder.start_point[0] + 1} would be left with only its `finally`")
    if holder.type in ("statement_block", "program", "switch_case", "switch_default"):
        _take(removal, parent, pending)
    elif holder.type == "labeled_statement" or (holder.type == "for_in_statement" and _iterates_purely(source, holder)):
        _take(removal, holder, pending)
    return None


def _iterates_purely(source: Source, loop: Node) -> bool:
    """Whether a `for … of`/`in` without a body has no effect."""
    right = loop.child_by_field_name("right")
    return right is not None and is_pure(source, right)


def is_emptied(source: Source, block: Node, statements: Collection[Node]) -> bool:
    """Whether nothing of the block is left without `statements`, an `if` around them included."""
    for child in block.named_children:
        if child in statements or child.type == "comment":
            continue
        consequence = child.child_by_field_name("consequence") if child.type == "if_statement" else None
        condition = child.child_by_field_name("condition")
        if consequence is None or condition is None or child.child_by_field_name("alternative") is not None:
            return False
        if not is_pure(source, condition):
            return False
        if consequence not in statements and not (
            consequence.type == "statement_block" and is_emptied(source, consequence, statements)
        ):
            return False
    return True


def _take(removal: Removal, statement: Node, pending: list[Node]) -> None:
    if statement in removal.unwrapped:
        removal.unwrapped.remove(statement)
    removal.statements.add(statement)
    pending.append(statement)


def _drop_finally(removal: Removal, clause: Node, pending: list[Node]) -> None:
    removal.clauses.add(clause)
    statement = clause.parent
    if statement is None:
        return
    body = statement.child_by_field_name("body")
    if body is not None and _is_emptied(removal, body):
        _take(removal, statement, pending)
    elif statement.child_by_field_name("handler") is None:
        removal.unwrapped.append(statement)


def _empty_if(removal: Removal, statement: Node, consequence: Node, pending: list[Node]) -> Refusal | None:
    source = removal.source
    condition = statement.child_by_field_name("condition")
    alternative = statement.child_by_field_name("alternative")
    if condition is not None and is_pure(source, condition) and (alternative is None or alternative in removal.clauses):
        _take(removal, statement, pending)
        return None
    if consequence.type != "statement_block":
        removal.edits.append(Edit(source.path, consequence.start_byte, consequence.end_byte, b"{}"))
    return None


def _is_emptied(removal: Removal, block: Node) -> bool:
    for child in block.named_children:
        if child in removal.statements:
            continue
        if child.type == "comment" and _goes_along(removal, child, block):
            continue
        return False
    return True


def _goes_along(removal: Removal, comment: Node, block: Node) -> bool:
    if comment.start_point[0] == block.start_point[0] and _speaks_of(removal.source.text(comment), "disconnect"):
        return True  # `finally { // disconnect`
    return any(
        start <= comment.start_byte and comment.end_byte <= end
        for statement in removal.statements
        if statement.parent == comment.parent
        for start, end in _statement_spans(removal.source, statement, "disconnect")
    )


_PURE = frozenset(
    {
        "identifier",
        "this",
        "member_expression",
        "property_identifier",
        "private_property_identifier",
        "unary_expression",
        "binary_expression",
        "parenthesized_expression",
        "null",
        "undefined",
        "true",
        "false",
        "string",
        "string_fragment",
        "number",
        "optional_chain",
        "subscript_expression",
        "ternary_expression",
        "template_string",
        "template_substitution",
        "escape_sequence",
        "object",
        "array",
        "pair",
        "shorthand_property_identifier",
    }
)


def is_pure(source: Source, expression: Node) -> bool:
    """Whether evaluating the expression can have no effect: names, members, operators and literals only."""
    if not expression.is_named or expression.type == "comment":
        return True
    if expression.type in ("as_expression", "satisfies_expression", "non_null_expression"):
        return is_pure(source, code(expression)[0])
    if expression.type not in _PURE or (
        expression.type == "unary_expression" and source.text(expression).startswith("delete")
    ):
        return False
    return all(is_pure(source, child) for child in expression.named_children)


def _statement_spans(source: Source, statement: Node, about: str) -> list[tuple[int, int]]:
    """The statement, with the comments beside it that speak only of it."""
    spans = [(statement.start_byte, statement.end_byte)]
    behind = statement.next_sibling
    same_line = behind is not None and behind.type == "comment" and behind.start_point[0] == statement.end_point[0]
    if (
        behind is not None
        and same_line
        and _speaks_of(source.text(behind), about)
        and source.ends_line(behind.end_byte)
    ):
        spans = [(statement.start_byte, behind.end_byte)]
    above: Node | None = statement.prev_sibling
    below = statement
    block: list[Node] = []
    while above is not None and above.type == "comment" and below.start_point[0] - above.end_point[0] == 1:
        if not source.starts_line(above.start_byte):
            break
        block.append(above)
        below = above
        above = above.prev_sibling
    if block:
        nearest = source.text(block[0])
        if _NEXT_LINE.search(nearest):
            spans.append((block[0].start_byte, block[0].end_byte))
            block = block[1:]
        text = " ".join(source.text(comment) for comment in reversed(block))
        if block and _speaks_of(text, about):
            spans += [(comment.start_byte, comment.end_byte) for comment in block]
    return spans


def _speaks_of(comment: str, about: str) -> bool:
    words = comment.strip("/* \t\r\n")
    if _ELSEWHERE.search(words) or len(words.split()) > _WORDS:
        return False
    if about == "construct" and _CONSTRUCTING.search(words):
        return True
    return bool(_DISCONNECTING.search(words)) or bool(_NEXT_LINE.search(words))


def _clause_edit(source: Source, clause: Node) -> Edit:
    """Delete an `else` or `finally` with the white space before it."""
    start = clause.start_byte
    while start > 0 and source.data[start - 1] in b" \t\r\n":
        start -= 1
    previous = clause.prev_sibling
    if previous is not None and previous.type == "comment" and not source.text(previous).startswith("/*"):
        start = clause.start_byte  # the line break ends the comment
    return Edit(source.path, start, clause.end_byte, b"")


def _unwrap_try(source: Source, statement: Node) -> list[Edit]:
    """Replace `try { body } finally { … }` by its body, one level less indented; by a bare block where names would
    collide.
    """
    body = statement.child_by_field_name("body")
    parent = statement.parent
    if body is None or parent is None:
        return []
    if parent.type not in ("statement_block", "program", "switch_case", "switch_default") or _collides(
        source, body, parent
    ):
        return [
            Edit(source.path, statement.start_byte, body.start_byte, b""),
            Edit(source.path, body.end_byte, statement.end_byte, b""),
        ]
    open_end, close_start = body.start_byte + 1, body.end_byte - 1
    start = source.line_start(statement.start_byte)
    beside = body.named_children[0] if body.named_children else None
    if beside is not None and beside.type == "comment" and beside.start_point[0] == body.start_point[0]:
        start, open_end = statement.start_byte, beside.end_byte  # `try { // why`: the comment takes the place of `try`
    own_lines = (
        source.starts_line(statement.start_byte) and source.ends_line(open_end) and source.starts_line(close_start)
    )
    if not own_lines:
        while source.data[open_end : open_end + 1].isspace():
            open_end += 1
        while source.data[close_start - 1 : close_start].isspace():
            close_start -= 1
        return [
            Edit(source.path, statement.start_byte, open_end, b""),
            Edit(source.path, close_start, statement.end_byte, b""),
        ]
    first, last = source.line_end(open_end), source.line_start(close_start)
    while first < last and source.is_blank(first, source.line_end(first)):
        first = source.line_end(first)
    while last > first and source.is_blank(source.line_start(last - 1), last):
        last = source.line_start(last - 1)
    if beside is not None and open_end == beside.end_byte:
        edits = [Edit(source.path, start, beside.start_byte, b"")]
    else:
        edits = [Edit(source.path, start, first, b"")]
    edits += dedent(source, first, last, source.indent(statement.start_byte))
    end = statement.end_byte
    edits.append(Edit(source.path, last, source.line_end(end) if source.ends_line(end) else end, b""))
    return edits


def dedent(source: Source, start: int, end: int, outer: str) -> list[Edit]:
    """Take one level off the lines that start in `start..end`: the difference between the first code line's
    indentation and `outer`.
    """
    fixed = source.fixed_lines(start, end)
    at = start
    while at < end and source.is_blank(at, source.line_end(at)):
        at = source.line_end(at)
    inner = source.indent(at)
    if not inner.startswith(outer) or inner == outer:
        return []
    width = len(inner) - len(outer)
    edits = []
    line = start
    while line < end:
        if line not in fixed and not source.is_blank(line, source.line_end(line)):
            own = source.indent(line)
            cut = min(width, max(0, len(own) - len(outer)))
            if cut:
                at = line + len(outer) if own.startswith(outer) else line
                edits.append(Edit(source.path, at, at + cut, b""))
        line = source.line_end(line)
    return edits


def _collides(source: Source, body: Node, parent: Node) -> bool:
    """Whether a name of the block means something else, or is declared again, in the block around it."""
    own = {declared.name for declared in declarations(source, body)}
    if not own:
        return False
    if parent.type in ("switch_case", "switch_default"):
        return True  # the cases share one scope, and linters forbid declarations in it
    around = {declared.name for declared in declarations(source, parent)}
    holder = parent.parent
    if holder is not None and holder.type in FUNCTIONS | {"catch_clause"}:
        around |= {declared.name for declared in declarations(source, holder)}
    if own & around:
        return True
    for node in walk(parent):
        named = node.type in ("identifier", "type_identifier", "shorthand_property_identifier") and is_use(node)
        if named and source.text(node) in own and not inside(node, body):
            return True
    return False


def only_statement(block: Node) -> Node | None:
    """The one statement of a block that holds one and no comments of its own, or None."""
    statements = code(block)
    return statements[0] if len(statements) == 1 else None


def body_expression(function: Node) -> Node | None:
    """The expression that a function with nothing else to do evaluates: its expression body, or that of its one
    statement.
    """
    body = function.child_by_field_name("body")
    if body is None:
        return None
    if body.type != "statement_block":
        return unwrap(body)
    only = only_statement(body)
    if only is None or only.type not in ("expression_statement", "return_statement"):
        return None
    values = code(only)
    return unwrap(values[0]) if len(values) == 1 else None
