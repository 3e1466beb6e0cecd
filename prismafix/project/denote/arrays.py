"""What the elements of an array are: as written, by the type of a variable, field or parameter, or by what the function
that gives it says."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from prismafix.project.denote.types import parse_type
from prismafix.project.denote.values import FunctionRef, Global, Instance, ShapeRef, Value, merge, options

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr
    from prismafix.project.denote.evaluate import Evaluator

ITERATING = frozenset(("map", "flatMap", "forEach", "filter", "find", "some", "every"))
"""Methods of arrays that hand each element to a callback, first."""
_SAME = frozenset(("filter", "slice", "concat", "reverse", "sort", "toSorted", "toReversed"))
_DEPTH = 6


def element(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int = 0) -> Value | None:
    """What one element denotes; None where that is not known."""
    while expr.kind == "await" and expr.children:
        expr = expr.children[0]
    if depth > _DEPTH:
        return None
    match expr.kind:
        case "array":
            if not expr.children or any(child.kind == "spread" for child in expr.children):
                return None
            each = [evaluator.value(path, child, scope) for child in expr.children]
            return None if None in each else reduce(merge, each)
        case "name":
            return _of_name(evaluator, path, expr.text, scope, depth)
        case "member":
            return _of_field(evaluator, path, expr, scope)
        case "ternary":
            both = [element(evaluator, path, branch, scope, depth + 1) for branch in expr.children[1:]]
            return None if None in both else merge(*both)
        case "call" if expr.callee.kind == "member" and expr.callee.text in _SAME:
            return element(evaluator, path, expr.callee.children[0], scope, depth + 1)
        case "call":
            callee = evaluator.value(path, expr.callee, scope)
            if callee == Global(("Promise", "all")) and len(expr.arguments) == 1:
                return element(evaluator, path, expr.arguments[0], scope, depth + 1)
            if isinstance(callee, Global | None) and expr.callee.text == "map" and expr.arguments:
                made = evaluator.returned(evaluator.value(path, expr.arguments[0], scope))
                return made if not isinstance(made, FunctionRef) else None  # a list of tasks runs where it is written
            return _given(evaluator, callee)
    return None


def _of_name(evaluator: Evaluator, path: str, name: str, scope: int, depth: int) -> Value | None:
    facts = evaluator.facts(path)
    binding = facts.lookup(name, scope) if facts is not None else None
    if facts is None or binding is None or binding.kind == "import":
        return None
    if binding.path:
        return _of_part(evaluator, path, binding) if binding.type_text else None
    if binding.type_text:
        return of_type(evaluator, path, binding.type_text, binding.scope)
    if binding.kind != "const" or binding.value < 0:
        return None
    root = facts.roots[binding.value]
    return element(evaluator, path, root.expr, root.scope, depth + 1)


def _of_part(evaluator: Evaluator, path: str, binding: Binding) -> Value | None:
    """The elements of what a pattern takes out of a type: `{ users }: { users: User[] }`."""
    told = parse_type(binding.type_text)
    if told.kind == "object" and len(binding.path) == 1:
        written = dict(told.members).get(binding.path[0])
        return of_type(evaluator, path, written, binding.scope) if written else None
    holder = evaluator.along(evaluator.type_value(path, binding.type_text, binding.scope), binding.path[:-1])
    return _of_shape(evaluator, holder, binding.path[-1])


def _of_shape(evaluator: Evaluator, holder: Value | None, name: str) -> Value | None:
    written = dict(holder.shape.members).get(name) if isinstance(holder, ShapeRef) else None
    return of_type(evaluator, holder.path, written, 0) if isinstance(holder, ShapeRef) and written else None


def _of_field(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    holder = evaluator.value(path, expr.children[0], scope)
    if isinstance(holder, ShapeRef):
        return _of_shape(evaluator, holder, expr.text)
    facts = evaluator.facts(holder.path) if isinstance(holder, Instance) else None
    if facts is None or not isinstance(holder, Instance):
        return None
    declared = facts.classes[holder.index]
    for member in declared.members:
        if member.name == expr.text and member.type_text:
            return of_type(evaluator, holder.path, member.type_text, declared.scope)
    return None


def _given(evaluator: Evaluator, callee: Value | None) -> Value | None:
    """The elements of what a function gives, by its return type."""
    found: Value | None = None
    for option in options(callee):
        facts = evaluator.facts(option.path) if isinstance(option, FunctionRef) else None
        if facts is None or not isinstance(option, FunctionRef):
            return None
        declared = facts.functions[option.index]
        inner = of_type(evaluator, option.path, declared.return_type, declared.scope) if declared.return_type else None
        if inner is None:
            return None
        found = merge(found, inner)
    return found


def of_type(evaluator: Evaluator, path: str, text: str, scope: int) -> Value | None:
    """What an element of an array of this type denotes: `X[]`, `Array<X>`, also in a promise."""
    text = text.strip().removeprefix("readonly ").strip()
    for wrapper in ("Promise<", "Readonly<"):
        if text.startswith(wrapper) and text.endswith(">"):
            return of_type(evaluator, path, text[len(wrapper) : -1], scope)
    for generic in ("Array<", "ReadonlyArray<", "Set<", "Iterable<"):
        if text.startswith(generic) and text.endswith(">"):
            return evaluator.type_value(path, text[len(generic) : -1], scope)
    return evaluator.type_value(path, text.removesuffix("[]"), scope) if text.endswith("[]") else None
