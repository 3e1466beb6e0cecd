"""Queries inside a transaction's callback go through the transaction's own client (PF401)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.imports import change_imports
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.names import resolve
from prismafix.rewrites.place import parameter_nodes
from prismafix.rewrites.source import FUNCTIONS, Source, inside, walk
from prismafix.rewrites.style import style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import Intent, UseTransactionClient

_NAMES = ("tx", "trx", "transaction", "txClient")


def use_transaction_client(action: UseTransactionClient, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Replace the outer client by the transaction's, which the callback takes as a parameter if it did not.

    Raises FileNotFoundError when the file has gone.
    """
    source = Source.open(action.callback.path, workspace)
    callback = source.node_at(action.callback.start, action.callback.end, FUNCTIONS)
    if callback is None:
        return Refusal("the transaction's callback is not where it was")
    edits: list[Edit] = []
    name = action.transaction_client
    if action.add_parameter:
        parameters = callback.child_by_field_name("parameters")
        if parameters is None or parameter_nodes(callback):
            return Refusal("the callback has parameters already")
        name = _free_name(source, callback, name)
        edits.append(Edit(source.path, parameters.start_byte, parameters.end_byte, f"({name})".encode()))
    for span in action.clients:
        node = source.node_at(span.start, span.end)
        if span.path != source.path or node is None or not (action.callback.start <= span.start < action.callback.end):
            return Refusal("a query is not where it was")
        if not action.add_parameter and not _is_parameter(source, node, callback, name):
            return Refusal(f"`{name}` is not the transaction's client where the query stands")
        if _is_whole_client(source, node):
            return Refusal("the transaction's client has no such method")
        text = f"{source.text(node)}: {name}" if node.type == "shorthand_property_identifier" else name
        edits.append(Edit(source.path, span.start, span.end, text.encode()))
    edits += change_imports(source, style_of(source, (), workspace), gone=[(s.start, s.end) for s in action.clients])
    joined = join_edits(edits)
    if breaks(source, joined):
        return Refusal("the rewritten callback would not parse")
    return Fix(intent.title, joined, intent.doubts)


def _is_parameter(source: Source, node: Node, callback: Node, name: str) -> bool:
    """Whether `name`, seen from `node`, is a parameter of the callback, or what it takes out of one."""
    declared = resolve(source, node, name)
    return declared is not None and any(inside(declared.node, parameter) for parameter in parameter_nodes(callback))


def _is_whole_client(source: Source, node: Node) -> bool:
    """Whether a method of the client itself is called (`$transaction`, `$disconnect` …), which the other does not have.

    Raw queries are methods of both.
    """
    parent = node.parent
    if parent is None or parent.type != "member_expression" or parent.child_by_field_name("object") != node:
        return False
    prop = parent.child_by_field_name("property")
    method = source.text(prop) if prop is not None else ""
    return method.startswith("$") and not method.startswith(("$queryRaw", "$executeRaw"))


def _free_name(source: Source, callback: Node, wanted: str) -> str:
    """A name that nothing in the callback uses, and that shadows nothing around it where another will do."""
    used = {
        source.text(n)
        for n in walk(callback)
        if n.type in ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")
    }
    candidates = [*dict.fromkeys((wanted or "tx", *_NAMES)), *(f"tx{number}" for number in range(2, 1000))]
    return next(name for name in candidates if name not in used and resolve(source, callback, name) is None)
