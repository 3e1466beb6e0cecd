"""How many elements a collection has, where that is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.fan_out.lists import is_changed, number, origin

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator

SMALL = 5
"""Constant collections of at most so many elements are left alone (RULES.md)."""
_KEEPING = frozenset(
    ("filter", "map", "slice", "reverse", "sort", "toSorted", "toReversed", "keys", "values", "entries", "fill")
)
"""They give at most as many elements as they are called on has."""
_DEPTH = 6


def constant_size(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int = 0) -> int | None:
    """The greatest number of elements of a collection that is written out as a literal; None when it is not."""
    if depth > _DEPTH:
        return None
    match expr.kind:
        case "array":
            return _size_of_array(evaluator, path, expr, scope, depth)
        case "object":
            if expr.children and all(c.kind == "property" and c.text == "length" for c in expr.children):
                return _at_most(evaluator, path, expr.children[0].children[0], scope)
            return None if any(c.kind == "spread" for c in expr.children) else len(expr.children)
        case "name":
            return _size_of_name(evaluator, path, expr, scope, depth)
        case "member":
            return _size_of_enum(evaluator, path, expr, scope)
        case "new":
            return _size_of_new(evaluator, path, expr, scope, depth)
        case "call":
            return _size_of_call(evaluator, path, expr, scope, depth)
        case "await":
            return constant_size(evaluator, path, expr.children[0], scope, depth + 1) if expr.children else None
    return None


def constant_number(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> int | None:
    """A whole number, written out or behind a constant; None for anything else."""
    if expr.kind == "name":
        found = origin(evaluator, path, expr.text, scope)
        if found is None or found[2].kind != "const" or found[2].value < 0 or found[2].path:
            return None
        expr = found[1].roots[found[2].value].expr
    return number(expr)


def _at_most(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> int | None:
    """A number that another one is not above: `5`, `Math.min(5, ids.length)`."""
    if expr.kind == "call" and expr.callee.chain() == ("Math", "min"):
        known = [constant_number(evaluator, path, argument, scope) for argument in expr.arguments]
        return min((one for one in known if one is not None), default=None)
    return constant_number(evaluator, path, expr, scope)


def _size_of_array(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> int | None:
    total = 0
    for child in expr.children:
        inner = constant_size(evaluator, path, child.children[0], scope, depth + 1) if child.kind == "spread" else 1
        if inner is None:
            return None
        total += inner
    return total


def _size_of_name(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> int | None:
    found = origin(evaluator, path, expr.text, scope)
    if found is None:
        return _size_of_enum(evaluator, path, expr, scope)
    where, facts, binding = found
    if binding.kind == "enum":
        return len(binding.path) or None
    if binding.kind != "const" or binding.value < 0 or binding.path:
        return None
    root = facts.roots[binding.value]
    written = root.expr.kind in ("array", "object", "new")
    if written and (not root.expr.children or is_changed(evaluator, where, facts, binding)):
        return None  # filled later
    return constant_size(evaluator, where, root.expr, root.scope, depth + 1)


def _size_of_enum(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> int | None:
    """How many values an enum of the schema has."""
    value = evaluator.value(path, expr, scope)
    if not isinstance(value, External) or value.specifier != "@prisma/client" or not value.names:
        return None
    sizes = [
        size for schema in evaluator.store.workspace.schemas for name, size in schema.enums if name == value.names[-1]
    ]
    return max(sizes, default=None)


def _size_of_new(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> int | None:
    if len(expr.arguments) != 1 or expr.callee.text not in ("Array", "Set", "Map"):
        return None
    if expr.callee.text == "Array":
        return _at_most(evaluator, path, expr.arguments[0], scope)
    return constant_size(evaluator, path, expr.arguments[0], scope, depth + 1)


def _size_of_call(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> int | None:
    if expr.callee.kind == "name" and expr.callee.text == "Array":
        return _size_of_new(evaluator, path, expr, scope, depth)
    made = evaluator.value(path, expr.callee, scope)
    if isinstance(made, FunctionRef):
        size = _size_of_result(evaluator, made, depth)
        passed = _passed_through(evaluator, made) if size is None else None
        given = expr.arguments[passed] if passed is not None and passed < len(expr.arguments) else None
        return constant_size(evaluator, path, given, scope, depth + 1) if given is not None else size
    if expr.callee.kind != "member":
        return None
    method, receiver, arguments = expr.callee.text, expr.callee.children[0], expr.arguments
    if receiver.text == "Object" and method in ("keys", "values", "entries") and arguments:
        return constant_size(evaluator, path, arguments[0], scope, depth + 1)
    if receiver.text == "Array" and method == "from" and arguments:
        return constant_size(evaluator, path, arguments[0], scope, depth + 1)
    if receiver.text == "Array" and method == "of":
        return None if any(a.kind == "spread" for a in arguments) else len(arguments)
    if method == "slice" and arguments:
        limit = _size_of_slice(evaluator, path, arguments, scope)
        if limit is not None:
            return limit
    if method in _KEEPING:
        return constant_size(evaluator, path, receiver, scope, depth + 1)
    if method == "findMany" and arguments and arguments[0].kind == "object":
        take = arguments[0].property_value("take")
        return _at_most(evaluator, path, take, scope) if take is not None else None
    return None


def _size_of_result(evaluator: Evaluator, function: FunctionRef, depth: int) -> int | None:
    """How many elements a function of the project gives at most."""
    facts = evaluator.facts(function.path)
    if facts is None or facts.functions[function.index].is_generator:
        return None
    given = [root for root in facts.roots_of(function.index) if root.role == "return"]
    sizes = [constant_size(evaluator, function.path, root.expr, root.scope, depth + 1) for root in given]
    known = [size for size in sizes if size is not None]
    return max(known) if known and len(known) == len(sizes) else None


def _passed_through(evaluator: Evaluator, function: FunctionRef) -> int | None:
    """The place of the parameter whose elements, or some of them, a function of the project gives:
    `(all) => [...new Set(all)]`."""
    facts = evaluator.facts(function.path)
    given = [root for root in facts.roots_of(function.index) if root.role == "return"] if facts is not None else []
    if facts is None or len(given) != 1:
        return None
    expr = given[0].expr
    while expr.children:
        if expr.kind == "array" and len(expr.children) == 1 and expr.children[0].kind == "spread":
            expr = expr.children[0].children[0]
        elif expr.kind in ("new", "call") and expr.callee.chain() in (("Set",), ("Array", "from")) and expr.arguments:
            expr = expr.arguments[0]
        elif expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text in _KEEPING:
            expr = expr.callee.children[0]
        else:
            return None
    binding = facts.lookup(expr.text, given[0].scope) if expr.kind == "name" else None
    taken = binding is not None and binding.kind == "param" and binding.function == function.index and not binding.path
    return binding.position if binding is not None and taken else None


def _size_of_slice(evaluator: Evaluator, path: str, arguments: tuple[Expr, ...], scope: int) -> int | None:
    first = arguments[0]
    if first.kind == "unary" and first.text == "-":  # the last ones
        return constant_number(evaluator, path, first.children[0], scope)
    start = number(first)
    end = _at_most(evaluator, path, arguments[1], scope) if len(arguments) == 2 else None
    return end - start if start is not None and end is not None and end >= start else None
