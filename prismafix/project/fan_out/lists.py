"""Where names are declared, through imports, and what is put into lists: `list.push(x)`, `list[i] = x`,
`list = [...list, x]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.index.resolve import ModuleTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Binding, Expr, Function, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use

_ADDING = {"push": 0, "unshift": 0, "add": 0, "set": 1}
"""Methods of arrays, sets and maps that add something, and which argument is the first that they add."""
_CHANGING = ("push", "unshift", "splice", "add", "set", "fill")
_LOOPING = frozenset(("forEach", "map", "flatMap", "reduce", "each", "forEachRight"))


@dataclass(frozen=True, slots=True)
class Addition:
    """Something that is put into a list. `value` is the expression; `spread`: every element of it. `call` is the whole
    call or assignment, at `use`."""

    use: Use
    call: Expr
    value: Expr
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """What repeats a piece of code: a loop, or a function that may be called many times. `collection` is what is gone
    through, None when that cannot be told; `times` the number of repetitions where it is written out."""

    collection: Expr | None
    scope: int
    times: int | None = None


def origin(
    evaluator: Evaluator, path: str, name: str, scope: int, depth: int = 0
) -> tuple[str, ModuleFacts, Binding] | None:
    """The declaration behind a name, through imports: its module, with its facts."""
    facts = evaluator.facts(path)
    binding = facts.lookup(name, scope) if facts is not None else None
    if facts is None or binding is None or depth > 5:
        return None
    if binding.kind != "import":
        return path, facts, binding
    item = facts.imports[binding.target]
    target = evaluator.resolver.resolve(path, item.specifier)
    return _exported(evaluator, target.path, item.imported, depth + 1) if isinstance(target, ModuleTarget) else None


def _exported(evaluator: Evaluator, path: str, name: str, depth: int) -> tuple[str, ModuleFacts, Binding] | None:
    facts = evaluator.facts(path)
    if facts is None or depth > 6:
        return None
    for export in facts.exports:
        if export.name == name and export.local:
            return origin(evaluator, path, export.local, 0, depth + 1)
        if export.specifier and export.name in (name, "*"):
            target = evaluator.resolver.resolve(path, export.specifier)
            if isinstance(target, ModuleTarget):
                inner = export.imported if export.name == name else name
                found = _exported(evaluator, target.path, inner, depth + 1)
                if found is not None:
                    return found
    return None


def additions(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> Iterator[Addition]:
    """What is put into the list (set, map, object) that a name holds. What it is given as a whole is not among it."""
    index = evaluator.index(path)

    def same(expr: Expr, scope: int) -> bool:
        return expr.kind == "name" and expr.text == binding.name and facts.lookup(expr.text, scope) is binding

    for method, first in _ADDING.items():
        for use in index.members.get(method, ()):
            if same(use.expr.children[0], use.root.scope):
                yield from _added(use, first)
    for use in index.assignments.get("", ()):
        target, value = use.expr.children
        if target.kind == "index" and same(target.children[0], use.root.scope):
            yield Addition(use, use.expr, value)
    for use in index.assignments.get(binding.name, ()):
        target, value = use.expr.children
        if same(target, use.root.scope):
            yield from appended(use, value, binding.name)


def _added(use: Use, first: int) -> Iterator[Addition]:
    """What `list.push(a, ...b)` adds; `use` is that of `list.push`."""
    if not use.around or use.around[0].kind != "call" or use.around[0].callee is not use.expr:
        return
    call = use.around[0]
    for argument in call.arguments[first:]:
        spread = argument.kind == "spread" and bool(argument.children)
        yield Addition(use, call, argument.children[0] if spread else argument, spread)


def appended(use: Use, value: Expr, name: str) -> Iterator[Addition]:
    """What `[...list, x]` or `list.concat(x)` adds to the list `name`; `use` is where that stands."""
    if value.kind == "array":
        if any(_spreads(child, name) for child in value.children):
            for child in value.children:
                if not _spreads(child, name):
                    spread = child.kind == "spread" and bool(child.children)
                    yield Addition(use, value, child.children[0] if spread else child, spread)
    elif value.kind == "call" and value.callee.chain() == (name, "concat"):
        for argument in value.arguments:
            yield Addition(use, value, argument)


def _spreads(expr: Expr, name: str) -> bool:
    return expr.kind == "spread" and bool(expr.children) and expr.children[0].chain() == (name,)


def field_additions(evaluator: Evaluator, path: str, name: str, owner: int) -> Iterator[Addition]:
    """What the methods of a class put into its field `this.<name>`; `owner` is the index of the class."""
    facts = evaluator.facts(path)
    index = evaluator.index(path)
    for method, first in _ADDING.items():
        for use in index.members.get(method, ()):
            receiver = use.expr.children[0]
            if facts is None or receiver.kind != "member" or receiver.text != name:
                continue
            holder = evaluator.owner_of(facts, receiver.start) if receiver.children[0].kind == "this" else None
            if holder is not None and holder.index == owner:
                yield from _added(use, first)


def is_changed(evaluator: Evaluator, path: str, facts: ModuleFacts, binding: Binding) -> bool:
    """Whether something is put into, or taken out of, the list or object that a name holds."""
    if next(additions(evaluator, path, facts, binding), None) is not None:
        return True
    index = evaluator.index(path)
    for name in _CHANGING:
        for use in index.members.get(name, ()):
            receiver = use.expr.children[0]
            if receiver.kind == "name" and facts.lookup(receiver.text, use.root.scope) is binding:
                return True
    for uses in index.assignments.values():
        for use in uses:
            target = use.expr.children[0]
            while target.kind in ("member", "index"):
                target = target.children[0]
                same = target.kind == "name" and target.text == binding.name
                if same and facts.lookup(target.text, use.root.scope) is binding:
                    return True
    return False


def loop_between(evaluator: Evaluator, path: str, facts: ModuleFacts, scope: int, outer: int) -> Loop | None:
    """What repeats the code of a scope within the scope `outer` (-1: within the whole module)."""
    while scope >= 0 and scope != outer:
        region = facts.scopes[scope]
        if region.kind == "loop":
            head = facts.roots[region.head].expr if region.head >= 0 else None
            if region.loop in ("of", "in"):
                return Loop(head, scope)
            return Loop(None, scope, _times(facts, head, scope) if region.loop == "for" else None)
        if region.kind == "function":
            return _repeated(evaluator, path, facts, region.function, scope)
        scope = region.parent
    return None


def _repeated(evaluator: Evaluator, path: str, facts: ModuleFacts, function: int, scope: int) -> Loop | None:
    """The callback of `forEach`, or a function that is not seen to be called a few times only."""
    index = evaluator.index(path)
    use = index.functions.get(function)
    if use is not None and use.around and use.around[0].kind == "call":
        callee = use.around[0].callee
        if callee.kind == "member" and callee.text in _LOOPING:
            return Loop(callee.children[0], scope)
        if callee is use.expr:
            return loop_between(evaluator, path, facts, use.root.scope, -1)  # called on the spot
        return Loop(None, scope)
    called = all_calls(evaluator, path, facts, facts.functions[function])
    if called and all(_at_once(facts, u.root.scope) for u in called):
        return None  # `add(a); add(b)`: written out
    return Loop(None, scope)


def all_calls(evaluator: Evaluator, path: str, facts: ModuleFacts, function: Function) -> list[Use]:
    """The calls of a function, as the uses of its callee; none unless these are all that can be done with it: it is not
    exported or a public method, and not handed on."""
    index = evaluator.index(path)
    if not function.name:
        return []
    if function.owner >= 0:
        if not function.is_private:
            return []
        uses = [u for u in index.members.get(function.name, ()) if u.expr.children[0].kind == "this"]
    else:
        uses = [u for u in index.names.get(function.name, ()) if _is_function(facts, u, function)]
        if any(export.local == function.name for export in facts.exports):
            return []
    called = [u for u in uses if u.around and u.around[0].kind == "call" and u.around[0].callee is u.expr]
    return called if len(called) == len(uses) else []


def _is_function(facts: ModuleFacts, use: Use, function: Function) -> bool:
    binding = facts.lookup(function.name, use.root.scope)
    if binding is None or binding.path:
        return False
    if binding.kind == "function":
        return binding.target == function.index
    return binding.value >= 0 and facts.roots[binding.value].expr.function == function.index


def _at_once(facts: ModuleFacts, scope: int) -> bool:
    """Whether code runs once for each run of the function around it: no loop in between."""
    while scope >= 0 and facts.scopes[scope].kind not in ("function", "module"):
        if facts.scopes[scope].kind == "loop":
            return False
        scope = facts.scopes[scope].parent
    return True


def _times(facts: ModuleFacts, head: Expr | None, scope: int) -> int | None:
    """The number of repetitions of `for (let i = 0; i < 3; i++)`."""
    if head is None or head.kind != "binary" or head.text not in ("<", "<=") or head.children[0].kind != "name":
        return None
    counter = facts.lookup(head.children[0].text, scope)
    limit = number(head.children[1])
    if counter is None or counter.scope != scope or counter.value < 0 or limit is None:
        return None
    start = number(facts.roots[counter.value].expr)
    return None if start is None else limit - start + (head.text == "<=")


def number(expr: Expr) -> int | None:
    """A whole number that is written out; None for anything else."""
    text = expr.text.replace("_", "")
    return int(text) if expr.kind == "number" and text.isdigit() else None
