"""The one query that a fan-out's callback consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.evaluation import is_pure
from prismafix.rewrites.model import Refusal
from prismafix.rewrites.place import mentions, parameter_nodes, pattern_names
from prismafix.rewrites.source import Source, callee, code

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.fanout import FanOut


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the query's argument: `node` is the whole, `value` what it is set to (the name in `{ data }`)."""

    key: str
    node: Node
    value: Node


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """`client.model.method({ … })`. `method` is the node of the method's name, `argument` the object literal.

    `parameters` is the text of the callback's parameters with their parentheses, `names` the names they bind.
    """

    call: Node
    method: Node
    argument: Node
    properties: tuple[Property, ...]
    parameters: str
    names: frozenset[str]

    def property(self, key: str) -> Property | None:
        return next((p for p in self.properties if p.key == key), None)


def item_query(fan: FanOut, model: str, method: str, own: str) -> ItemQuery | Refusal:
    """The query, if the callback is nothing but `client.<model>.<method>({ … })`.

    Everything but the property `own` must say the same for every item.
    """
    source, function = fan.source, fan.callback.node
    if function is None or function.type not in ("arrow_function", "function_expression"):
        return Refusal("the callback is not written in place")
    call = returned(function)
    target = callee(call) if call is not None and call.type == "call_expression" else None
    if call is None or target is None or target.type != "member_expression":
        return Refusal("the callback does more than one query")
    receiver, name = code(target)[0], code(target)[-1]
    arguments = call.child_by_field_name("arguments")
    values = code(arguments) if arguments is not None else []
    names = {n for parameter in parameter_nodes(function) for n in pattern_names(source, parameter)}
    if source.text(name) != method or receiver.type != "member_expression" or source.text(code(receiver)[-1]) != model:
        return Refusal(f"the query is not `{model}.{method}`")
    if call.child_by_field_name("type_arguments") is not None or len(values) != 1 or values[0].type != "object":
        return Refusal("the query's arguments are not written in place")
    if not is_pure(source, receiver) or mentions(source, receiver, names):
        return Refusal("the client differs from item to item")
    properties = object_properties(source, values[0])
    if properties is None:
        return Refusal("the query's arguments are not written in place")
    if function.type == "function_expression" and any(node.type == "this" for node in _all(function)):
        return Refusal("the callback uses its own `this`")
    for prop in properties:
        if prop.key != own and (mentions(source, prop.node, names) or not is_pure(source, prop.value)):
            return Refusal(f"`{prop.key}` differs from item to item")
    return ItemQuery(call, name, values[0], properties, _parameters(source, function), frozenset(names))


def object_properties(source: Source, node: Node) -> tuple[Property, ...] | None:
    """The properties of an object literal, or None when it has a spread, a method or a computed key."""
    found = []
    for child in code(node):
        if child.type == "shorthand_property_identifier":
            found.append(Property(source.text(child), child, child))
            continue
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if child.type != "pair" or key is None or value is None or key.type not in ("property_identifier", "string"):
            return None
        found.append(Property(source.text(key).strip("'\""), child, value))
    return tuple(found)


def returned(function: Node) -> Node | None:
    """What a function returns when that is all it does, behind `await` and parentheses."""
    body = function.child_by_field_name("body")
    if body is None:
        return None
    if body.type == "statement_block":
        statements = code(body)
        if len(statements) != 1 or statements[0].type != "return_statement" or not code(statements[0]):
            return None
        body = code(statements[0])[0]
    while body.type in ("parenthesized_expression", "await_expression"):
        body = code(body)[0]
    return body


def _parameters(source: Source, function: Node) -> str:
    node = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    return source.text(node) if node is not None else "()"


def _all(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in _all(child))]
