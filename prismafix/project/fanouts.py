"""`Promise.all` over a collection: what is run per item, over what, and whether that is bounded already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.project.effects import Effects, EffectsOf
from prismafix.project.limiters import is_limiter, is_own_limiter
from prismafix.project.values import External, FunctionRef, Global

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Binding, Expr, ModuleFacts
    from prismafix.project.evaluate import Evaluator
    from prismafix.project.syntax_index import Use

COMBINATORS = frozenset(("all", "allSettled", "any", "race"))
SMALL = 5
"""Constant collections of at most so many elements are left alone (RULES.md)."""
_PASSING = frozenset(("filter", "concat", "flat", "reverse", "sort", "toSorted", "slice"))


@dataclass(frozen=True, slots=True)
class PerItem:
    """What runs for each item: a function (`callback`), or, for an array filled by a loop, the pushed expression.

    `form`: map, flatMap, from, pushed. `inline` when the form stands in the argument of `Promise.all` itself.
    `collection` is what is iterated."""

    form: str
    path: str
    call: Expr
    collection: Expr | None
    callback: FunctionRef | None
    pushed: Expr | None
    scope: int
    inline: bool


@dataclass(frozen=True, slots=True)
class FanOut:
    """One `Promise.<combinator>(…)`. `items`: the per-item works found in its argument; `elements`: those of a
    literal tuple.
    `bounded` says in words why it is bounded already; "" when it is not."""

    path: str
    use: Use
    combinator: str
    items: tuple[PerItem, ...]
    elements: tuple[Expr, ...]
    bounded: str = ""

    @property
    def call(self) -> Expr:
        """The `Promise.…(…)` expression."""
        return self.use.expr


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
            items, elements = self._argument(path, use.expr.arguments[0], use.root.scope, True, 0)
            if items or elements:
                found = FanOut(path, use, callee.text, tuple(items), tuple(elements))
                yield replace(found, bounded=self._bounded(found))

    def effects_of(self, item: PerItem) -> Effects:
        """What the work of one item does."""
        if item.callback is not None:
            return self.effects.of_function(item.callback)
        if item.pushed is not None:
            return self.effects.of_span(item.path, item.pushed.start, item.pushed.end, self.effects.depth)
        return Effects()

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
                yield self.effects.of_span(fan_out.path, expr.start, expr.end, self.effects.depth)

    def _argument(
        self, path: str, expr: Expr, scope: int, inline: bool, depth: int
    ) -> tuple[list[PerItem], list[Expr]]:
        """The works and, for a literal, the elements that an argument of `Promise.all` stands for."""
        if depth > 6:
            return [], []
        if expr.kind == "await" and expr.children:
            expr = expr.children[0]
        if expr.kind == "call":
            return self._from_call(path, expr, scope, inline, depth)
        if expr.kind == "array":
            return self._from_array(path, expr, scope, depth)
        if expr.kind == "name":
            return self._from_name(path, expr, scope, depth)
        if expr.kind == "ternary":
            first = self._argument(path, expr.children[1], scope, False, depth + 1)
            second = self._argument(path, expr.children[2], scope, False, depth + 1)
            return first[0] + second[0], []
        if expr.kind == "binary" and expr.text in ("??", "||"):
            return self._argument(path, expr.children[0], scope, False, depth + 1)[0], []
        return [], []

    def _from_call(
        self, path: str, expr: Expr, scope: int, inline: bool, depth: int
    ) -> tuple[list[PerItem], list[Expr]]:
        callee = expr.callee
        if callee.kind != "member":
            return [], []
        receiver = callee.children[0]
        if callee.text in ("map", "flatMap") and expr.arguments:
            return self._work(path, callee.text, expr, receiver, expr.arguments[0], scope, inline), []
        if callee.text == "from" and receiver.text == "Array" and len(expr.arguments) >= 2:
            return self._work(path, "from", expr, expr.arguments[0], expr.arguments[1], scope, inline), []
        if callee.text in _PASSING:
            return self._argument(path, receiver, scope, False, depth + 1)[0], []
        return [], []

    def _work(
        self, path: str, form: str, call: Expr, collection: Expr, callback: Expr, scope: int, inline: bool
    ) -> list[PerItem]:
        """The work of a `map` call; a callback wrapped by `limit`-like or unknown calls is looked into."""
        target = callback
        while target.kind == "call" and target.arguments:
            called = self.evaluator.value(path, target.callee, scope)
            if is_limiter(called) or is_own_limiter(self.evaluator, called):
                return []
            inner = next((a for a in target.arguments if a.kind in ("function", "name", "member")), None)
            if inner is None:
                break
            target = inner
        value = self.evaluator.value(path, target, scope)
        if not isinstance(value, FunctionRef):
            return []
        return [PerItem(form, path, call, collection, value, None, scope, inline)]

    def _from_array(self, path: str, expr: Expr, scope: int, depth: int) -> tuple[list[PerItem], list[Expr]]:
        items: list[PerItem] = []
        plain: list[Expr] = []
        for child in expr.children:
            if child.kind == "spread" and child.children:
                items += self._argument(path, child.children[0], scope, False, depth + 1)[0]
            elif child.kind == "call" and child.callee.kind == "member" and child.callee.text == "map":
                # a map that somebody forgot to spread runs all the same, and nobody waits for it
                items += self._argument(path, child, scope, False, depth + 1)[0]
            else:
                plain.append(child)
        return items, plain

    def _from_name(self, path: str, expr: Expr, scope: int, depth: int) -> tuple[list[PerItem], list[Expr]]:
        facts = self.evaluator.facts(path)
        binding = facts.lookup(expr.text, scope) if facts is not None else None
        if facts is None or binding is None or binding.kind not in ("const", "let", "var") or binding.path:
            return [], []
        items: list[PerItem] = []
        if binding.value >= 0:
            root = facts.roots[binding.value]
            found, _ = self._argument(path, root.expr, root.scope, False, depth + 1)
            items += [replace(item, inline=False) for item in found]
        items += self._pushed(path, facts, binding)
        return items, []

    def _pushed(self, path: str, facts: ModuleFacts, binding: Binding) -> Iterator[PerItem] | list[PerItem]:
        """`for (…) list.push(work(item))`: the pushed expressions, each with the loop's collection."""
        found: list[PerItem] = []
        for use in self.evaluator.index(path).members.get("push", ()):
            receiver = use.expr.children[0]
            if receiver.kind != "name" or facts.lookup(receiver.text, use.root.scope) is not binding:
                continue
            if not use.around or use.around[0].kind != "call" or use.around[0].callee is not use.expr:
                continue
            loop = self._loop_between(facts, use.root.scope, binding.scope)
            for argument in use.around[0].arguments:
                if argument.kind == "spread" and argument.children:  # `list.push(...items.map(fn))`
                    found += self._argument(path, argument.children[0], use.root.scope, False, 1)[0]
                    continue
                if loop is None:
                    continue
                target = argument
                if argument.kind == "name":
                    inner = facts.lookup(argument.text, use.root.scope)
                    if inner is not None and inner.value >= 0 and not inner.path:
                        target = facts.roots[inner.value].expr
                if target.kind == "function":
                    continue
                found.append(PerItem("pushed", path, use.around[0], loop[0], None, target, use.root.scope, False))
        return found

    def _loop_between(self, facts: ModuleFacts, scope: int, outer: int) -> tuple[Expr | None] | None:
        """The loop (or `forEach`) between a scope and the scope that declares the list; its collection where it has
        one."""
        while scope >= 0 and scope != outer:
            region = facts.scopes[scope]
            if region.kind == "loop":
                head = facts.roots[region.head].expr if region.head >= 0 else None
                return (head if region.loop in ("of", "in") else None,)
            if region.kind == "function":
                return (None,)
            scope = region.parent
        return None

    # -- what is bounded already
    # -----------------------------------------------------------------------------------------

    def _bounded(self, fan_out: FanOut) -> str:
        reasons = [self._item_bound(item, fan_out) for item in fan_out.items]
        return reasons[0] if reasons and all(reasons) else ""

    def _item_bound(self, item: PerItem, fan_out: FanOut) -> str:
        if item.collection is None:
            return ""
        if item.form == "from" and item.collection.kind == "object" and self._limited_length(item.collection):
            return "it starts a limited number of workers"
        size = self.constant_size(item.path, item.collection, item.scope)
        if size is not None and size <= SMALL:
            return f"the collection has {size} elements"
        if self._is_chunk(item.path, item.collection, item.scope, 0):
            return "it works on one slice at a time"
        return ""

    @staticmethod
    def _limited_length(collection: Expr) -> bool:
        """`Array.from({ length: Math.min(limit, jobs.length) }, worker)`: a pool of workers."""
        length = collection.property_value("length")
        return length is not None and length.kind == "call" and length.callee.chain() == ("Math", "min")

    def constant_size(self, path: str, expr: Expr, scope: int, depth: int = 0) -> int | None:
        """The greatest number of elements of a collection that is written out as a literal; None when it is not."""
        if depth > 6:
            return None
        if expr.kind == "array":
            total = 0
            for child in expr.children:
                if child.kind == "spread":
                    inner = self.constant_size(path, child.children[0], scope, depth + 1)
                    if inner is None:
                        return None
                    total += inner
                else:
                    total += 1
            return total
        if expr.kind == "object":
            if expr.children and all(c.kind == "property" and c.text == "length" for c in expr.children):
                return _number(expr.children[0].children[0])
            return None if any(c.kind == "spread" for c in expr.children) else len(expr.children)
        if expr.kind == "name":
            return self._constant_name(path, expr, scope, depth)
        if expr.kind == "call" and expr.callee.kind == "member":
            receiver = expr.callee.children[0]
            if expr.callee.text in ("keys", "values", "entries") and receiver.text == "Object" and expr.arguments:
                return self.constant_size(path, expr.arguments[0], scope, depth + 1)
            if expr.callee.text == "slice" and len(expr.arguments) == 2 and expr.arguments[0].text == "0":
                limit = _number(expr.arguments[1])
                if limit is not None:
                    return limit
            if expr.callee.text in ("filter", "map", "slice", "reverse", "sort", "toSorted", "toReversed"):
                return self.constant_size(path, receiver, scope, depth + 1)
            if expr.callee.text == "findMany" and expr.arguments and expr.arguments[0].kind == "object":
                take = expr.arguments[0].property_value("take")
                return _number(take) if take is not None else None
        if expr.kind == "await" and expr.children:
            return self.constant_size(path, expr.children[0], scope, depth + 1)
        if expr.kind == "member":
            return None
        return None

    def constant_number(self, path: str, expr: Expr, scope: int) -> int | None:
        """A whole number, written out or behind a constant; None for anything else."""
        if expr.kind == "name":
            origin = self.origin(path, expr.text, scope)
            if origin is None or origin[2].kind != "const" or origin[2].value < 0 or origin[2].path:
                return None
            expr = origin[1].roots[origin[2].value].expr
        return _number(expr)

    def _constant_name(self, path: str, expr: Expr, scope: int, depth: int) -> int | None:
        origin = self.origin(path, expr.text, scope)
        if origin is None:
            return None
        where, facts, binding = origin
        if binding.kind != "const" or binding.value < 0 or binding.path:
            return None
        root = facts.roots[binding.value]
        if root.expr.kind == "array" and self._grows(where, facts, binding):
            return None
        return self.constant_size(where, root.expr, root.scope, depth + 1)

    def _grows(self, path: str, facts: ModuleFacts, binding: Binding) -> bool:
        """Whether something is pushed to an array."""
        for name in ("push", "unshift", "splice", "concat"):
            for use in self.evaluator.index(path).members.get(name, ()):
                receiver = use.expr.children[0]
                if receiver.kind == "name" and facts.lookup(receiver.text, use.root.scope) is binding:
                    return True
        return False

    def origin(self, path: str, name: str, scope: int, depth: int = 0) -> tuple[str, ModuleFacts, Binding] | None:
        """The declaration behind a name, through imports."""
        from prismafix.project.resolve import ModuleTarget

        facts = self.evaluator.facts(path)
        binding = facts.lookup(name, scope) if facts is not None else None
        if facts is None or binding is None or depth > 5:
            return None
        if binding.kind != "import":
            return path, facts, binding
        item = facts.imports[binding.target]
        target = self.evaluator.resolver.resolve(path, item.specifier)
        if not isinstance(target, ModuleTarget):
            return None
        return self._exported_origin(target.path, item.imported, depth + 1)

    def _exported_origin(self, path: str, name: str, depth: int) -> tuple[str, ModuleFacts, Binding] | None:
        from prismafix.project.resolve import ModuleTarget

        facts = self.evaluator.facts(path)
        if facts is None or depth > 6:
            return None
        for export in facts.exports:
            if export.name == name and export.local:
                return self.origin(path, export.local, 0, depth + 1)
            if export.specifier and export.name in (name, "*"):
                target = self.evaluator.resolver.resolve(path, export.specifier)
                if isinstance(target, ModuleTarget):
                    found = self._exported_origin(
                        target.path, export.imported if export.name == name else name, depth + 1
                    )
                    if found is not None:
                        return found
        return None

    def _is_chunk(self, path: str, expr: Expr, scope: int, depth: int) -> bool:
        """Whether a collection is one slice of a bigger one."""
        facts = self.evaluator.facts(path)
        if facts is None or depth > 5:
            return False
        if expr.kind == "await" and expr.children:
            expr = expr.children[0]
        if expr.kind == "call" and expr.callee.kind == "member":
            method, arguments = expr.callee.text, expr.arguments
            if method in ("slice", "subarray") and len(arguments) == 2 and self._in_loop(facts, scope):
                return arguments[0].kind != "number"
            if method == "splice" and len(arguments) == 2 and self._in_loop(facts, scope):
                return True
            if method in ("filter", "map", "entries", "flatMap"):
                return self._is_chunk(path, expr.callee.children[0], scope, depth + 1)
            return False
        if expr.kind == "index":
            return self._is_chunks(path, expr.children[0], scope, depth + 1)
        if expr.kind != "name":
            return False
        binding = facts.lookup(expr.text, scope)
        if binding is None:
            return False
        if binding.kind == "param" and not binding.path:
            return self._parameter_is_chunk(path, facts, binding, depth)
        if binding.value < 0:
            return False
        root = facts.roots[binding.value]
        if binding.path[:1] == ("[]",):
            return len(binding.path) == 1 and self._is_chunks(path, root.expr, root.scope, depth + 1)
        return not binding.path and self._is_chunk(path, root.expr, root.scope, depth + 1)

    def _parameter_is_chunk(self, path: str, facts: ModuleFacts, binding: Binding, depth: int) -> bool:
        """A callback's parameter over chunks, or a function that is only ever called with a slice."""
        function = facts.functions[binding.function]
        use = self.evaluator.index(path).functions.get(function.index)
        if use is not None and use.around and use.around[0].kind == "call":
            call = use.around[0]
            if call.callee.kind == "member" and call.callee.text in ("map", "forEach", "flatMap", "reduce"):
                return binding.position == 0 and self._is_chunks(
                    path, call.callee.children[0], use.root.scope, depth + 1
                )
            return False
        if not function.name or function.owner >= 0:
            return False
        calls = [
            u
            for u in self.evaluator.index(path).names.get(function.name, ())
            if u.around and u.around[0].kind == "call" and u.around[0].callee is u.expr
        ]
        exported = any(e.local == function.name for e in facts.exports)
        if exported or not calls:
            return False
        return all(
            len(u.around[0].arguments) > binding.position
            and self._is_chunk(path, u.around[0].arguments[binding.position], u.root.scope, depth + 1)
            for u in calls
        )

    def _is_chunks(self, path: str, expr: Expr, scope: int, depth: int) -> bool:
        """Whether an expression is a list of slices: what a chunking function gives, or an array filled with slices."""
        facts = self.evaluator.facts(path)
        if facts is None or depth > 6:
            return False
        if expr.kind == "call":
            value = self.evaluator.value(path, expr.callee, scope)
            if isinstance(value, FunctionRef):
                return self.slices(value)
            if isinstance(value, External):
                name = (value.names or (value.specifier,))[-1]
                return "chunk" in name.lower()
            if expr.callee.kind == "member" and expr.callee.text in ("entries", "filter", "map"):
                return self._is_chunks(path, expr.callee.children[0], scope, depth + 1)
            if expr.callee.text == "from" and len(expr.arguments) == 2 and expr.arguments[1].kind == "function":
                return self.slices(FunctionRef(path, expr.arguments[1].function))
            return False
        if expr.kind == "name":
            binding = facts.lookup(expr.text, scope)
            if binding is None or binding.value < 0 or binding.path:
                return False
            root = facts.roots[binding.value]
            if root.expr.kind == "array" and not root.expr.children:
                return any(
                    item.pushed is not None and self._is_slice(item.pushed)
                    for item in self._pushed(path, facts, binding)
                )
            return self._is_chunks(path, root.expr, root.scope, depth + 1)
        return False

    def slices(self, function: FunctionRef) -> bool:
        """Whether a function cuts an array into slices: by `slice` or `splice`, or by dividing an index by its size
        parameter."""
        facts = self.evaluator.facts(function.path)
        if facts is None:
            return False
        declared = facts.functions[function.index]
        sizes = {name for parameter in declared.parameters[1:] for name in parameter.names}
        for name in sizes:
            for use in self.evaluator.index(function.path).names.get(name, ()):
                outer = use.around[0] if use.around else None
                inside = declared.start <= use.expr.start < declared.end
                if inside and outer is not None and outer.kind == "binary" and outer.text in ("/", "%"):
                    return True
        return any(
            use.expr.callee.kind == "member" and use.expr.callee.text in ("slice", "splice")
            for use in self.evaluator.index(function.path).calls_within(declared.start, declared.end)
            if use.expr.kind == "call"
        )

    @staticmethod
    def _is_slice(expr: Expr) -> bool:
        return expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text in ("slice", "splice")

    @staticmethod
    def _in_loop(facts: ModuleFacts, scope: int) -> bool:
        while scope >= 0:
            region = facts.scopes[scope]
            if region.kind == "loop":
                return True
            if region.kind == "function":
                return False
            scope = region.parent
        return False


def _number(expr: Expr) -> int | None:
    text = expr.text.replace("_", "")
    return int(text) if expr.kind == "number" and text.isdigit() else None
