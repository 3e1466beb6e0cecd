"""Slices of collections: what cuts a list into slices, and whether an expression is one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.fan_out.lists import additions, all_calls

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

_DEPTH = 6


def slices(evaluator: Evaluator, function: FunctionRef) -> bool:
    """Whether a function cuts an array into slices: by `slice` or `splice` again and again, or by dividing an
    index by its size parameter."""
    facts = evaluator.facts(function.path)
    if facts is None:
        return False
    declared = facts.functions[function.index]
    sizes = {name for parameter in declared.parameters[1:] for name in parameter.names}
    if any(_divides_by(evaluator, function.path, declared, name) for name in sizes):
        return True
    calls = evaluator.index(function.path).calls_within(declared.start, declared.end)
    if declared.name and any(u.expr.kind == "call" and u.expr.callee.text == declared.name for u in calls):
        return any(_is_slice(use.expr) for use in calls)  # `[all.slice(0, n), ...chunk(all.slice(n), n)]`
    return any(_is_slice(use.expr) and _is_repeated(facts, use, function.index) for use in calls)


def _is_repeated(facts: ModuleFacts, use: Use, function: int) -> bool:
    """Whether a call of `slice` cuts the same list again and again: that is declared outside of the loop, or of the
    callback, in which the call stands."""
    loop = innermost_loop(facts, use.root.scope)
    if loop is not None:
        return _is_from_outside(facts, use.expr.callee.children[0], use.root.scope, facts.scopes[loop].start)
    inner = facts.functions[use.root.function] if use.root.function != function and use.root.function >= 0 else None
    return inner is not None and _is_from_outside(
        facts, use.expr.callee.children[0], use.root.scope, inner.start, inner.end
    )


def _is_from_outside(facts: ModuleFacts, expr: Expr, scope: int, start: int, end: int | None = None) -> bool:
    """Whether what an expression begins with is declared before the byte `start`, or behind `end`."""
    while expr.kind in ("member", "index", "call") and expr.children:
        expr = expr.children[0]
    binding = facts.lookup(expr.text, scope) if expr.kind == "name" else None
    return binding is None or binding.start < start or (end is not None and binding.start >= end)


def _divides_by(evaluator: Evaluator, path: str, declared: Function, name: str) -> bool:
    for use in evaluator.index(path).names.get(name, ()):
        outer = use.around[0] if use.around else None
        inside = declared.start <= use.expr.start < declared.end
        if inside and outer is not None and outer.kind == "binary" and outer.text in ("/", "%"):
            return True
    return False


def is_chunk(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> bool:
    """Whether a collection is one slice of a bigger one."""
    facts = evaluator.facts(path)
    if facts is None or depth > _DEPTH:
        return False
    if expr.kind == "await" and expr.children:
        expr = expr.children[0]
    if expr.kind == "call" and expr.callee.kind == "member":
        return _is_sliced_here(evaluator, path, facts, expr, scope, depth)
    if expr.kind == "index":
        return _is_chunks(evaluator, path, expr.children[0], scope, depth + 1)
    if expr.kind == "array" and len(expr.children) == 1 and expr.children[0].kind == "spread":
        return is_chunk(evaluator, path, expr.children[0].children[0], scope, depth + 1)
    if expr.kind != "name":
        return False
    binding = facts.lookup(expr.text, scope)
    if binding is None:
        return False
    if binding.kind == "param" and not binding.path:
        return _is_parameter_chunk(evaluator, path, facts, binding, depth)
    given = _given(evaluator, path, facts, binding)
    if binding.value < 0 or (given and not facts.roots[binding.value].expr.children):
        return bool(given) and all(is_chunk(evaluator, path, e, s, depth + 1) for e, s in given)
    root = facts.roots[binding.value]
    if binding.path == ("[]",):
        return _is_chunks(evaluator, path, root.expr, root.scope, depth + 1)
    if binding.path == ("[]", "1"):  # `for (const [i, batch] of batches.entries())`
        numbered = root.expr.kind == "call" and root.expr.callee.text == "entries"
        return numbered and _is_chunks(evaluator, path, root.expr, root.scope, depth + 1)
    return not binding.path and is_chunk(evaluator, path, root.expr, root.scope, depth + 1)


def _given(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> list[tuple[Expr, int]]:
    """What is assigned to a variable later, but for the empty array."""
    found = []
    for use in evaluator.index(path).assignments.get(binding.name, ()):
        target, value = use.expr.children
        if target.kind == "name" and facts.lookup(target.text, use.root.scope) is binding and value.children:
            found.append((value, use.root.scope))
    return found


def _is_sliced_here(evaluator: Evaluator, path: str, facts: ModuleFacts, expr: Expr, scope: int, depth: int) -> bool:
    method, receiver, arguments = expr.callee.text, expr.callee.children[0], expr.arguments
    if method in ("slice", "subarray") and len(arguments) == 2:
        loop = innermost_loop(facts, scope)
        if loop is None:
            return _is_next_slice(evaluator, path, facts, expr, scope)
        if not _is_from_outside(facts, receiver, scope, facts.scopes[loop].start):
            return False
        return _moves_on(evaluator, path, facts, arguments[0], loop) or _shrinks(evaluator, path, receiver, loop, facts)
    if method == "splice" and len(arguments) == 2:
        return innermost_loop(facts, scope) is not None
    if method in ("filter", "map", "entries", "flatMap"):
        return is_chunk(evaluator, path, receiver, scope, depth + 1)
    return False


def _is_next_slice(evaluator: Evaluator, path: str, facts: ModuleFacts, expr: Expr, scope: int) -> bool:
    """Whether `slice` gives another part of a list each time that the function around it is called: that changes the
    place where the slice begins, and loops wait for it."""
    function = facts.functions[facts.scopes[scope].function] if facts.scopes[scope].function >= 0 else None
    if function is None or not _is_from_outside(facts, expr.callee.children[0], scope, function.start, function.end):
        return False
    calls = all_calls(evaluator, path, facts, function)
    waited = bool(calls) and all(
        len(u.around) > 1 and u.around[1].kind == "await" and innermost_loop(facts, u.root.scope) is not None
        for u in calls
    )
    place = facts.lookup(expr.arguments[0].text, scope) if expr.arguments[0].kind == "name" else None
    if not waited or place is None or function.start <= place.start < function.end:
        return False
    return any(
        use.expr.children[0].kind == "name" and use.expr.children[0].text == place.name
        for use in evaluator.index(path).changes
        if use.root.function == function.index and (use.expr.kind != "assign" or use.expr.text != "=")
    )


def _moves_on(evaluator: Evaluator, path: str, facts: ModuleFacts, expr: Expr, loop: int) -> bool:
    """Whether a number is another one each time that a loop goes round: it is the loop's own, or changed in it."""
    region = facts.scopes[loop]
    names = {e.text for e in expr.walk() if e.kind == "name"}
    for name in names:
        binding = facts.lookup(name, facts.scope_at(expr.start))
        if binding is not None and region.start <= binding.start < region.end:
            return True
        for use in evaluator.index(path).names.get(name, ()):
            outer = use.around[0] if use.around else None
            changed = outer is not None and (outer.text == "update_expression" or outer.kind == "assign")
            if (
                changed
                and outer is not None
                and outer.children[0] is use.expr
                and region.start <= outer.start < region.end
            ):
                return True
    return False


