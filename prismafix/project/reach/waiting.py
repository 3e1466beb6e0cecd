"""Whether a function waits for a call that is written in it: only then does the call keep open what the function
keeps open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.index.syntax_index import Use

if TYPE_CHECKING:
    from prismafix.project.denote.evaluate import Evaluator

CHAINS = frozenset(("then", "catch", "finally"))
_COMBINATORS = frozenset(("all", "allSettled", "any", "race", "resolve"))
_PASSING = frozenset(("array", "spread", "ternary"))
_DEPTH = 8


def waits_for(evaluator: Evaluator, path: str, use: Use, function: int, depth: int = 0, *, runs: bool = False) -> bool:
    """Whether `function` (an index of the module) is not done before the promise of a call in it is.

    Followed are `await`, `return`, `Promise.all`, chains, variables that are awaited later, and callbacks of calls
    that are themselves waited for: `await Promise.all(items.map(async (item) => { await send(item) }))`. `runs`: the
    expression is a call that runs such a callback, and may go on: `await match(x).with("a", () => send(x)).run()`.
    """
    if depth > _DEPTH or not _settles(evaluator, path, use, depth, runs=runs):
        return False
    inner = use.root.function
    if inner == function:
        return True
    stands = evaluator.index(path).functions.get(inner)
    if stands is None or not stands.around or stands.around[0].kind not in ("call", "new"):
        return False
    call = stands.around[0]
    if call.callee.kind == "member" and call.callee.text == "forEach":
        return False  # it drops what its callback returns
    return waits_for(evaluator, path, Use(call, stands.root, stands.around[1:]), function, depth + 1, runs=True)


def drops(evaluator: Evaluator, path: str, use: Use) -> bool:
    """Whether a call is a statement of its own, or begins a chain that is one: nobody waits for its promise, or can.

    What is handed to something else, kept or compared is not known to be dropped; nor is a chain in a function that is
    not `async`, whose callbacks may settle another promise: `new Promise((done) => { load().then(done) })`."""
    child = use.expr
    for outer in use.around:
        chained = (outer.kind == "member" and outer.text in CHAINS) or (outer.kind == "call" and outer.callee is child)
        if not chained and not (outer.kind == "unary" and outer.text == "void"):
            return False
        child = outer
    if use.root.role != "statement" or use.root.awaited:
        return False
    facts = evaluator.facts(path)
    if not any(outer.kind == "call" for outer in use.around) or facts is None or use.root.function < 0:
        return True
    return facts.functions[use.root.function].is_async


def _settles(evaluator: Evaluator, path: str, use: Use, depth: int, *, runs: bool = False) -> bool:
    """Whether the function that an expression directly stands in waits for its promise, or returns it."""
    child = use.expr
    for outer in use.around:
        if outer.kind == "await":
            return True
        if outer.kind == "member":
            if outer.text not in CHAINS and not runs:
                return False
        elif outer.kind == "call":
            callee = outer.callee
            if callee is not child and callee.chain() not in {("Promise", name) for name in _COMBINATORS}:
                return False
        elif outer.kind == "binary":
            if outer.text not in ("??", "||", "&&", ","):
                return False
        elif outer.kind not in _PASSING:
            return False
        child = outer
    if use.root.role == "return":
        return True
    return use.root.role == "declarator" and _name_settles(evaluator, path, use, depth)


def _name_settles(evaluator: Evaluator, path: str, use: Use, depth: int) -> bool:
    """`const sent = send(); …; await sent`."""
    facts = evaluator.facts(path)
    if facts is None or depth > _DEPTH:
        return False
    for binding in facts.bindings:
        if binding.value >= 0 and facts.roots[binding.value] is use.root and not binding.path:
            for other in evaluator.index(path).names.get(binding.name, ()):
                same = other.root.function == use.root.function
                if (
                    same
                    and facts.lookup(binding.name, other.root.scope) is binding
                    and _settles(evaluator, path, other, depth + 1)
                ):
                    return True
    return False
