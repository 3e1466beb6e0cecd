"""What PF301, PF302 and PF303 share: the fan-outs that reach a query on a pooled client, and which rule each belongs
to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.project.model import once_per_project
from prismafix.project.reach.model import Effects, Reached
from prismafix.rules.support import role_evidence, symbol
from prismafix.workspace.model import Evidence, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.fan_out.model import FanOut, PerItem
    from prismafix.project.model import Project


@dataclass(frozen=True, slots=True)
class PooledFanOut:
    """A fan-out whose work reaches `query` on a pooled client. `rule` is PF301, PF302 or PF303.

    `inner` are the other fan-outs that the work of an element reaches. `recursive`: it reaches this one again."""

    fan_out: FanOut
    effects: Effects
    query: Reached
    rule: str
    direct: Expr | None
    schema: Schema | None
    inner: tuple[FanOut, ...] = ()
    recursive: bool = False


@once_per_project
def pooled_fan_outs(project: Project) -> tuple[PooledFanOut, ...]:
    """All of them, by path and start."""
    found = [pooled for path in project.seeds() for pooled in _in_module(project, path)]
    elsewhere = {step.path for pooled in found for query in pooled.effects.queries for step in query.steps}
    others = [p for path in sorted(elsewhere) if not project.is_looked_at(path) for p in _in_module(project, path)]
    return tuple(_with_inner(project, found + others))[: len(found)]


def _in_module(project: Project, path: str) -> list[PooledFanOut]:
    if not project.store.is_seed(path) or not is_counted(project, path):
        return []
    fan_outs = (fan_out for fan_out in project.fan_outs.find(path) if fan_out.items and not fan_out.bounded)
    return [pooled for fan_out in fan_outs for pooled in _pooled(project, fan_out)]


def is_counted(project: Project, path: str) -> bool:
    """Whether fan-outs of a module are looked at: application code, and scripts and tests where they were asked for."""
    kind = project.roles.role(path).kind
    return kind in ("application", "edge") or (kind in ("script", "test") and project.options.scripts_in(path))


def _pooled(project: Project, fan_out: FanOut) -> Iterator[PooledFanOut]:
    effects = Effects()
    for item in fan_out.items:
        effects += project.fan_outs.effects_of(item)
    counted = pooled_queries(effects)
    counted = [q for q in counted if not any(_has_own_client(project, item, q) for item in fan_out.items)]
    if not counted:
        return
    query = nearest(counted)
    if not on_a_server(project, query):
        return
    schema = project.schema_of(query.query.client.entry, query.path)
    direct = _direct_query(project, fan_out, effects)
    rule = "PF303"
    if direct is not None and fan_out.combinator == "all":
        if direct.callee.text in ("findUnique", "findUniqueOrThrow"):
            rule = "PF301"
        elif direct.callee.text == "create":
            rule = "PF302"
    yield PooledFanOut(fan_out, effects, query, rule, direct, schema)


def pooled_queries(effects: Effects) -> list[Reached]:
    """The queries that take a connection of the pool each, all at once: not those of a transaction's client, of
    `$transaction([…])` or behind a limiter."""
    return [q for q in effects.queries if q.query.client.kind == "outer" and not (q.batched or q.limited)]


def nearest(queries: list[Reached]) -> Reached:
    """The one to show: what runs without a failure and is waited for before, then the fewest calls away."""
    return min(queries, key=lambda q: (q.rescue, q.dropped, len(q.steps), q.path, q.start))


def _has_own_client(project: Project, item: PerItem, query: Reached) -> bool:
    """Whether a query is made by a method of the element, with a client that was handed to it: a store per shard has a
    pool of its own."""
    client = query.query.client
    facts = project.facts(item.callback.path) if item.callback is not None else None
    if item.callback is None or facts is None or not query.steps or client.origin is not None:
        return False
    parameters = facts.functions[item.callback.index].parameters
    root, dot, _ = query.steps[0].name.partition(".")
    return bool(dot) and client.declared is None and bool(parameters) and root in parameters[0].names


def on_a_server(project: Project, query: Reached) -> bool:
    """Whether a query takes a connection: SQLite runs in process."""
    schema = project.schema_of(query.query.client.entry, query.path)
    return schema is None or schema.provider != "sqlite"


def _direct_query(project: Project, fan_out: FanOut, effects: Effects) -> Expr | None:
    """The one query call that is the whole work of an item, returned as it is; None when there is more."""
    if len(fan_out.items) != 1 or len(effects.queries) != 1 or effects.unknown or effects.effects or effects.deeper:
        return None
    item, reached = fan_out.items[0], effects.queries[0]
    if item.form != "map" or item.callback is None or item.callback.path != fan_out.path or reached.steps:
        return None
    facts = project.facts(fan_out.path)
    if facts is None:
        return None
    roots = [r for r in facts.roots_of(item.callback.index) if r.role != "default"]
    if len(roots) != 1 or roots[0].role not in ("return", "statement"):
        return None
    expr = roots[0].expr
    if expr.kind == "await" and expr.children:
        expr = expr.children[0]
    return expr if expr.kind == "call" and expr.start == reached.start and len(expr.arguments) == 1 else None


def _with_inner(project: Project, found: list[PooledFanOut]) -> Iterator[PooledFanOut]:
    """Mark the fan-outs whose work reaches another fan-out, or comes back to the same one: their limits would
    multiply."""
    around = [_functions_around(project, other) for other in found]
    reached = [[n for n, other in enumerate(found) if _reaches(pooled, other, around[n])] for pooled in found]
    everything = [_closure(reached, n) for n in range(len(found))]
    for number, pooled in enumerate(found):
        recursive = number in everything[number] or _reaches_itself(project, pooled)
        others = [n for n in reached[number] if number not in everything[n]]
        yield replace(pooled, inner=tuple(found[n].fan_out for n in others), recursive=recursive)


def _reaches(pooled: PooledFanOut, other: PooledFanOut, around: frozenset[tuple[str, int]]) -> bool:
    """Whether the work of an element of `pooled` runs `other`; `around` are the functions that `other` stands in."""
    if other is pooled or _inside(pooled, other):
        return False
    passed = {(step.path, step.line) for query in pooled.effects.queries for step in query.steps}
    return _inside(other, pooled) or not passed.isdisjoint(around)


def _closure(reached: list[list[int]], start: int) -> set[int]:
    found: set[int] = set()
    todo = list(reached[start])
    while todo:
        number = todo.pop()
        if number not in found:
            found.add(number)
            todo += reached[number]
    return found


def _reaches_itself(project: Project, pooled: PooledFanOut) -> bool:
    """Whether the work of an element calls the function that this fan-out stands in."""
    call = pooled.fan_out.call
    for again in pooled.effects.repeated:
        facts = project.facts(again.path)
        if facts is not None and again.path == pooled.fan_out.path:
            declared = facts.functions[again.index]
            if declared.start <= call.start < declared.end:
                return True
    return False


def _functions_around(project: Project, pooled: PooledFanOut) -> frozenset[tuple[str, int]]:
    """(module, line) of each function that a fan-out is written in: the form in which call paths name them."""
    path = pooled.fan_out.path
    facts = project.facts(path)
    found = set()
    function = pooled.fan_out.use.root.function
    while facts is not None and function >= 0:
        found.add((path, facts.line_of(facts.functions[function].start)))
        function = facts.functions[function].parent
    return frozenset(found)


def _inside(pooled: PooledFanOut, other: PooledFanOut) -> bool:
    """Whether `pooled` is itself written inside the work of `other`."""
    a, b = pooled.fan_out, other.fan_out
    return a.path == b.path and b.call.start <= a.call.start < b.call.end


def many_in_package(project: Project) -> Counter[str]:
    """How many PF303 each package root has."""
    count: Counter[str] = Counter()
    for pooled in pooled_fan_outs(project):
        if pooled.rule == "PF303":
            package = project.workspace.package_of(pooled.fan_out.path)
            count[package.root if package is not None else ""] += 1
    return count


def path_evidence(project: Project, pooled: PooledFanOut) -> tuple[Evidence, ...]:
    """The call path from the fan-out to the query, and why the module counts."""
    found = [role_evidence(project, pooled.fan_out.path)]
    found += [Evidence(step.path, step.line, step.name, step=True) for step in pooled.query.steps]
    found.append(Evidence(pooled.query.path, pooled.query.line, pooled.query.text, step=True))
    return tuple(found)


def described_path(pooled: PooledFanOut) -> str:
    """` through a → b (2 calls away)`, "" for a direct query; and whether it runs only after a failure."""
    failing = ", when something fails" if pooled.query.rescue else ""
    if not pooled.query.steps:
        return failing
    names = " → ".join(step.name for step in pooled.query.steps)
    count = len(pooled.query.steps)
    return f", through {names} ({count} call{'s' if count > 1 else ''} away){failing}"


def item_name(project: Project, item: PerItem) -> str:
    """What one item is called: the callback's first parameter, else "item"."""
    facts = project.facts(item.callback.path) if item.callback is not None else None
    if item.callback is not None and facts is not None:
        parameters = facts.functions[item.callback.index].parameters
        if parameters and parameters[0].name and len(parameters[0].name) > 1 and not parameters[0].name.startswith("_"):
            return parameters[0].name
    return "item"