def _shrinks(evaluator: Evaluator, path: str, receiver: Expr, loop: int, facts: ModuleFacts) -> bool:
    """`rest = rest.slice(n)` in a loop."""
    for use in evaluator.index(path).assignments.get(receiver.text, ()):
        target, value = use.expr.children
        inside = facts.scopes[loop].start <= use.expr.start < facts.scopes[loop].end
        if inside and target.kind == "name" and _is_slice(value) and value.callee.children[0].text == target.text:
            return True
    return False


def _is_parameter_chunk(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding, depth: int) -> bool:
    """A callback's parameter over chunks, or a function that is only ever called with a slice."""
    function = facts.functions[binding.function]
    index = evaluator.index(path)
    use = index.functions.get(function.index)
    if use is not None and use.around and use.around[0].kind == "call":
        call = use.around[0]
        if call.callee.kind == "member" and call.callee.text in ("map", "flatMap", "reduce", "forEach"):
            if call.callee.text == "forEach" and function.is_async:
                return False  # all of them at once, and nobody waits
            position = 1 if call.callee.text == "reduce" else 0
            receiver = call.callee.children[0]
            return binding.position == position and _is_chunks(evaluator, path, receiver, use.root.scope, depth + 1)
        return use.expr in call.arguments and _is_handed_slices(
            evaluator, path, call, call.arguments.index(use.expr), use.root.scope, binding.position, depth
        )
    calls = all_calls(evaluator, path, facts, function)
    return bool(calls) and all(
        len(u.around[0].arguments) > binding.position
        and is_chunk(evaluator, path, u.around[0].arguments[binding.position], u.root.scope, depth + 1)
        for u in calls
    )


