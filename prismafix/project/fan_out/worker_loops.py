"""Hand-written pools: functions that take one piece of work after the other from a queue that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

_TAKING = frozenset(("shift", "pop", "next"))
_ITERATORS = frozenset(("entries", "values", "keys"))


def is_worker(evaluator: Evaluator, function: FunctionRef, depth: int = 0) -> bool:
    """Whether a function goes on taking work from a queue, a counter or an iterator that is declared outside of it; or
    only calls a function that does."""
    facts = evaluator.facts(function.path)
    if facts is None or depth > 2:
        return False
    declared = facts.functions[function.index]
    if _repeats(evaluator, function, facts, declared) and _takes(evaluator, function, facts, declared):
        return True
    if _iterates(evaluator, function, facts, declared):
        return True
    for use in evaluator.index(function.path).calls_within(declared.start, declared.end):
        if use.root.function == function.index and use.expr.kind == "call" and use.expr.callee.kind == "name":
            value = evaluator.value(function.path, use.expr.callee, use.root.scope)
            if isinstance(value, FunctionRef) and value != function and is_worker(evaluator, value, depth + 1):
                return True
    return False


def _repeats(evaluator: Evaluator, function: FunctionRef, facts: ModuleFacts, declared: Function) -> bool:
    """Whether a function holds a loop, or calls itself again."""
    if any(
        s.kind == "loop" and s.function == function.index and s.loop in ("while", "do", "for") for s in facts.scopes
    ):
        return True
    calls = evaluator.index(function.path).calls_within(declared.start, declared.end)
    return bool(declared.name) and any(u.expr.kind == "call" and u.expr.callee.text == declared.name for u in calls)


def _takes(evaluator: Evaluator, function: FunctionRef, facts: ModuleFacts, declared: Function) -> bool:
    """`queue.shift()`, `items[next++]`: of something from outside."""
    for root in facts.roots_of(function.index):
        for expr in root.expr.walk():
            taken: Expr | None = None
            if expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text in _TAKING:
                taken = expr.callee.children[0]
            elif expr.text == "update_expression" or (expr.kind == "assign" and expr.text == "+="):
                taken = expr.children[0]
            if taken is not None and _is_outside(facts, declared, taken, root.scope):
                return True
    return False


def _is_outside(facts: ModuleFacts, declared: Function, expr: Expr, scope: int) -> bool:
    while expr.kind == "member":
        expr = expr.children[0]
    if expr.kind == "this":
        return True
    binding = facts.lookup(expr.text, scope) if expr.kind == "name" else None
    return binding is not None and not declared.start <= binding.start < declared.end


def _iterates(evaluator: Evaluator, function: FunctionRef, facts: ModuleFacts, declared: Function) -> bool:
    """`for (const [i, id] of shared)`, where `shared` is an iterator: what one takes, the others do not get."""
    for region in facts.scopes:
        if region.kind != "loop" or region.loop != "of" or region.function != function.index or region.head < 0:
            continue
        head = facts.roots[region.head]
        binding = facts.lookup(head.expr.text, head.scope) if head.expr.kind == "name" else None
        if binding is None:
            continue
        given: Expr | None = None
        if binding.kind == "param" and binding.function == function.index and binding.position == 0:
            use = evaluator.index(function.path).functions.get(function.index)
            receiver = use.around[0].callee if use is not None and use.around and use.around[0].kind == "call" else None
            filled = receiver.children[0] if receiver is not None and receiver.kind == "member" else None
            if filled is not None and filled.kind == "call" and filled.callee.text == "fill" and filled.arguments:
                given = filled.arguments[0]
        elif binding.value >= 0 and not declared.start <= binding.start < declared.end:
            given = facts.roots[binding.value].expr
        if given is not None and _is_iterator(facts, given, head.scope):
            return True
    return False


def _is_iterator(facts: ModuleFacts, expr: Expr, scope: int) -> bool:
    if expr.kind == "name":
        binding = facts.lookup(expr.text, scope)
        return binding is not None and binding.value >= 0 and _is_iterator(facts, facts.roots[binding.value].expr, 0)
    if expr.kind != "call":
        return False
    callee = expr.callee
    return (callee.kind == "member" and callee.text in _ITERATORS and callee.children[0].text != "Object") or (
        callee.kind == "index" and callee.children[1].chain() == ("Symbol", "iterator")
    )
