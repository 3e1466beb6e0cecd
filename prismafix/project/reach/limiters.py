"""What bounds concurrency from outside a list: limiters of packages, and those that a project writes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.fan_out.lists import origin
from prismafix.project.index.resolve import split_package

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

_PER_CALL = frozenset(("p-map", "p-all", "p-map-series", "p-each-series", "p-series", "tiny-async-pool", "async"))
"""Packages whose functions limit what one call of them does, and not several calls together."""
_PACKAGES = frozenset(
    (
        *("p-limit", "p-queue", "bottleneck", "p-throttle", "p-ratelimit", "promise-limit", "throat", "fastq"),
        *("async-sema", "async-mutex", "await-semaphore", "@supercharge/promise-pool"),
    )
)
_CONTINUING = frozenset(("then", "catch", "finally", "map", "filter"))
_COMPARING = frozenset(("<", "<=", ">", ">=", "===", "=="))
_TAKING = frozenset(("shift", "pop", "splice"))
_WAITING = frozenset(("acquire", "wait", "lock", "take", "enter"))
_LIMITS = {
    "p-queue": ("concurrency", "intervalCap"),
    "bottleneck": ("maxConcurrent", "minTime", "reservoir"),
}
"""Without one of these options, the limiter of the package does not limit anything (their documentation)."""


def is_limiter(value: object) -> bool:
    """Whether a value is a function of a package that bounds concurrency: `pMap`, what `pLimit(5)` gives, `queue.add`.
    What such a function gave in turn is not."""
    if not isinstance(value, External):
        return False
    package = split_package(value.specifier)[0]
    if package == "async":
        return bool(value.names) and value.names[-1].endswith(("Limit", "Series"))
    if (package not in _PACKAGES and package not in _PER_CALL) or (value.names and value.names[-1] in _CONTINUING):
        return False
    return "()" not in value.names if package in _PER_CALL else value.names.count("()") <= 1


def is_own_limiter(evaluator: Evaluator, value: object) -> bool:
    """Whether a value is a function that lets what it is handed wait for its turn: one that a project's own `pLimit`
    gave, a method of its semaphore or queue, or a function of a module that keeps such a list. It calls its parameter
    or puts it into a list, and around it a counter is compared and something is taken out of the list."""
    if not isinstance(value, FunctionRef):
        return False
    facts = evaluator.facts(value.path)
    if facts is None:
        return False
    function = facts.functions[value.index]
    if function.parent >= 0:
        outer = facts.functions[function.parent]
        around = (outer.start, outer.end)
    elif function.owner >= 0:
        around = (facts.classes[function.owner].start, facts.classes[function.owner].end)
    else:
        around = (0, facts.size)
    if not _uses_parameter(evaluator, facts, value):
        return False
    pushes = _calls_of(evaluator, facts, value, ("push",), around)
    waits = [use for use in pushes if function.parent >= 0 or _is_kept(facts, use.expr.children[0], use.root.scope)]
    if not waits or not _compares(facts, around):
        return False
    return function.parent >= 0 or bool(_calls_of(evaluator, facts, value, tuple(_TAKING), around))


def _calls_of(
    evaluator: Evaluator, facts: ModuleFacts, function: FunctionRef, methods: tuple[str, ...], around: tuple[int, int]
) -> list[Use]:
    return [
        use
        for method in methods
        for use in evaluator.index(function.path).members.get(method, ())
        if around[0] <= use.expr.start < around[1] and use.around and use.around[0].kind == "call"
    ]


def _is_kept(facts: ModuleFacts, receiver: Expr, scope: int) -> bool:
    """Whether a list outlives a call: a field, or a variable of the module."""
    if receiver.kind == "member":
        return receiver.children[0].kind == "this"
    binding = facts.lookup(receiver.text, scope) if receiver.kind == "name" else None
    return binding is not None and facts.scopes[binding.scope].kind == "module"


def _compares(facts: ModuleFacts, around: tuple[int, int]) -> bool:
    return any(
        expr.kind == "binary" and expr.text in _COMPARING and around[0] <= expr.start < around[1]
        for root in facts.roots
        if around[0] <= root.expr.start < around[1]
        for expr in root.expr.walk()
    )


def _uses_parameter(evaluator: Evaluator, facts: ModuleFacts, function: FunctionRef) -> bool:
    """Whether a function, or one in it, calls one of its parameters, or puts it into a list: alone, or in an object."""
    declared = facts.functions[function.index]
    names = {name for parameter in declared.parameters for name in parameter.names}
    for use in evaluator.index(function.path).calls_within(declared.start, declared.end):
        if use.expr.kind != "call":
            continue
        callee = use.expr.callee
        if callee.kind == "name" and callee.text in names:
            return True
        pushed = use.expr.arguments if callee.kind == "member" and callee.text == "push" else ()
        if any(e.kind == "name" and e.text in names for argument in pushed for e in argument.walk()):
            return True
    return False


def wrapped_by_limiter(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> bool:
    """Whether a name holds what a limiter made of a function: `const load = limiter.wrap(loadNow)`."""
    return _wrapper(evaluator, path, expr, scope) is not None


def _wrapper(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> tuple[str, int] | None:
    """The module and offset where a limiter wraps the function that a name holds."""
    found = origin(evaluator, path, expr.text, scope) if expr.kind == "name" else None
    if found is None or found[2].kind != "const" or found[2].value < 0 or found[2].path:
        return None
    root = found[1].roots[found[2].value]
    if root.expr.kind != "call" or not any(a.kind in ("function", "name", "member") for a in root.expr.arguments):
        return None
    value = evaluator.value(found[0], root.expr.callee, root.scope)
    wraps = isinstance(value, External) and (value.names[-1:] == ("wrap",) or value.specifier == "p-throttle")
    return (found[0], found[2].start) if wraps and is_limiter(value) else None


def limits(evaluator: Evaluator, path: str, use: Use, span: tuple[int, int]) -> bool:
    """Whether a call stands in a function that a limiter runs, `limit(() => …)`, or behind `await semaphore.acquire()`,
    and that limiter is one for all calls of the code between the two bytes of `span`: it is made outside of it."""
    index, facts = evaluator.index(path), evaluator.facts(path)
    if facts is None:
        return False
    wrapped = _wrapper(evaluator, path, use.expr.callee, use.root.scope) if use.expr.kind == "call" else None
    if wrapped is not None and not (wrapped[0] == path and span[0] <= wrapped[1] < span[1]):
        return True
    function = use.root.function
    while function >= 0:
        declared = facts.functions[function]
        if span[0] <= declared.start and _waits_before(evaluator, path, facts, use, function, span):
            return True
        outer = index.functions.get(function)
        if outer is not None and outer.around and outer.around[0].kind == "call":
            call = outer.around[0]
            value = evaluator.value(path, call.callee, outer.root.scope)
            if is_shared_limiter(evaluator, path, call, outer.root.scope, value, span):
                return True
        function = declared.parent
    return False


def is_shared_limiter(
    evaluator: Evaluator, path: str, call: Expr, scope: int, value: object, span: tuple[int, int]
) -> bool:
    """Whether a call of `value` is one of a limiter that is made outside of a span."""
    facts = evaluator.facts(path)
    if facts is None or not (is_limiter(value) or is_own_limiter(evaluator, value)):
        return False
    return not _made_inside(evaluator, path, facts, call, scope, value, span)


def _waits_before(
    evaluator: Evaluator, path: str, facts: ModuleFacts, use: Use, function: int, span: tuple[int, int]
) -> bool:
    """Whether a function waits for a semaphore before a call in it: `await semaphore.acquire()`."""
    declared = facts.functions[function]
    for earlier in evaluator.index(path).calls_within(declared.start, use.expr.start):
        if earlier.root.function != function or earlier.expr.kind != "call" or not earlier.around:
            continue
        if earlier.around[0].kind != "await" or earlier.expr.callee.kind != "member":
            continue
        value = evaluator.value(path, earlier.expr.callee, earlier.root.scope)
        package = isinstance(value, External) and is_limiter(value) and earlier.expr.callee.text in _WAITING
        own = isinstance(value, FunctionRef) and _queues_up(evaluator, value)
        if (package or own) and not _made_inside(evaluator, path, facts, earlier.expr, earlier.root.scope, value, span):
            return True
    return False


def _queues_up(evaluator: Evaluator, function: FunctionRef) -> bool:
    """Whether a function gives a promise whose `resolve` it puts into a list: `new Promise((go) => queue.push(go))`."""
    facts = evaluator.facts(function.path)
    if facts is None:
        return False
    declared = facts.functions[function.index]
    for use in evaluator.index(function.path).calls_within(declared.start, declared.end):
        if use.expr.kind != "call" or use.expr.callee.kind != "member" or use.expr.callee.text != "push":
            continue
        executor = evaluator.index(function.path).functions.get(use.root.function)
        if executor is None or not executor.around or executor.around[0].kind != "new":
            continue
        if executor.around[0].callee.text == "Promise" and use.root.function != function.index:
            return True
    return False


def _made_inside(
    evaluator: Evaluator, path: str, facts: ModuleFacts, call: Expr, scope: int, value: object, span: tuple[int, int]
) -> bool:
    """Whether the limiter of a call is made anew each time that the code of a span runs, `pMap(…)` or a `const limit =
    pLimit(5)` in it; or does not limit anything."""
    if isinstance(value, External) and split_package(value.specifier)[0] in _PER_CALL:
        return span[0] <= call.start < span[1]
    chain = call.callee.chain()
    if not chain:
        return span[0] <= call.start < span[1]
    if chain[0] == "this":
        return False
    found = origin(evaluator, path, chain[0], scope)
    if found is not None and isinstance(value, External) and _is_open(found, value):
        return True
    binding = facts.lookup(chain[0], scope)
    return binding is not None and binding.kind != "import" and span[0] <= binding.start < span[1]


def _is_open(found: tuple[str, ModuleFacts, Binding], value: External) -> bool:
    """`new PQueue()`: as many at once as there are, unless its options say otherwise."""
    wanted = _LIMITS.get(split_package(value.specifier)[0])
    if wanted is None or found[2].value < 0:
        return False
    expr = found[1].roots[found[2].value].expr
    if expr.kind != "new":
        return False
    options = expr.arguments[0] if expr.arguments else None
    if options is None:
        return True
    written = options.kind == "object" and not any(child.kind == "spread" for child in options.children)
    return written and not any(options.property_value(name) is not None for name in wanted)
