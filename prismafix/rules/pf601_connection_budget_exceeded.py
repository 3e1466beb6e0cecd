"""All instances together may open more connections than the database allows.

Each process of each instance has a pool of its own. Instances x processes x pool size has to stay below the database's
`max_connections`, less the ones that it keeps for its administrators and those that other programs use. Above that the
database refuses: "too many clients already" (P2037), or MySQL's error 1040. On a quiet day nothing shows; the first
peak, or a deploy during which old and new instances are there side by side, does.

The rule only speaks where all numbers are known: the instances from `reservedConcurrency` in `serverless.yml`,
`ReservedConcurrentExecutions` in a SAM template, or `[budget]` in `prismafix.toml`; the pool's size from the code, the
connection string or `[budget]`; what the database allows from `[budget]`, where `max-connections` has to be set.
`prismafix budget` does the same sum with numbers from the command line or the live database, and says more about it.

The fix lowers the caps in the deployment file, in proportion, so that they fit also during a deploy and leave a few
connections for a migration. It is unsafe, since requests beyond the caps are throttled: a smaller pool or a pooler in
front of the database may be the better way.

Left alone: what goes through a pooler (RDS Proxy, PgBouncer, Supabase's and Neon's poolers, Accelerate, PlanetScale),
HTTP drivers and databases in a file, functions that do not lead to a Prisma client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.connection.budget import pool_of, shares, work_out
from prismafix.rules.capacity import limit_of, pooled_sites, pooler_of, served
from prismafix.rules.model import Applicability, CapConcurrency, Doubt, Finding, Intent
from prismafix.rules.support import package_name
from prismafix.workspace.concurrency import CAPS, evidence
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.connection.budget import Figures, Sum
    from prismafix.project.model import Project
    from prismafix.rules.capacity import Served

BEST: Applicability = "unsafe"


def check(project: Project) -> Iterable[Finding]:
    """Deployment files, or else the configuration, whose instances do not fit into the database."""
    if project.options.budget.max_connections is None:
        return
    files = [one for one in served(project) if one.capped and one.pooler is None]
    for one in files:
        found = _of_file(project, one)
        if found is not None:
            yield found
    if not files:
        yield from _of_configuration(project)


def _of_file(project: Project, one: Served) -> Finding | None:
    given = project.options.budget
    limit = given.limit or (one.limit.size if one.limit is not None else None)
    figures = replace(given, instances=one.instances, processes=1, limit=limit)
    found = work_out(figures)
    if found.verdict != "over":
        return None
    first = next((f for f in one.capped if f.span != (0, 0)), one.capped[0])
    many = len(one.capped) > 1
    who = (
        f"{len(one.capped)} functions may have {figures.instances} instances together"
        if many
        else (f"the function {first.name} may have {figures.instances} instances")
    )
    intent, reason = _fix(one, found)
    return Finding(
        code="PF601",
        path=one.deployment.path,
        start=first.span[0],
        end=first.span[1],
        message=f"{who}, each with {_connections(found.per_instance)}: {_against(figures, found)}",
        evidence=(
            *(evidence(one.deployment, f, f"{f.cap} instances at most") for f in one.capped),
            *((one.limit.evidence,) if one.limit is not None and not given.limit else ()),
            Evidence(given.file or one.deployment.path, 0, _database(given)),
        ),
        intent=intent,
        reason=reason,
        label="more than the database allows",
        package=package_name(project, one.deployment.path),
    )


def _fix(one: Served, found: Sum) -> tuple[Intent | None, str]:
    caps = shares(found.most_instances or 0, [f.cap or 1 for f in one.capped])
    smaller = f"{pool_of(found.limit)}, " if found.limit is not None and found.limit != found.per_instance else ""
    instead = f"{smaller}a pooler in front of the database (RDS Proxy), or a larger database"
    if not caps:
        return None, f"not even one instance of each function fits, with some left for a deploy: {instead}"
    kept = next((f for f, cap in zip(one.capped, caps, strict=True) if (f.provisioned or 0) > cap), None)
    if kept is not None:
        return (
            None,
            f"{kept.name} has {kept.provisioned} provisioned instances, and its cap may not be lower: {instead}",
        )
    told = ", ".join(f"{f.name} {cap}" for f, cap in zip(one.capped, caps, strict=True))
    doubt = Doubt("unsafe", f"requests beyond the new caps ({told}) are throttled; instead of that: {instead}")
    action = CapConcurrency(one.deployment.path, tuple((f.name, cap) for f, cap in zip(one.capped, caps, strict=True)))
    key = CAPS[one.deployment.form]
    return Intent(action, f"Lower {key} in {one.deployment.path} to what the database allows", (doubt,)), ""


def _of_configuration(project: Project) -> Iterable[Finding]:
    """The instances that configuration names, of a server or of functions whose file does not say."""
    given = project.options.budget
    if not given.file or given.instances is None or not project.is_looked_at(given.file):
        return
    sites = pooled_sites(project)
    if not sites or pooler_of(project, sites) is not None:
        return
    size = limit_of(project, sites)
    limit = given.limit or (size.size if size is not None else None)
    figures = replace(given, limit=limit)
    found = work_out(figures)
    if found.verdict != "over":
        return
    processes = f" x {given.processes} processes" if (given.processes or 1) > 1 else ""
    ways = [pool_of(found.limit)] if found.limit is not None and found.limit != limit else []
    ways += [f"at most {found.most_instances} instances"] if found.most_instances else []
    yield Finding(
        code="PF601",
        path=given.file,
        start=0,
        end=0,
        message=f"{given.instances} instances{processes} x a pool of {limit}: {_against(figures, found)}",
        evidence=(
            *((size.evidence,) if size is not None and not given.limit else ()),
            Evidence(given.file, 0, _database(given)),
        ),
        reason=f"take {', '.join((*ways, 'a pooler in front of the database, or a larger database'))}",
        package=package_name(project, given.file),
    )


def _against(figures: Figures, found: Sum) -> str:
    return (
        f"{_connections(found.needed)} at most, and the database has {found.available} for them; "
        f"from {found.refused_from} instances on it may refuse"
    )


def _database(figures: Figures) -> str:
    less = [f"{figures.reserved} reserved"] if figures.reserved else []
    less += [f"{figures.others} for others"] if figures.others else []
    return f"max_connections = {figures.max_connections}" + (f", less {' and '.join(less)}" if less else "")


def _connections(count: int | None) -> str:
    return f"{count} connection{'' if count == 1 else 's'}"