def collection_label(project: Project, pooled: PooledFanOut) -> str:
    """What is known of the size of the collection."""
    item = pooled.fan_out.items[0]
    facts = project.facts(item.path)
    if item.collection is None or item.collection.kind != "name" or facts is None:
        return "as many at once as there are elements"
    name = item.collection.text
    binding = facts.lookup(name, item.scope)
    if binding is not None and binding.value >= 0 and not binding.path:
        expr = facts.roots[binding.value].expr
        expr = expr.children[0] if expr.kind == "await" and expr.children else expr
        if expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text == "findMany":
            argument = expr.arguments[0] if expr.arguments else None
            take = argument.property_value("take") if argument is not None and argument.kind == "object" else None
            from prismafix.project.index.source_name import source_name

            text = take.text if take is not None and take.kind in ("number", "name") else "…"
            limit = "without `take`" if take is None else f"with `take: {text}`"
            return f"`{name}` comes from {source_name(expr.callee)} {limit}"
    if binding is not None and binding.kind == "param":
        return f"`{name}` is whatever the caller passes"
    return f"as many at once as `{name}` has elements"


def site_symbol(facts: ModuleFacts | None, pooled: PooledFanOut) -> str:
    """The enclosing function's name."""
    return symbol(facts, pooled.fan_out.use.root.function) if facts is not None else ""
