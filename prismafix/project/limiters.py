"""What bounds concurrency from outside a list: limiters of packages, and those that a project writes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.values import External, FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import ModuleFacts
    from prismafix.project.evaluate import Evaluator
    from prismafix.project.syntax_index import Use

_PACKAGES = frozenset(
    (
        "p-limit",
        "p-map",
        "p-queue",
        "bottleneck",
        "p-throttle",
        "async-sema",
        "async-mutex",
        "@supercharge/promise-pool",
    )
)
_CONTINUING = frozenset(("then", "catch", "finally", "map", "filter"))
_COMPARING = frozenset(("<", "<=", ">", ">=", "===", "=="))


def is_limiter(value: object) -> bool:
    """Whether a value is a function of a package that bounds concurrency: `pMap`, what `pLimit(5)` gives, `queue.add`.
    What such a function gave in turn is not."""
    if not isinstance(value, External):
        return False
    if value.specifier == "async":
        return bool(value.names) and value.names[-1].endswith(("Limit", "Series"))
    if value.specifier not in _PACKAGES or (value.names and value.names[-1] in _CONTINUING):
        return False
    return "()" not in value.names if value.specifier == "p-map" else value.names.count("()") <= 1


def is_own_limiter(evaluator: Evaluator, value: object) -> bool:
    """Whether a value is a function that a project's own `pLimit` gave: it calls what it is handed, and it or the
    function around it compares a counter and lets the rest wait in a list."""
    if not isinstance(value, FunctionRef):
        return False
    facts = evaluator.facts(value.path)
    if facts is None:
        return False
    function = facts.functions[value.index]
    if function.parent < 0 or not _calls_parameter(evaluator, facts, value):
        return False
    around = facts.functions[function.parent]
    waits = any(
        around.start <= use.expr.start < around.end
        for use in evaluator.index(value.path).members.get("push", ())
        if use.around and use.around[0].kind == "call"
    )
    return waits and any(
        expr.kind == "binary" and expr.text in _COMPARING and around.start <= expr.start < around.end
        for root in facts.roots
        if around.start <= root.expr.start < around.end
        for expr in root.expr.walk()
    )


def _calls_parameter(evaluator: Evaluator, facts: ModuleFacts, function: FunctionRef) -> bool:
    """Whether a function, or one in it, calls one of its parameters."""
    declared = facts.functions[function.index]
    names = {name for parameter in declared.parameters for name in parameter.names}
    return any(
        use.expr.kind == "call" and use.expr.callee.kind == "name" and use.expr.callee.text in names
        for use in evaluator.index(function.path).calls_within(declared.start, declared.end)
    )


def limits(evaluator: Evaluator, path: str, use: Use, span: tuple[int, int]) -> bool:
    """Whether a call stands in a function that a limiter runs, `limit(() => …)`, and that limiter is one for all calls
    of the code between the two bytes of `span`: it is made outside of it."""
    index, facts = evaluator.index(path), evaluator.facts(path)
    function = use.root.function
    while facts is not None and function >= 0:
        outer = index.functions.get(function)
        if outer is not None and outer.around and outer.around[0].kind == "call":
            call = outer.around[0]
            value = evaluator.value(path, call.callee, outer.root.scope)
            if (is_limiter(value) or is_own_limiter(evaluator, value)) and not _made_inside(facts, outer, span):
                return True
        function = facts.functions[function].parent
    return False


def _made_inside(facts: ModuleFacts, outer: Use, span: tuple[int, int]) -> bool:
    """Whether the limiter of a call is made anew each time that the code of a span runs: `pMap(…)` in it, or a
    `const limit = pLimit(5)` in it."""
    call = outer.around[0]
    chain = call.callee.chain()
    binding = facts.lookup(chain[0], outer.root.scope) if chain else None
    if binding is None or binding.kind == "import":
        return span[0] <= call.start < span[1]
    return span[0] <= binding.start < span[1]
