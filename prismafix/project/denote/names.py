"""What identifiers denote: by their declaration, by what is assigned to them, or as a global of the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote import arrays, exports, global_values, parameters
from prismafix.project.denote.values import FunctionRef, Global, Handed, Value, merge

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

_GLOBALS = frozenset(("globalThis", "global", "window", "self", "process", "Promise", "Array", "Object", "Reflect"))
_PLAIN_GLOBALS = frozenset(
    (
        "console",
        "fetch",
        "parseInt",
        "parseFloat",
        "isNaN",
        "isFinite",
        "encodeURIComponent",
        "decodeURIComponent",
        "encodeURI",
        "decodeURI",
        "atob",
        "btoa",
        "structuredClone",
    )
)


def named(evaluator: Evaluator, path: str, name: str, scope: int) -> Value | None:
    """What an identifier denotes, seen from a scope."""
    facts = evaluator.store.facts(path)
    if facts is None:
        return None
    binding = facts.lookup(name, scope)
    if binding is None:
        if name in _GLOBALS or name in _PLAIN_GLOBALS:  # what replaces one of these does the same
            return Global((name,))
        if name in ("exports", "module"):
            whole = exports.required_from(evaluator, path)
            return whole if name == "exports" else Handed((("exports", whole),))
        put = global_values.of_name(evaluator, path, name)
        return Global((name,)) if put is None and name[:1].isupper() else put
    return evaluator.once(("binding", path, binding.start, name), lambda: bound(evaluator, path, facts, binding))


def bound(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
    """What a declared name denotes."""
    match binding.kind:
        case "import":
            item = facts.imports[binding.target]
            if item.form == "import-equals":
                return exports.required(evaluator, path, item.specifier)
            return evaluator.imported(path, item.specifier, item.imported)
        case "function":
            return FunctionRef(path, binding.target)
        case "class":
            return evaluator.class_value(path, binding.target)
        case "param":
            return parameters.denoted(evaluator, path, facts, binding)
        case "const" | "let" | "var" | "using":
            return _variable(evaluator, path, facts, binding)
    return None


def _variable(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> Value | None:
    found: Value | None = None
    if binding.value >= 0:
        root = facts.roots[binding.value]
        found = _taken(evaluator, path, root.expr, root.scope, binding.path)
    if binding.default >= 0:
        root = facts.roots[binding.default]
        found = merge(found, evaluator.value(path, root.expr, root.scope))
    if binding.kind != "const":
        for use in evaluator.index(path).assignments.get(binding.name, ()):
            target = use.expr.children[0]
            if target.kind == "name" and facts.lookup(binding.name, use.root.scope) is binding:
                found = merge(found, evaluator.value(path, use.expr.children[1], use.root.scope))
    if binding.type_text and not binding.path:
        return evaluator.typed(found, path, binding.type_text, binding.scope)
    if found is None and binding.type_text:
        found = evaluator.along(evaluator.type_value(path, binding.type_text, binding.scope), binding.path)
    return found


def _taken(evaluator: Evaluator, path: str, expr: Expr, scope: int, steps: tuple[str, ...]) -> Value | None:
    """What a pattern takes out of an expression; out of an array that is written there, by its place."""
    elements = _elements(evaluator, path, expr, scope) if steps and (steps[0] == "[]" or steps[0].isdigit()) else None
    found: Value | None = None
    if elements is None:
        found = evaluator.along(evaluator.value(path, expr, scope), steps)
        if found is None and steps and steps[0] == "[]":
            found = evaluator.along(arrays.element(evaluator, path, expr, scope), steps[1:])
        return found
    for element in elements if steps[0] == "[]" else elements[int(steps[0]) :][:1]:
        found = merge(found, evaluator.along(evaluator.value(path, element, scope), steps[1:]))
    return found


def _elements(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> tuple[Expr, ...] | None:
    """The elements of an array literal, also one that `Promise.all` waits for; None where they are not all written."""
    while expr.kind == "await" and expr.children:
        expr = expr.children[0]
    if expr.kind == "call" and len(expr.arguments) == 1 and expr.callee.kind == "member" and expr.callee.text == "all":
        whole = evaluator.value(path, expr.callee, scope)
        return _elements(evaluator, path, expr.arguments[0], scope) if whole == Global(("Promise", "all")) else None
    if expr.kind != "array" or any(child.kind == "spread" for child in expr.children):
        return None
    return expr.children
