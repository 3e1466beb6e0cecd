"""How far a function has come when it throws: what it has waited for by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts, Root

_MAYBE = frozenset(("binary", "ternary"))


def waited_before(facts: ModuleFacts, function: int, scope: int, start: int) -> int:
    """Where the last awaited call starts that a function has surely come by when it is at the byte `start` in `scope`;
    -1 if there is none. In a `catch` those of its `try` count: either they were waited for, or something before them
    failed, which is a `throw` of its own."""
    scopes = set(_around(facts, scope))
    last = -1
    for root in facts.roots_of(function):
        if root.end <= start and root.scope in scopes:
            last = max(last, *(expr.start for expr in _awaited(root)), -1)
    return last


def _around(facts: ModuleFacts, scope: int) -> Iterator[int]:
    """A scope and those around it in its function; with each `catch` the `try` before it."""
    function = facts.scopes[scope].function
    while scope >= 0 and facts.scopes[scope].function == function:
        yield scope
        here = facts.scopes[scope]
        if here.kind == "catch":
            tries = [n for n, s in enumerate(facts.scopes) if s.kind == "try" and s.parent == here.parent]
            tries = [n for n in tries if facts.scopes[n].end <= here.start][-1:]
            yield from tries
            yield from (n for n, s in enumerate(facts.scopes) if s.kind == "block" and s.parent in tries)
        scope = here.parent


def _awaited(root: Root) -> Iterator[Expr]:
    """The calls that a statement waits for whenever it runs."""
    pending = [root.expr]
    while pending:
        expr = pending.pop()
        if expr.kind == "await" and expr.children[0].kind in ("call", "tagged"):
            yield expr.children[0]
        pending += expr.children[:1] if expr.kind in _MAYBE else expr.children
