"""Functions that are recognised by how they are written: what only forwards, what only makes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts


def makes_functions(facts: ModuleFacts, function: int) -> bool:
    """Whether a function gives a function or an object of its own: `(load) => (ids) => …`."""
    return any(r.role == "return" and r.expr.kind in ("function", "object") for r in facts.roots_of(function))


def forwards(facts: ModuleFacts, function: int) -> bool:
    """Whether a function is another way to write the one that it calls: `(id) => users.load(id)`."""
    declared = facts.functions[function]
    if declared.kind != "arrow" or not declared.expression_body:
        return False
    root = next((r for r in facts.roots_of(function) if r.role == "return"), None)
    call = root.expr if root is not None else None
    if call is not None and call.kind == "await" and call.children:
        call = call.children[0]
    if call is None or call.kind != "call":
        return False
    given = tuple(a.children[0].text if a.kind == "spread" else a.text for a in call.arguments)
    plain = all(a.kind == "name" or (a.kind == "spread" and a.children[0].kind == "name") for a in call.arguments)
    return plain and given == tuple(parameter.name for parameter in declared.parameters)


CONSTANT = frozenset(("string", "number", "literal", "array", "object", "property", "unary", "await"))


def outside_calls(expr: Expr) -> Iterator[Expr]:
    """An expression and all below it, but not what is below its calls."""
    yield expr
    for child in expr.children if expr.kind not in ("call", "new") else ():
        yield from outside_calls(child)


def only_makes(expr: Expr) -> bool:
    """Whether an expression makes an error, a promise of a constant, or an empty collection."""
    if expr.kind == "new":
        name = expr.callee.text
        return name.endswith("Error") or (name in ("Map", "Set") and not expr.arguments)
    if expr.kind != "call" or expr.callee.chain() not in (("Promise", "resolve"), ("Promise", "reject")):
        return False
    return all(part.kind in CONSTANT or part.kind == "new" for value in expr.arguments for part in outside_calls(value))