def _is_handed_slices(
    evaluator: Evaluator, path: str, call: Expr, slot: int, scope: int, position: int, depth: int
) -> bool:
    """`inBatches(ids, 10, async (batch) => …)`: a function of the project calls what it is given with one slice
    after the other."""
    callee = evaluator.value(path, call.callee, scope)
    facts = evaluator.facts(callee.path) if isinstance(callee, FunctionRef) else None
    if not isinstance(callee, FunctionRef) or facts is None:
        return False
    declared = facts.functions[callee.index]
    name = declared.parameters[slot].name if slot < len(declared.parameters) else ""
    for use in evaluator.index(callee.path).names.get(name, ()) if name else ():
        called = len(use.around) > 1 and use.around[0].kind == "call" and use.around[0].callee is use.expr
        if not declared.start <= use.expr.start < declared.end or not called or use.around[1].kind != "await":
            continue
        handed = use.around[0].arguments
        if len(handed) > position and is_chunk(evaluator, callee.path, handed[position], use.root.scope, depth + 1):
            return True
    return False


def _is_chunks(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> bool:
    """Whether an expression is a list of slices: what a chunking function gives, or an array filled with slices."""
    facts = evaluator.facts(path)
    if facts is None or depth > _DEPTH:
        return False
    if expr.kind == "call":
        value = evaluator.value(path, expr.callee, scope)
        if isinstance(value, FunctionRef):
            return slices(evaluator, value)
        if isinstance(value, External):
            return "chunk" in (value.names or (value.specifier,))[-1].lower()
        return _is_divided_here(evaluator, path, expr, scope, depth)
    if expr.kind != "name":
        return False
    binding = facts.lookup(expr.text, scope)
    if binding is None or binding.value < 0 or binding.path:
        return False
    root = facts.roots[binding.value]
    if root.expr.kind == "array" and not root.expr.children:
        return any(_is_slice(a.value) for a in additions(evaluator, path, facts, binding))
    return _is_chunks(evaluator, path, root.expr, root.scope, depth + 1)


def _is_divided_here(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> bool:
    if expr.callee.kind != "member":
        return False
    method, receiver = expr.callee.text, expr.callee.children[0]
    if method in ("entries", "filter", "map", "values"):
        return _is_chunks(evaluator, path, receiver, scope, depth + 1)
    if method == "from" and len(expr.arguments) == 1:
        return _is_chunks(evaluator, path, expr.arguments[0], scope, depth + 1)
    inner = expr.arguments[-1] if expr.arguments and method == "from" else None
    if method == "reduce" and expr.arguments:
        inner = expr.arguments[0]
    if inner is None or inner.kind != "function":
        return False
    facts = evaluator.facts(path)
    function = facts.functions[inner.function] if facts is not None else None
    divided = method == "reduce" and function is not None and _divides_an_index(evaluator, path, function)
    return divided or _calls_slice(evaluator, path, inner)


def _divides_an_index(evaluator: Evaluator, path: str, function: Function) -> bool:
    """`reduce((all, x, i) => { const n = Math.floor(i / SIZE) … })`."""
    names = {name for parameter in function.parameters[2:3] for name in parameter.names}
    for name in names:
        for use in evaluator.index(path).names.get(name, ()):
            outer = use.around[0] if use.around else None
            if outer is not None and outer.kind == "binary" and outer.text in ("/", "%"):
                return True
    return False


def _calls_slice(evaluator: Evaluator, path: str, expr: Expr) -> bool:
    return any(_is_slice(u.expr) for u in evaluator.index(path).calls_within(expr.start, expr.end))


def _is_slice(expr: Expr) -> bool:
    return expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text in ("slice", "splice", "subarray")


def innermost_loop(facts: ModuleFacts, scope: int) -> int | None:
    """The innermost loop around a scope in the same function."""
    while scope >= 0 and facts.scopes[scope].kind not in ("function", "module"):
        if facts.scopes[scope].kind == "loop":
            return scope
        scope = facts.scopes[scope].parent
    return None
