"""Functions are deployed with nothing that caps how many instances of them there are, and each opens connections.

AWS Lambda starts an instance for every request that comes while all others are busy, up to the account's limit (1000
unless changed). Each instance has a pool of its own, so a peak of requests becomes a peak of connections, and the
database refuses the rest. No pool size helps against that alone: even with one connection each, 200 instances are 200
connections.

What caps them is `reservedConcurrency` in `serverless.yml`, `ReservedConcurrentExecutions` in a SAM template. Where
`max-connections` is known (in `[budget]` of `prismafix.toml`, or with `prismafix budget --live --apply`) the fix writes
a cap for each function: as many instances as the database has room for, also while a deploy has old and new ones side
by side, divided among them. It is unsafe: requests beyond the cap are throttled, and reserved concurrency is taken from
that of the account. Where `max-connections` is not known there is no number to write.

On Vercel no file caps the number of instances (`maxDuration` limits time), so there a pooler is the way.

Left alone: stacks of the AWS CDK, whose code would have to be run to know what starts a function and what caps it;
functions that do not lead to a Prisma client with a TCP pool; those that no request, message or object
starts (schedules, streams, none that the file says); queues with a maximum concurrency; what goes through a pooler (RDS
Proxy, PgBouncer, Supabase's and Neon's poolers, Accelerate, PlanetScale), as far as a file shows it: the connection
string, a `directUrl` beside it, the template. Provisioned concurrency is no cap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.connection.budget import shares, work_out
from prismafix.rules.capacity import pooled_sites, served
from prismafix.rules.model import Applicability, CapConcurrency, Doubt, Finding, Intent
from prismafix.rules.support import package_name
from prismafix.rules.url_settings import url_settings
from prismafix.workspace.concurrency import CAPS, evidence
from prismafix.workspace.model import Evidence, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.capacity import Served
    from prismafix.workspace.model import Package

BEST: Applicability = "unsafe"
_SHOWN = 3


def check(project: Project) -> Iterable[Finding]:
    """Deployment files with functions that nothing caps, and Vercel projects that connect directly."""
    for one in served(project):
        if one.uncapped and one.pooler is None:
            yield _of_file(project, one)
    for package in project.workspace.packages:
        found = _on_vercel(project, package)
        if found is not None:
            yield found


def _of_file(project: Project, one: Served) -> Finding:
    given = project.options.budget
    names = [f.name for f in one.uncapped]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    who = (
        f"the function {names[0]}" if len(names) == 1 else f"{len(names)} functions ({', '.join(names[:_SHOWN])}{more})"
    )
    size = given.limit or (one.limit.size if one.limit is not None else None)
    each = f"each opens up to {size} connection{'' if size == 1 else 's'}" if size else "each has a pool of its own"
    intent, reason = _fix(project, one, size)
    return Finding(
        code="PF602",
        path=one.deployment.path,
        start=0,
        end=0,
        message=f"nothing caps how many instances of {who} there are at once, and {each}",
        evidence=(
            *(evidence(one.deployment, f, _shown(f.provisioned)) for f in one.uncapped),
            *(Evidence(s.path, _line(project, s.path, s.expr.start), "the client they use") for s in one.sites[:1]),
            *((one.limit.evidence,) if one.limit is not None and not given.limit else ()),
        ),
        intent=intent,
        reason=reason,
        label="",
        package=package_name(project, one.deployment.path),
    )


def _shown(provisioned: int | None) -> str:
    return f"no cap: {provisioned} provisioned instances, and more on demand" if provisioned else "no cap"


def _line(project: Project, path: str, start: int) -> int:
    facts = project.facts(path)
    return facts.line_of(start) if facts is not None else 0


def _fix(project: Project, one: Served, size: int | None) -> tuple[Intent | None, str]:
    given = project.options.budget
    key = CAPS[one.deployment.form]
    pooler = "or put a pooler in front of the database (RDS Proxy, PgBouncer, Accelerate)"
    if given.max_connections is None or size is None:
        lacking = "max-connections" if given.max_connections is None else "limit (the pool's size)"
        return None, (
            f"set {lacking} under [budget] in prismafix.toml, or run `prismafix budget --live`, to know the {key} that "
            f"fits; {pooler}"
        )
    # Functions run one process each.
    found = work_out(replace(given, instances=one.instances, processes=1, limit=size))
    alone = sum(1 for f in one.functions if not f.capped and not f.from_outside)  # one of each, by its schedule
    room = (found.most_instances or 0) - one.instances - alone
    caps = shares(room, [1] * len(one.uncapped))
    if not caps:
        return None, (
            f"there is room for {max(room, 0)} more instances with {size} connections each, and these are "
            f"{len(one.uncapped)} functions: make the pool smaller, {pooler}"
        )
    provisioned = next((f for f in one.uncapped if (f.provisioned or 0) > caps[0]), None)
    if provisioned is not None:
        return None, (
            f"{provisioned.name} has {provisioned.provisioned} provisioned instances, and only {caps[0]} fit: make the "
            f"pool smaller, {pooler}"
        )
    doubts = (
        Doubt("unsafe", f"requests beyond {caps[0]} at once per function are throttled: check that this is enough"),
        Doubt("unsafe", f"{key} is taken from the account's concurrency, of which AWS wants 100 left unreserved"),
    )
    action = CapConcurrency(one.deployment.path, tuple((f.name, caps[0]) for f in one.uncapped))
    return Intent(action, f"Cap the functions in {one.deployment.path} at what the database allows", doubts), ""


def _on_vercel(project: Project, package: Package) -> Finding | None:
    """A package that is deployed to Vercel and is known to connect to its database directly."""
    file = next((e for e in package.target_evidence if e.path.rpartition("/")[2] == "vercel.json"), None)
    if file is None or package.target != "serverless" or not project.is_looked_at(file.path):
        return None
    direct = next(
        (
            told
            for told in url_settings(project)
            if told.situation.target == "serverless"
            and told.advice.recognised.provider.pooling in ("direct", "session")
            and any(within(schema.path, package.root) for schema in told.schemas)
        ),
        None,
    )
    if direct is None:
        return None
    sites = [site for site in pooled_sites(project) if project.workspace.package_of(site.path) is package]
    if not sites:
        return None
    where = direct.advice.recognised
    return Finding(
        code="PF602",
        path=file.path,
        start=0,
        end=0,
        message="nothing caps how many instances Vercel starts, and each has a pool of its own to the database itself",
        evidence=(
            file,
            Evidence(direct.setting.path, direct.setting.line, f"{where.provider.title}: {where.evidence}"),
            Evidence(sites[0].path, _line(project, sites[0].path, sites[0].expr.start), "the client they use"),
        ),
        reason="no file caps them on Vercel (maxDuration limits time): connect through a pooler, and hold instances x "
        "pool size against the database with `prismafix budget`",
        package=package_name(project, file.path),
    )
