"""Wait for a query that nobody waits for (PF403)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.source import FUNCTIONS, Source, enclosing, is_awaited, outermost, statement_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import AwaitQuery, Intent

_JOINING = ("(", "[", "`", "/", "+", "-")
"""A statement that starts with one of these may belong to the line before it, where that has no semicolon."""


def await_query(action: AwaitQuery, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Insert `await` before the query, or put it in the place of the `void` that stands there.

    Raises FileNotFoundError when the file has gone.
    """
    source = Source.open(action.query.path, workspace)
    query = source.node_at(action.query.start, action.query.end)
    if query is None or is_awaited(query):
        return Refusal("the query is not where it was")
    function = enclosing(query, FUNCTIONS)
    if function is None or not any(child.type == "async" for child in function.children):
        return Refusal("the function around the query is not async")
    statement = statement_of(query)
    if statement is not None and source.text(statement).startswith(_JOINING):
        return Refusal("the statement starts with a bracket: put the `await` there by hand")
    edit = _edit(source, query)
    if breaks(source, (edit,)):
        return Refusal("the statement would not parse")
    return Fix(intent.title, (edit,), intent.doubts)


def _edit(source: Source, query: Node) -> Edit:
    node = outermost(query)
    around = node.parent
    if around is not None and around.type == "unary_expression" and source.text(around).startswith("void"):
        return Edit(source.path, around.start_byte, around.start_byte + len("void"), b"await")
    return Edit(source.path, node.start_byte, node.start_byte, b"await ")
