"""`Promise.all` over a collection: what is run per item, over what, and whether that is bounded already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef, Global
from prismafix.project.fan_out.bounds import bound_of
from prismafix.project.fan_out.lists import Addition, Loop, additions, appended, field_additions, loop_between
from prismafix.project.fan_out.model import FanOut, PerItem
from prismafix.project.index.syntax_index import Use
from prismafix.project.reach.limiters import is_limiter, is_own_limiter, limits, wrapped_by_limiter
from prismafix.project.reach.model import Effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Binding, Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.reach.effects import EffectsOf
    from prismafix.project.reach.model import Note

COMBINATORS = frozenset(("all", "allSettled", "any", "race"))
_PASSING = frozenset(("filter", "flat", "reverse", "sort", "toSorted", "slice", "values"))
_MAPS = frozenset(("map", "flatMap"))
_COLLECTION_FIRST = frozenset(("lodash", "lodash-es", "underscore", "remeda"))
"""Packages whose `map` takes the collection, then the callback."""
_DEPTH = 6


@dataclass(slots=True)
class _Found:
    """What an argument of `Promise.all` stands for."""

    items: list[PerItem]
    elements: list[Expr]
    started: bool = False


class FanOuts:
    """Finds the fan-outs of modules."""

    def __init__(self, evaluator: Evaluator, effects: EffectsOf) -> None:
        self.evaluator = evaluator
        self.effects = effects

    def find(self, path: str) -> Iterator[FanOut]:
        """The fan-outs and literal tuples of a module, by start."""
        for use in self.evaluator.index(path).calls:
            callee = use.expr.callee
            if (
                use.expr.kind != "call"
                or callee.kind != "member"
                or callee.text not in COMBINATORS
                or not use.expr.arguments
            ):
                continue
            if self.evaluator.value(path, callee, use.root.scope) != Global(("Promise", callee.text)):
                continue
            found = self._list(path, use.expr.arguments[0], use.root.scope, True, 0)
            items = tuple(item for item in found.items if not item.thunk)
            if items or found.elements:
                yield FanOut(
                    path,
                    use,
                    callee.text,
                    items,
                    tuple(found.elements),
                    found.started,
                    any(self._is_apart(item, path, use) for item in items),
                    self._bounded(items, use),
                )

    def _bounded(self, items: Iterable[PerItem], awaited: Use) -> str:
        reasons = [bound_of(self.evaluator, item, awaited) for item in items]
        return reasons[0] if reasons and all(reasons) else ""

    def _is_apart(self, item: PerItem, path: str, awaited: Use) -> bool:
        facts = self.evaluator.facts(path)
        function = awaited.root.function
        if item.path != path or facts is None:
            return True
        mine = {f.index for f in self._around(item)}
        while function >= 0 and function not in mine:
            function = facts.functions[function].parent
        return function < 0 and awaited.root.function >= 0

    # -- what the work does

    def effects_of(self, item: PerItem) -> Effects:
        """What the work of one item does. `repeated` names the functions around it that it calls again."""
        found = Effects()
        if item.callback is not None:
            found = self.effects.of_function(item.callback)
            if item.called:  # what it calls its element for is known
                found = replace(found, unknown=tuple(n for n in found.unknown if not _asks_item(n, item.callback)))
        elif item.pushed is not None:
            before = tuple((e.start, e.end) for e in item.pushed.walk() if e.kind == "await")
            found = self.effects.of_span(item.path, item.pushed.start, item.pushed.end, before)
        for inner in item.called:
            found += self.effects_of(inner)
        again = tuple(f for f in self._around(item) if f in found.entered and f not in found.repeated)
        return replace(found, repeated=found.repeated + again) if again else found

    def _around(self, item: PerItem) -> Iterator[FunctionRef]:
        facts = self.evaluator.facts(item.path)
        function = facts.scopes[item.scope].function if facts is not None else -1
        while facts is not None and function >= 0:
            yield FunctionRef(item.path, function)
            function = facts.functions[function].parent

    def effects_of_elements(self, fan_out: FanOut) -> Iterator[Effects]:
        """What each element of a literal tuple does: the element itself, or what its variable was given."""
        facts = self.evaluator.facts(fan_out.path)
        for element in fan_out.elements:
            expr = element
            if element.kind == "name" and facts is not None:
                binding = facts.lookup(element.text, fan_out.use.root.scope)
                if binding is not None and binding.kind == "const" and binding.value >= 0 and not binding.path:
                    expr = facts.roots[binding.value].expr
            if expr.kind != "function":
                yield self.effects.of_span(fan_out.path, expr.start, expr.end)

    # -- lists of promises

    def _list(self, path: str, expr: Expr, scope: int, inline: bool, depth: int) -> _Found:
        """What a list of promises (or of functions that make some) is made of."""
        nothing = _Found([], [])
        if depth > _DEPTH:
            return nothing
        if expr.kind == "await" and expr.children:
            expr = expr.children[0]
        match expr.kind:
            case "call":
                return self._from_call(path, expr, scope, inline, depth)
            case "array":
                return self._from_array(path, expr, scope, depth)
            case "name":
                return _Found(self._from_name(path, expr, scope, depth), [])
            case "member":
                return _Found(self._from_field(path, expr, scope, depth), [])
            case "new" if expr.callee.text in ("Set", "Map") and expr.arguments:
                return self._list(path, expr.arguments[0], scope, False, depth + 1)
            case "ternary":
                return self._either(path, expr.children[1:], scope, depth)
            case "binary" if expr.text in ("??", "||"):
                return self._either(path, expr.children, scope, depth)
            case "binary" if expr.text == "&&":
                return self._either(path, expr.children[1:], scope, depth)
        return nothing

    def _either(self, path: str, options: Iterable[Expr], scope: int, depth: int) -> _Found:
        found = _Found([], [])
        for option in options:
            inner = self._list(path, option, scope, False, depth + 1)
            found = _Found(found.items + inner.items, [], found.started or inner.started)
        return found

    def _from_call(self, path: str, expr: Expr, scope: int, inline: bool, depth: int) -> _Found:
        callee, arguments = expr.callee, expr.arguments
        value = self.evaluator.value(path, callee, scope)
        if isinstance(value, FunctionRef):
            return self._returned(value, depth)
        if isinstance(value, External) and _takes_collection_first(value) and len(arguments) >= 2:
            return self._mapped(path, "map", expr, arguments[0], arguments[1], scope, inline, depth)
        if callee.kind != "member":
            return _Found([], [])
        receiver = callee.children[0]
        if callee.text in _MAPS and arguments:
            return self._mapped(path, callee.text, expr, receiver, arguments[0], scope, inline, depth)
        if callee.text == "from" and receiver.text == "Array" and arguments:
            if len(arguments) == 1:
                return self._list(path, arguments[0], scope, False, depth + 1)
            return self._mapped(path, "from", expr, arguments[0], arguments[1], scope, inline, depth)
        if receiver.text == "Object" and callee.text == "values" and arguments:
            return self._list(path, arguments[0], scope, False, depth + 1)
        if callee.text == "concat":
            return self._either(path, (receiver, *arguments), scope, depth)
        if callee.text == "reduce" and len(arguments) == 2:
            return _Found(list(self._reduced(path, receiver, arguments, scope, depth)), [])
        if callee.text == "then" and arguments and arguments[0].kind == "function":
            return self._returned(FunctionRef(path, arguments[0].function), depth)
        return self._list(path, receiver, scope, False, depth + 1) if callee.text in _PASSING else _Found([], [])

    def _returned(self, function: FunctionRef, depth: int) -> _Found:
        """The list that a function of the project gives."""
        facts = self.evaluator.facts(function.path)
        found = _Found([], [])
        for root in facts.roots_of(function.index) if facts is not None else ():
            if root.role == "return":
                inner = self._list(function.path, root.expr, root.scope, False, depth + 1)
                found = _Found(found.items + inner.items, [], found.started or inner.started)
        return found

    def _mapped(
        self, path: str, form: str, call: Expr, collection: Expr, callback: Expr, scope: int, inline: bool, depth: int
    ) -> _Found:
        """The work of a `map`, and what goes on in the elements that it maps: promises under way, or functions that
        the callback calls."""
        own = self._work(path, form, call, collection, callback, scope, inline)
        if own is None:
            return _Found([], [])
        before = self._list(path, collection, scope, False, depth + 1).items if depth < _DEPTH else []
        if not before:
            return _Found([own], [])
        thunks = tuple(item for item in before if item.thunk and self._reaches_query(item))
        if thunks and own.callback is not None and self._calls_item(own.callback):
            return _Found([replace(own, called=thunks)], [])
        if self._reaches_query(own):
            return _Found([own], [])
        started = [item for item in before if not item.thunk and self._reaches_query(item)]
        return _Found(started, [], True) if started else _Found([own], [])

    def _reaches_query(self, item: PerItem) -> bool:
        return bool(self.effects_of(item).queries)

    def _calls_item(self, callback: FunctionRef) -> bool:
        """Whether a callback calls the element that it is given, and no limiter stands in between."""
        facts = self.evaluator.facts(callback.path)
        declared = facts.functions[callback.index] if facts is not None else None
        if declared is None or not declared.parameters or not declared.parameters[0].name:
            return False
        name, span = declared.parameters[0].name, (declared.start, declared.end)
        return any(
            use.expr.callee.kind == "name"
            and use.expr.callee.text == name
            and not limits(self.evaluator, callback.path, use, span)
            for use in self.evaluator.index(callback.path).calls_within(*span)
        )

    def _work(
        self, path: str, form: str, call: Expr, collection: Expr, callback: Expr, scope: int, inline: bool
    ) -> PerItem | None:
        """The work of a `map` call; a callback wrapped by unknown calls is looked into. None for one that a limiter
        runs."""
        target = callback
        if wrapped_by_limiter(self.evaluator, path, target, scope):
            return None
        value = None
        while target.kind == "call":
            called = self.evaluator.value(path, target.callee, scope)
            if is_limiter(called) or is_own_limiter(self.evaluator, called):
                return None
            if target.callee.kind == "member" and target.callee.text == "bind":
                target = target.callee.children[0]  # `this.load.bind(this)`
                continue
            value = self.evaluator.value(path, target, scope)  # `loadWith(context)`
            inner = next((a for a in target.arguments if a.kind in ("function", "name", "member")), None)
            if isinstance(value, FunctionRef) or inner is None:
                break
            target = inner
        value = value if isinstance(value, FunctionRef) else self.evaluator.value(path, target, scope)
        if not isinstance(value, FunctionRef):
            return None
        return PerItem(form, path, call, collection, value, None, scope, inline, thunk=self._gives_function(value))

    def _gives_function(self, function: FunctionRef) -> bool:
        facts = self.evaluator.facts(function.path)
        returns = [r for r in facts.roots_of(function.index) if r.role == "return"] if facts is not None else []
        return bool(returns) and all(root.expr.kind == "function" for root in returns)

    def _from_array(self, path: str, expr: Expr, scope: int, depth: int) -> _Found:
        found = _Found([], [])
        for child in expr.children:
            spread = child.kind == "spread" and bool(child.children)
            # a map that somebody forgot to spread runs all the same, and nobody waits for it
            mapped = child.kind == "call" and child.callee.kind == "member" and child.callee.text == "map"
            if spread or mapped:
                inner = self._list(path, child.children[0] if spread else child, scope, False, depth + 1)
                found.items += inner.items
                found.started = found.started or inner.started
            elif child.kind != "spread":
                found.elements.append(child)
        return found

    # -- lists that are filled

    def _from_name(self, path: str, expr: Expr, scope: int, depth: int) -> list[PerItem]:
        facts = self.evaluator.facts(path)
        binding = facts.lookup(expr.text, scope) if facts is not None else None
        if facts is None or binding is None or binding.kind not in ("const", "let", "var") or binding.path:
            return []
        items: list[PerItem] = []
        if binding.value >= 0:
            root = facts.roots[binding.value]
            items += self._list(path, root.expr, root.scope, False, depth + 1).items
        if depth == 0 or binding.value < 0 or binding.kind != "const":
            items += self._assigned(path, facts, binding, depth)
        added = additions(self.evaluator, path, facts, binding)
        items += self._filled(path, facts, added, binding.scope, None, depth, facts.scopes[scope].function)
        return [replace(item, inline=False) for item in items]

    def _assigned(self, path: str, facts: ModuleFacts, binding: Binding, depth: int) -> Iterator[PerItem]:
        """`let list; list = ids.map(load)`."""
        for use in self.evaluator.index(path).assignments.get(binding.name, ()):
            target, value = use.expr.children
            if target.kind != "name" or value.kind != "call":
                continue
            appends = any(e.kind == "name" and e.text == binding.name for e in value.walk())
            if not appends and facts.lookup(target.text, use.root.scope) is binding:
                yield from self._list(path, value, use.root.scope, False, depth + 1).items

    def _from_field(self, path: str, expr: Expr, scope: int, depth: int) -> list[PerItem]:
        """`this.tasks`: what it begins with, and what any method adds."""
        facts = self.evaluator.facts(path)
        owner = self.evaluator.owner_of(facts, expr.start) if facts is not None else None
        if facts is None or owner is None or expr.children[0].kind != "this":
            return []
        found = self._filled(
            path, facts, field_additions(self.evaluator, path, expr.text, owner.index), owner.scope, None, depth
        )
        function = facts.scopes[scope].function
        return [item for item in found if item.collection is not None or facts.scopes[item.scope].function != function]

    def _reduced(
        self, path: str, receiver: Expr, arguments: tuple[Expr, ...], scope: int, depth: int
    ) -> Iterable[PerItem]:
        """`xs.reduce((all, x) => { all.push(load(x)); return all; }, [])`, or `[...all, load(x)]`."""
        facts = self.evaluator.facts(path)
        if facts is None or arguments[0].kind != "function":
            return []
        function = facts.functions[arguments[0].function]
        name = function.parameters[0].name if function.parameters else ""
        binding = facts.lookup(name, function.scope) if name else None
        if binding is None:
            return []
        found = list(additions(self.evaluator, path, facts, binding))
        for root in facts.roots_of(function.index):
            if root.role == "return":
                found += appended(Use(root.expr, root, ()), root.expr, name)
        return self._filled(path, facts, found, scope, Loop(receiver, function.scope), depth)

    def _filled(
        self,
        path: str,
        facts: ModuleFacts,
        added: Iterable[Addition],
        outer: int,
        loop: Loop | None,
        depth: int,
        within: int = -1,
    ) -> list[PerItem]:
        """What is put into a list again and again: by a loop, or (`loop`) by a callback. `outer` is the scope of the
        list, `within` the function that waits for it."""
        found: list[PerItem] = []
        for addition in added:
            scope = addition.use.root.scope
            if addition.spread:  # `list.push(...items.map(fn))`
                found += self._list(path, addition.value, scope, False, max(depth, 1) + 1).items
                continue
            inside = facts.scopes[scope].function
            # filled and waited for by one function: how often that is called does not matter
            apart = inside >= 0 and inside == within and facts.scopes[outer].function != inside
            limit = facts.functions[inside].scope if apart else outer
            repeated = loop or loop_between(self.evaluator, path, facts, scope, limit)
            target = addition.value
            if repeated is None:
                continue
            if target.kind == "name":
                inner = facts.lookup(target.text, scope)
                if inner is not None and inner.value >= 0 and not inner.path:
                    target = facts.roots[inner.value].expr
            if target.kind == "await" or (target.kind == "new" and target.callee.text != "Promise"):
                continue  # it is waited for before it is added, or no promise
            found.append(
                PerItem(
                    "pushed",
                    path,
                    addition.call,
                    repeated.collection,
                    None,
                    target,
                    scope,
                    False,
                    repeated.times,
                    target.kind == "function",
                )
            )
        return found


def _asks_item(note: Note, callback: FunctionRef) -> bool:
    """Whether a call that is not known is one of the callback's first parameter."""
    asked = note.asked
    return asked is not None and (asked.path, asked.function, asked.position) == (callback.path, callback.index, 0)


def _takes_collection_first(value: External) -> bool:
    """Whether a value is the `map` of lodash or its like: `map(collection, callback)`."""
    package, _, subpath = value.specifier.partition("/")
    return package in _COLLECTION_FIRST and (value.names[-1:] or (subpath,))[0] in _MAPS
