"""Which client a call chooses, where the called function takes one: `tx ?? prisma`, `db = prisma`, `{ tx }`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Choice, Client, FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.denote.values import ShapeRef


def of_parameter(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Choice | None:
    """The parameter, and the way into it, that an expression reads: `tx`, `options.tx`, a constant made of these."""
    steps: tuple[str, ...] = ()
    while expr.kind == "member":
        steps = (expr.text, *steps)
        expr = expr.children[0]
    facts = evaluator.facts(path)
    binding = facts.lookup(expr.text, scope) if facts is not None and expr.kind == "name" else None
    if facts is None or binding is None or any(step in ("...", "[]", "[key]") for step in binding.path):
        return None
    if binding.kind == "param":
        return Choice(path, binding.function, binding.position, (*binding.path, *steps))
    if binding.kind == "const" and binding.value >= 0:
        root = facts.roots[binding.value]
        if root.expr.kind in ("name", "member"):
            outer = of_parameter(evaluator, path, root.expr, root.scope)
            return replace(outer, steps=(*outer.steps, *binding.path, *steps)) if outer is not None else None
    return None


def settled(evaluator: Evaluator, path: str, call: Expr, scope: int, function: FunctionRef, client: Client) -> Client:
    """The client that a function queries through when it is called so: the one that it falls back to where the call
    hands over none, else the one handed over. Either, still, where that cannot be told."""
    choice = client.choice
    if client.kind != "either" or choice is None or (choice.path, choice.function) != (function.path, function.index):
        return client
    given = call.arguments
    if any(argument.kind == "spread" for argument in given[: choice.position + 1]):
        return client
    value: Expr | None = given[choice.position] if choice.position < len(given) else None
    steps = choice.steps
    while value is not None and steps and value.kind == "object":
        if any(child.kind == "spread" or not child.text for child in value.children):
            return client
        value, steps = value.property_value(steps[0]), steps[1:]
    if value is None or (value.kind == "literal" and value.text in ("undefined", "null")):
        return replace(client, kind="outer", choice=None)
    handed = evaluator.along(evaluator.value(path, value, scope), steps)
    if not isinstance(handed, Client):
        further = of_parameter(evaluator, path, value, scope)
        passed_on = replace(further, steps=(*further.steps, *steps)) if further is not None else None
        return replace(client, choice=passed_on)
    return replace(client, kind=handed.kind, choice=handed.choice)


def is_like_client(evaluator: Evaluator, ref: ShapeRef) -> bool:
    """Whether an interface lists members of a client: what only Prisma has, or several models of the schema."""
    names = {name for name, _ in ref.shape.members}
    return any(name.startswith("$") for name in names) or len(names & evaluator.accessors) > 1
