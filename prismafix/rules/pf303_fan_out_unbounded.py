"""A query per element of a collection of unknown size, all at once.

`Promise.all(items.map(…))` starts the work for every element at the same moment. Each query wants a connection: the
pool (ten or fewer) is taken at once, everything else waits, other requests starve, and after `pool_timeout` they fail
with P2024, "Timed out fetching a new connection from the connection pool". It counts whether the query stands in the
callback or in a function that it calls, also in another file; the finding shows the path.

The fix bounds the concurrency and keeps the order of the results, their type and the index. It uses `p-map` or
`p-limit` if the package depends on one; else a loop over slices where the statement is simple, and a small helper
elsewhere. At most five run at a time, unless the configuration says otherwise.

Safe only if everything that the callback reaches is known and only reads. One write, one mail, one unknown call makes
it unsafe: after a failure, the elements that come later are no longer started. So does a `throw` that comes before
anything is waited for, or several that come after different queries: when two elements fail, another error may win. And
so does a `findUnique` whose failure is dealt with element by element: Prisma asks for the `findUnique` calls of one
tick together, and a key that the database refuses fails all of them. When the work of an element has a fan-out of its
own, the limits multiply: the inner one is bounded first, and the fix of the outer one is unsafe. Work that comes back
to its own fan-out (a tree of folders) is done one element after the other.

A list that holds other promises too (`[first(), ...items.map(…)]`, or filled here and there) keeps its form: each
piece of work is handed to a limiter, a `p-limit` if the package has it, else a small helper.

No limit is offered where it would change nothing: for a `findUnique` by one key, which Prisma sends as one statement
for all elements (measured), and where nothing waits for the query.

Left alone: the client of an interactive transaction (it has one connection), `$transaction([…])`, work that is
chunked or limited already, constant collections of at most five, code in the browser, and scripts and tests
(`--include-scripts` reports these too)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from prismafix.project.denote.values import FunctionRef
from prismafix.project.reach.purity import CHANGING_METHODS
from prismafix.rules.arguments import pool_size
from prismafix.rules.chunking import own_chunk
from prismafix.rules.fan_out import (
    PooledFanOut,
    collection_label,
    described_path,
    item_name,
    many_in_package,
    path_evidence,
    pooled_fan_outs,
    pooled_queries,
    site_symbol,
)
from prismafix.rules.model import Applicability, BoundFanOut, Doubt, Finding, Intent, SharedModule, Span
from prismafix.rules.pf301_fan_out_find_unique import BATCHED, batch_key, is_one_statement
from prismafix.rules.pf302_fan_out_create import creates_many
from prismafix.rules.places import file_name, home_of, language_of, module_system_of, new_module_path
from prismafix.rules.support import package_name, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.fan_out.model import FanOut
    from prismafix.project.model import Project
    from prismafix.project.reach.model import Reached

BEST: Applicability = "safe"
_DEFAULT_SIZE = 5
_TEXTS = (None, "Text", "VarChar", "Char", "Citext")
_LONG = 15
"""Lines of a callback from which on the helper, which leaves it where it is, makes the smaller diff."""
_HELPER, _LIMITER = "mapInChunks", "limitConcurrency"


def check(project: Project) -> Iterable[Finding]:
    """Fan-outs that nothing bounds."""
    for pooled in pooled_fan_outs(project):
        if pooled.rule == "PF301" and batch_key(project, pooled) is not None:
            continue
        if pooled.rule == "PF302" and creates_many(project, pooled):
            continue
        yield _finding(project, pooled)


def _finding(project: Project, pooled: PooledFanOut) -> Finding:
    fan_out = pooled.fan_out
    facts = project.facts(fan_out.path)
    intent, reason = _intent(project, pooled)
    item = item_name(project, fan_out.items[0])
    message = f"one {_kind(pooled)} per {item} at once{described_path(pooled)}"
    if is_one_statement(project, pooled):
        message = f"one {pooled.query.query.name} per {item} ({BATCHED}: what they cost is CPU time, not connections)"
    return Finding(
        code="PF303",
        path=fan_out.path,
        start=fan_out.call.start,
        end=fan_out.call.end,
        message=message,
        evidence=path_evidence(project, pooled),
        intent=intent,
        reason=reason,
        label=collection_label(project, pooled),
        package=package_name(project, fan_out.path),
        symbol=site_symbol(facts, pooled),
    )


def _kind(pooled: PooledFanOut) -> str:
    return "transaction" if pooled.query.query.name == "$transaction" else "query"


def _intent(project: Project, pooled: PooledFanOut) -> tuple[Intent | None, str]:
    fan_out = pooled.fan_out
    if fan_out.combinator in ("any", "race"):
        return (
            None,
            f"`Promise.{fan_out.combinator}` settles with the first: bounding it would change which one that is",
        )
    if fan_out.started:
        return None, "the work has begun before this `map`: bound what starts it by hand"
    if pooled.query.dropped:  # the nearest, so that all of them are
        return None, "nothing waits for the query, so that no limit would hold it back: `await` it first"
    if is_one_statement(project, pooled):
        return None, "a limit would make more statements of the one: use `findMany`, and put the results in order"
    package = project.workspace.package_of(fan_out.path)
    if package is None:
        return None, "the file belongs to no package"
    known = pool_size(project, pooled.query.query.client.origin)
    size = max(2, project.options.chunk_size_in(fan_out.path) or min(_DEFAULT_SIZE, known or _DEFAULT_SIZE))
    size = 1 if pooled.recursive else size
    limiter = next((name for name in ("p-map", "p-limit") if name in package.dependencies), None)
    helper, create = _helper(project, fan_out, _HELPER, "map-in-chunks")
    config = project.workspace.tsconfig_for(fan_out.path)
    action = BoundFanOut(
        call=span(fan_out.path, fan_out.call),
        size=size,
        limiter=limiter,  # type: ignore[arg-type]
        chunk_helper=own_chunk(project, package.root) if size > 1 else None,
        helper=helper,
        create_helper=create,
        language=language_of(project, package, fan_out.path),  # type: ignore[arg-type]
        module_system=module_system_of(project, fan_out.path),  # type: ignore[arg-type]
        prefer_helper=size == 1 or many_in_package(project)[package.root] > 1 or _is_long(project, fan_out),
        strict=config.strict if config is not None else False,
        works=_works(fan_out),
        limit_helper=_helper(project, fan_out, _LIMITER, "limit-concurrency")[0],
    )
    title = f"Run at most {size} queries at a time in {fan_out.path}"
    if size == 1:
        title = f"Work on one element after the other in {fan_out.path}"
    after = tuple(span(inner.path, inner.call) for inner in pooled.inner)
    return Intent(action, title, tuple(_doubts(project, pooled)), after), ""


def _is_long(project: Project, fan_out: FanOut) -> bool:
    """Whether the callback is so long that moving it into a loop would make a diff of the whole body."""
    item = fan_out.items[0]
    facts = project.facts(item.callback.path) if item.callback is not None else None
    if item.callback is None or facts is None or item.callback.path != fan_out.path:
        return False
    body = facts.functions[item.callback.index]
    return facts.line_of(body.end) - facts.line_of(body.start) > _LONG


def _doubts(project: Project, pooled: PooledFanOut) -> list[Doubt]:
    """What stands against `safe`: anything but reads that are known, and limits that multiply."""
    effects = pooled.effects
    later = "after a failure the elements that come later are not started"
    if pooled.fan_out.combinator == "allSettled":
        later = "elements no longer start all at once: check that none of them waits for another"
    found = []
    if pooled.recursive:
        text = "the work of an element comes back to this fan-out, so that limits would multiply: one after the other"
        found.append(Doubt("unsafe", text))
    for inner in pooled.inner[:1]:
        facts = project.facts(inner.path)
        place = f"{inner.path}:{facts.line_of(inner.call.start) if facts is not None else 1}"
        text = f"the work of an element has a fan-out of its own ({place}), whose fix comes first: the limits multiply"
        found.append(Doubt("unsafe", text))
    if effects.together and not pooled.inner:
        note = effects.together[0]
        text = f"the work of an element {note.text} itself ({note.path}:{note.line}): the limits multiply"
        found.append(Doubt("unsafe", text))
    early = _settled_late(project, pooled)
    if early:
        found.append(Doubt("unsafe", f"{'; '.join(early)}: {later}"))
    dropped = next((q for q in pooled_queries(effects) if q.dropped), None)
    if dropped is not None:
        text = f"nothing waits for {dropped.text} ({dropped.path}:{dropped.line}): the limit does not hold it back"
        found.append(Doubt("unsafe", text))
    stages = {thrown.stage for thrown in effects.throws}
    if pooled.fan_out.combinator == "all" and stages and (None in stages or len(stages) > 1):
        thrown = next((thrown for thrown in effects.throws if thrown.stage is None), effects.throws[0])
        text = f"the work of an element may throw ({thrown.path}:{thrown.line}): when two fail, another error may win"
        found.append(Doubt("unsafe", text))
    asked = next((q for q in effects.queries if _can_be_refused(project, q)), None)
    if asked is not None and (pooled.fan_out.combinator == "allSettled" or _catches(project, pooled)):
        text = (
            f"Prisma asks for the {asked.query.name} calls of one tick together ({asked.path}:{asked.line}), and a key "
            "that the database refuses fails all of them: now only those of the same group"
        )
        found.append(Doubt("unsafe", text))
    return found


def _settled_late(project: Project, pooled: PooledFanOut) -> list[str]:
    """What the work of an element does, or may do, that somebody can tell the time of."""
    effects, found = pooled.effects, []
    writes = sorted((q for q in effects.queries if not q.query.reads_only), key=lambda q: q.query.name.startswith("$"))
    if writes:
        verb = "may write" if writes[0].query.name.startswith("$") else "writes"
        found.append(f"{writes[0].text} {verb} ({writes[0].path}:{writes[0].line})")
    for note in (effects.effects or effects.unknown)[:1]:
        found.append(f"the work of an element also {note.text} ({note.path}:{note.line})")
    found += [f"the work of an element {text}" for text in _changes_the_list(project, pooled)]
    if effects.deeper:
        found.append("the calls go deeper than was followed")
    return found


def _changes_the_list(project: Project, pooled: PooledFanOut) -> list[str]:
    """What the work of an element changes in the list itself, which it gets as its third argument."""
    found = []
    for item in pooled.fan_out.items:
        facts = project.facts(item.callback.path) if item.callback is not None else None
        if item.callback is None or facts is None:
            continue
        declared = facts.functions[item.callback.index]
        index = project.evaluator.index(item.callback.path)
        names = {name for parameter in declared.parameters[2:3] for name in parameter.names}
        targets = [use.expr.children[0] for use in index.changes if use.expr.children]
        called = index.calls_within(declared.start, declared.end)
        targets += [use.expr.callee for use in called if use.expr.callee.text in CHANGING_METHODS]
        for target in targets:
            chain = target.walk() if declared.start <= target.start < declared.end else ()
            if target.kind in ("member", "index") and any(part.kind == "name" and part.text in names for part in chain):
                found.append(f"changes the list ({item.callback.path}:{facts.line_of(target.start)})")
    return found[:1]


def _can_be_refused(project: Project, reached: Reached) -> bool:
    """Whether a query is a `findUnique` by a key that may be none of its type: no text is refused."""
    if reached.query.name not in ("findUnique", "findUniqueOrThrow"):
        return False
    schema = project.schema_of(reached.query.client.entry, reached.path)
    model = schema.model_by_accessor(reached.query.model) if schema is not None else None
    calls = project.evaluator.index(reached.path).calls_within(reached.start, reached.start + 1)
    own = (use.expr for use in calls if use.expr.callee.text == reached.query.name and use.expr.arguments)
    argument = next((call.arguments[0] for call in own), None)
    where = argument.property_value("where") if argument is not None and argument.kind == "object" else None
    if model is None or where is None or where.kind != "object":
        return True
    fields = [model.field(pair.text) for pair in where.children if pair.kind == "property"]
    return not any(field is not None and field.type == "String" and field.native_type in _TEXTS for field in fields)


def _catches(project: Project, pooled: PooledFanOut) -> bool:
    """Whether the work of an element deals with its own failure, so that it counts which elements fail."""
    spans = {(item.path, item.call.start, item.call.end) for item in pooled.fan_out.items}
    called = {item.callback for item in pooled.fan_out.items if item.callback is not None}
    for function in called | pooled.effects.entered:
        facts = project.facts(function.path)
        if facts is not None:
            declared = facts.functions[function.index]
            spans.add((function.path, declared.start, declared.end))
    for path, start, end in spans:
        facts, members = project.facts(path), project.evaluator.index(path).members
        chained = (use.expr.start for name in ("catch", "allSettled") for use in members.get(name, ()))
        handled = (scope.start for scope in facts.scopes if scope.kind == "catch") if facts is not None else ()
        if any(start <= offset < end for offset in (*chained, *handled)):
            return True
    return False


def _works(fan_out: FanOut) -> tuple[Span, ...]:
    """The calls that start the work, when all of them stand in a function that the fan-out stands in."""
    if fan_out.apart:
        return ()
    return tuple(span(item.path, item.call) for item in fan_out.items)


def _helper(project: Project, fan_out: FanOut, name: str, usual: str) -> tuple[SharedModule, bool]:
    """The module of a helper for the package: an existing one of that name, else where it would go."""
    package = project.workspace.package_of(fan_out.path)
    assert package is not None
    language = language_of(project, package, fan_out.path)
    system = module_system_of(project, fan_out.path)
    extensions = (".ts", ".js", ".mjs", ".cjs")
    stem = file_name(project, package.root, usual)
    folder = home_of(project, package, _importers(project, package.root))
    for extension in extensions:
        for server in ("", ".server"):
            path = posixpath.join(folder, stem + server + extension)
            if isinstance(project.evaluator.export(path, name), FunctionRef):
                return SharedModule(path, name), False
    path = new_module_path(project, package, _importers(project, package.root), stem, language, system)
    return SharedModule(path, name), True


def _importers(project: Project, root: str) -> list[str]:
    """The modules of a package that have a fan-out to bound."""
    found = set()
    for pooled in pooled_fan_outs(project):
        package = project.workspace.package_of(pooled.fan_out.path)
        if package is not None and package.root == root:
            found.add(pooled.fan_out.path)
    return sorted(found)
