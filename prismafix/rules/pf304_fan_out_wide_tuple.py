"""Six or more queries written out in one `Promise.all([…])`.

Each of them wants a connection at the same moment. One page that asks ten things at once takes the whole default pool
of a driver adapter (ten connections); two visitors at the same time, and the second one waits. On a serverless
platform, where a pool should hold one to three connections, such a page waits for itself.

There is no fix, since only a person knows which of the queries can be one. What helps: one `groupBy` or one raw query
in place of several `count`s; reads of one model joined into one `findMany` with `include`; or `$transaction([…])`,
which takes a list of queries and runs them on one connection.

A query counts whether it is an element of the list or stands in a function that an element calls; the finding names
each one. Left alone: fewer than six queries, a pool that is known to hold as many connections, the client of an
interactive transaction, scripts and tests (`--include-scripts` reports these too)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.arguments import pool_size
from prismafix.rules.fan_out import is_counted, nearest, on_a_server, pooled_queries
from prismafix.rules.model import Applicability, Finding
from prismafix.rules.support import package_name, role_evidence, symbol
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.fan_out.model import FanOut
    from prismafix.project.model import Project
    from prismafix.project.reach.model import Reached

BEST: Applicability = "none"
_WIDE = 6


def check(project: Project) -> Iterable[Finding]:
    """Literal tuples with many queries."""
    for path in project.seeds():
        if not is_counted(project, path):
            continue
        for fan_out in project.fan_outs.find(path):
            if len(fan_out.elements) < _WIDE:
                continue
            queries = list(_queries(project, fan_out))
            if len(queries) >= _WIDE and not _fit(project, queries):
                yield _finding(project, fan_out, queries)


def _queries(project: Project, fan_out: FanOut) -> Iterable[Reached]:
    """For each element that reaches a query on a pooled client, the nearest one."""
    for effects in project.fan_outs.effects_of_elements(fan_out):
        counted = pooled_queries(effects)
        if counted:
            query = nearest(counted)
            if on_a_server(project, query) and not query.rescue:
                yield query


def _fit(project: Project, queries: list[Reached]) -> bool:
    """Whether the pool is known to have a connection for each."""
    known = pool_size(project, queries[0].query.client.origin)
    return known is not None and known >= len(queries)


def _finding(project: Project, fan_out: FanOut, queries: list[Reached]) -> Finding:
    facts = project.facts(fan_out.path)
    evidence = [role_evidence(project, fan_out.path)]
    for query in queries:
        through = "".join(f"{step.name} → " for step in query.steps)
        evidence.append(Evidence(query.path, query.line, through + query.text))
    return Finding(
        code="PF304",
        path=fan_out.path,
        start=fan_out.call.start,
        end=fan_out.call.end,
        message=f"{len(queries)} queries at once, each of which takes a connection",
        evidence=tuple(evidence),
        reason="make fewer queries of them (one `groupBy` for several counts, `include` for what belongs together), "
        "or run them on one connection with `$transaction([…])`",
        label=f"{len(queries)} of {len(fan_out.elements)} elements query the database",
        package=package_name(project, fan_out.path),
        symbol=symbol(facts, fan_out.use.root.function) if facts is not None else "",
    )
