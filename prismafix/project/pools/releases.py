"""Is something that a function takes given back on every way out of it? For connections of a pool, and for clients.

What is known of a function are its regions and the expressions in them, in order; `break` and `continue` are not.
Where that could matter, the answer is "unknown". So it is for whatever leaves the function: returned, stored, captured
by a function that gives it back, or passed to code that is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import Binding, Expr, Function, ModuleFacts, Root
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

Way = Literal["dropped", "never", "return", "throw", "end", "rejection"]
_ORDER: tuple[Way, ...] = ("return", "throw", "end", "rejection")
_COMPARISONS = frozenset(("===", "!==", "==", "!="))
_FOR_GOOD = re.compile(r"^\s*LISTEN\b|\bpg_(?:try_)?advisory_lock\b", re.IGNORECASE)
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Leak:
    """A way on which something is not given back. `at` is the byte offset where that way leaves: the `return`, the
    `throw`, the `await` that may reject; the place where it was taken for `dropped` (nobody ever has it), `never`
    and `end`. `name` is the variable that holds it, "" for `dropped`."""

    way: Way
    at: int
    name: str


class _Unknown(Exception):
    """The ways of a function cannot be told apart."""


@dataclass(slots=True)
class _Ways:
    """What was met so far: (way, offset) of each exit with the thing still held; `thrown` are those that a `catch`
    around may still stop, `free` says that something may be thrown while nothing is held."""

    exits: list[tuple[Way, int]] = field(default_factory=list)
    thrown: list[tuple[Way, int]] = field(default_factory=list)
    free: bool = False


def leak_of(evaluator: Evaluator, path: str, use: Use, whole: Expr, releases: frozenset[str]) -> Leak | None:
    """The first way out on which what `whole` gives is not given back; None when there is none, or when it is not
    known. `use` is the call or construction, `whole` the same with its `await` and what is chained on it. `releases`
    are the methods that give it back."""
    facts = evaluator.facts(path)
    if facts is None:
        return None
    root = use.root
    if root.expr is whole and root.role == "statement":
        return Leak("dropped", use.expr.start, "")
    binding = _holder(facts, use, whole)
    if binding is None or root.function < 0 or facts.functions[root.function].is_generator:
        return None
    found = _Uses(evaluator, path, facts, binding, releases, whole).read()
    if found is None:
        return None
    if not found:
        return None if _kept_for_good(evaluator, path, facts, binding) else Leak("never", use.expr.start, binding.name)
    try:
        ways = _Walk(facts, facts.functions[root.function], root, binding, found).run()
    except _Unknown:
        return None
    ways.sort(key=lambda way: (_ORDER.index(way[0]), way[1]))
    return Leak(ways[0][0], ways[0][1], binding.name) if ways else None


def _holder(facts: ModuleFacts, use: Use, whole: Expr) -> Binding | None:
    """The local variable that is declared with it, or that it is assigned to in the function that declares it."""
    root = use.root
    if root.role == "declarator" and root.expr is whole:
        return next((b for b in facts.bindings if b.value >= 0 and facts.roots[b.value] is root and not b.path), None)
    assigned = root.expr
    if (
        assigned.kind == "assign"
        and assigned.text == "="
        and assigned.children[1] is whole
        and root.role == "statement"
    ):
        target = assigned.children[0]
        binding = facts.lookup(target.text, root.scope) if target.kind == "name" else None
        if binding is not None and binding.kind in ("let", "var"):
            return binding if facts.scopes[binding.scope].function == root.function else None
    return None


def _kept_for_good(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> bool:
    """A connection of its own on purpose: it listens for notifications, or holds a lock as long as the process
    lives."""
    for use in evaluator.index(path).names.get(binding.name, ()):
        if facts.lookup(binding.name, use.root.scope) is not binding or len(use.around) < 2:
            continue
        call = use.around[1]
        if call.kind == "call" and call.callee is use.around[0] and call.arguments:
            first = call.arguments[0]
            if use.around[0].text in ("on", "once", "addListener") and first.text == "notification":
                return True
            if first.kind in ("string", "template") and _FOR_GOOD.search(first.text):
                return True
    return False


class _Uses:
    """Reads all uses of the variable."""

    def __init__(
        self,
        evaluator: Evaluator,
        path: str,
        facts: ModuleFacts,
        binding: Binding,
        releases: frozenset[str],
        taken: Expr | None,
        depth: int = 0,
    ) -> None:
        self.evaluator = evaluator
        self.path = path
        self.facts = facts
        self.binding = binding
        self.releases = releases
        self.taken = taken
        self.depth = depth
        scope = facts.scopes[binding.scope]
        self.function = binding.function if binding.kind == "param" else scope.function

    def read(self) -> frozenset[int] | None:
        """The starts of the calls that give it back; None when it leaves the function, so that nothing is known."""
        found: set[int] = set()
        for use in self.evaluator.index(self.path).names.get(self.binding.name, ()):
            if self.facts.lookup(self.binding.name, use.root.scope) is not self.binding:
                continue
            release = self._release(use)
            if release is not None:
                if use.root.function != self.function:
                    return None
                found.add(release.start)
            elif not self._stays(use):
                return None
        return frozenset(found)

    def _release(self, use: Use) -> Expr | None:
        if len(use.around) < 2 or use.around[0].kind != "member" or use.around[0].text not in self.releases:
            return None
        call = use.around[1]
        return call if call.kind == "call" and call.callee is use.around[0] else None

    def _stays(self, use: Use) -> bool:
        """Whether a use leaves the thing with the function: a call of one of its methods, a test, a function of the
        project that does no more with it."""
        if not use.around:
            return use.root.role in ("condition", "statement")
        outer, inner = use.around[0], use.expr
        if outer.kind == "member":
            return outer.text not in self.releases
        if outer.kind == "assign" and outer.children[0] is inner:
            value = outer.children[1]
            return value is self.taken or value.kind == "literal" or value.text == "undefined"
        if outer.kind == "binary":
            return outer.text in _COMPARISONS or (outer.text == "&&" and outer.children[0] is inner)
        if outer.kind == "ternary":
            return outer.children[0] is inner
        if outer.kind == "unary":
            return outer.text in ("!", "typeof")
        return outer.kind == "call" and inner in outer.arguments and self._borrowed(use, outer)

    def _borrowed(self, use: Use, call: Expr) -> bool:
        """Whether a function of the project that it is passed to only uses it."""
        callee = self.evaluator.value(self.path, call.callee, use.root.scope)
        facts = self.evaluator.facts(callee.path) if isinstance(callee, FunctionRef) else None
        if not isinstance(callee, FunctionRef) or facts is None or self.depth >= _DEPTH:
            return False
        place = call.arguments.index(use.expr)
        if any(argument.kind == "spread" for argument in call.arguments[:place]):
            return False
        function = facts.functions[callee.index]
        declared = next(
            (b for b in facts.bindings if b.kind == "param" and b.function == callee.index and b.position == place),
            None,
        )
        if declared is None or declared.path or function.parameters[place].rest:
            return False
        inner = _Uses(self.evaluator, callee.path, facts, declared, self.releases, None, self.depth + 1).read()
        return inner is not None and not inner


class _Walk:
    """Walks the regions of a function in order. The states are whether the thing is held: one, the other, or both."""

    def __init__(
        self, facts: ModuleFacts, function: Function, taken: Root, binding: Binding, releases: frozenset[int]
    ) -> None:
        self.facts = facts
        self.function = function
        self.taken = taken
        self.binding = binding
        self.releases = releases
        self.ways = _Ways()
        self.items: dict[int, list[tuple[int, int, Root | int]]] = {}
        for root in facts.roots_of(function.index):
            self.items.setdefault(root.scope, []).append((root.start, 0, root))
        for index, scope in enumerate(facts.scopes):
            if scope.function == function.index and scope.kind not in ("function", "class"):
                self.items.setdefault(scope.parent, []).append((scope.start, 1, index))
        for inside in self.items.values():
            inside.sort(key=lambda item: item[:2])

    def run(self) -> list[tuple[Way, int]]:
        """The ways out with the thing still held."""
        left = self._scope(self.function.scope, frozenset((False,)))
        if True in left:
            self.ways.exits.append(("end", self.taken.start))
        return self.ways.exits + self.ways.thrown

    def _scope(self, scope: int, states: frozenset[bool]) -> frozenset[bool]:
        """The states behind a region; empty when no way leads behind it."""
        items = [item for _, _, item in self.items.get(scope, ())]
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            if not isinstance(item, int):
                states = self._root(item, states)
                continue
            kind = self.facts.scopes[item].kind
            if kind == "if":
                other = self._next(items, at, "else")
                at += other is not None
                states = self._branches(item, other, states)
            elif kind == "try":
                caught = self._next(items, at, "catch")
                at += caught is not None
                last = self._next(items, at, "finally")
                at += last is not None
                states = self._try(item, caught, last, states)
            elif kind in ("loop", "case"):
                states = self._maybe(item, states)
            else:
                states = self._scope(item, states)
        if scope == self.binding.scope and True in states and scope != self.function.scope:
            self.ways.exits.append(("end", self.taken.start))
            states -= {True}
        return states

    def _next(self, items: list[Root | int], at: int, kind: str) -> int | None:
        following = items[at] if at < len(items) else None
        return following if isinstance(following, int) and self.facts.scopes[following].kind == kind else None

    def _root(self, root: Root, states: frozenset[bool]) -> frozenset[bool]:
        if root is self.taken:
            self.ways.free = True
            return frozenset((True,)) if states else states
        released = any(part.kind == "call" and part.start in self.releases for part in root.expr.walk())
        if released and states:
            states = frozenset((False,))
        rejects = next((part for part in root.expr.walk() if part.kind == "await" and not _is_caught(part)), None)
        if rejects is not None and not released:
            self._throws("rejection", rejects.start, states)
        if root.role == "return":
            if True in states:
                self.ways.exits.append(("return", root.start))
            return frozenset()
        if root.role == "throw":
            self._throws("throw", root.start, states)
            return frozenset()
        if any(part.kind == "call" and part.callee.chain() == ("process", "exit") for part in root.expr.walk()):
            return frozenset()
        return states

    def _throws(self, way: Way, at: int, states: frozenset[bool]) -> None:
        if True in states:
            self.ways.thrown.append((way, at))
        self.ways.free = self.ways.free or False in states

    def _branches(self, then: int, other: int | None, states: frozenset[bool]) -> frozenset[bool]:
        held, free = states, states
        test = self._test(self.facts.scopes[then].head)
        if test is True:
            free = frozenset((False,)) if states else states
        elif test is False:
            held = frozenset((False,)) if states else states
        first = self._scope(then, held)
        second = self._scope(other, free) if other is not None else free
        both = first | second
        if len(both) == 2 and len(states) == 1:  # given back under a condition: whoever wrote that knows when
            return frozenset((False,))
        return both

    def _test(self, head: int) -> bool | None:
        """True for a condition that asks whether there is anything to give back, False for its opposite."""
        if head < 0:
            return None
        expr = self.facts.roots[head].expr
        positive = True
        while expr.kind == "unary" and expr.text == "!":
            positive, expr = not positive, expr.children[0]
        if expr.kind == "binary" and expr.text in _COMPARISONS and expr.children[1].text in ("null", "undefined"):
            positive = positive is (expr.text in ("!==", "!="))
            expr = expr.children[0]
        return positive if expr.kind == "name" and expr.text == self.binding.name else None

    def _maybe(self, scope: int, states: frozenset[bool]) -> frozenset[bool]:
        """A loop or a case of a `switch`: may be left in ways that are not seen."""
        region = self.facts.scopes[scope]
        inside = region.start <= self.taken.start < region.end
        if not inside and any(region.start <= start < region.end for start in self.releases):
            raise _Unknown
        return states | self._scope(scope, states)

    def _try(self, body: int, caught: int | None, last: int | None, states: frozenset[bool]) -> frozenset[bool]:
        outer, self.ways = self.ways, _Ways()
        after = self._scope(body, states)
        if caught is not None:
            thrown, free, self.ways.thrown, self.ways.free = self.ways.thrown, self.ways.free, [], False
            entry = frozenset((*((True,) if thrown else ()), *((False,) if free or not thrown else ())))
            after |= self._scope(caught, entry)
        inner, self.ways = self.ways, outer
        if last is not None and self._gives_back(last):
            outer.free = outer.free or inner.free or bool(inner.thrown)
            return frozenset((False,)) if after else after
        outer.exits += inner.exits
        outer.thrown += inner.thrown
        outer.free = outer.free or inner.free
        return self._scope(last, after) if last is not None else after

    def _gives_back(self, scope: int) -> bool:
        region = self.facts.scopes[scope]
        return any(region.start <= start < region.end for start in self.releases)


def _is_caught(awaited: Expr) -> bool:
    """`await f().catch(…)`: its rejection goes nowhere."""
    value = awaited.children[0] if awaited.children else awaited
    return value.kind == "call" and value.callee.kind == "member" and value.callee.text == "catch"
