"""Each number of the budget, and where it comes from: flags, configuration, deployment files, code, the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.connection.budget import UNKNOWN, Figures, Sum, work_out
from prismafix.connection.limit import is_pooled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismafix.budget.live import Live
    from prismafix.connection.providers import Recognised
    from prismafix.project.model import Project
    from prismafix.rules.capacity import Served
    from prismafix.workspace.model import Evidence

FIGURES = ("instances", "processes", "limit", "max_connections", "reserved", "others")
_PG_RESERVED = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a project says: figures with their sources, functions that nothing caps as (file, names), a pooler in front
    of the database, the variable that holds the connection string, and the provider that schemas name."""

    figures: Figures = UNKNOWN
    sources: tuple[tuple[str, str], ...] = ()
    uncapped: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pooler: str = ""
    variable: str = "DATABASE_URL"
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """All figures, where each comes from, and what follows. `missing` are (figure, how to give it)."""

    figures: Figures
    sources: Mapping[str, str]
    sum: Sum
    missing: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    live: Live | None


def of_project(project: Project) -> Found:
    """What deployment files and code say."""
    from prismafix.rules.capacity import limit_of, pooled_sites, pooler_of, served

    figures, sources = UNKNOWN, {}
    sites = pooled_sites(project)
    files = served(project)
    limit = limit_of(project, sites)
    if limit is not None:
        figures = replace(figures, limit=limit.size)
        sources["limit"] = f"{_place(limit.evidence)}, {limit.evidence.text}"
    uncapped = tuple((one.deployment.path, tuple(f.name for f in one.uncapped)) for one in files if one.uncapped)
    open_ended = any(f.capped and f.cap is None for one in files for f in one.functions)
    if files:
        figures = replace(figures, processes=1)
        sources["processes"] = "a function has one"
        if not uncapped and not open_ended:
            figures = replace(figures, instances=sum(_instances(one) for one in files))
            sources["instances"] = "; ".join(_said(one) for one in files)
    shown = next((one.pooler for one in files if one.pooler is not None), None) or pooler_of(project, sites)
    schemas = [schema for site in sites if (schema := project.schema_of(site.klass.entry, site.path)) is not None]
    variables = {schema.url_env for schema in schemas if schema.url_env}
    providers = {schema.provider for schema in schemas if schema.provider}
    return Found(
        figures,
        tuple(sources.items()),
        uncapped,
        f"{shown.text} ({_place(shown)})" if shown is not None else "",
        variables.pop() if len(variables) == 1 else "DATABASE_URL",
        providers.pop() if len(providers) == 1 else "",
    )


def _instances(one: Served) -> int:
    """One for each function that only a schedule or nothing that the file says starts."""
    return one.instances + sum(1 for f in one.functions if not f.capped)


def _said(one: Served) -> str:
    counts = (f"{f.name} {f.cap if f.cap is not None else '1 (nothing from outside starts it)'}" for f in one.functions)
    return f"{one.deployment.path}: {', '.join(counts)}"


def _place(evidence: Evidence) -> str:
    return f"{evidence.path}:{evidence.line}" if evidence.line else evidence.path


def put_together(
    flags: Figures, configured: Figures, found: Found, live: Live | None, recognised: Recognised | None
) -> Budget:
    """The first of flags, configuration, project and database that knows a figure says it."""
    values: dict[str, int] = {}
    sources: dict[str, str] = {}
    of_database, about = _of_database(live)
    project = dict(found.sources)
    for name in (*FIGURES, "headroom", "overlap"):
        for figures, source in (
            (flags, f"--{name.replace('_', '-')}"),
            (configured, f"{configured.file or 'configuration'}, [budget]"),
            (found.figures, project.get(name, "")),
            (of_database, about.get(name, "")),
        ):
            value = getattr(figures, name)
            if value is not None:
                values[name], sources[name] = value, source
                break
    _take_defaults(values, sources, found.provider)
    notes = []
    if live is not None and values.get("max_connections") != of_database.max_connections:
        said = f"{sources['max_connections']} says {values['max_connections']}"
        notes.append(f"{said}, the database itself {live.max_connections}")
    figures = Figures(**{name: values.get(name) for name in (*FIGURES, "headroom", "overlap")})  # type: ignore[arg-type]
    pooler = found.pooler
    if recognised is not None and is_pooled(recognised.provider, None):
        pooler = f"{recognised.provider.title} ({recognised.evidence})"
    if pooler:
        notes.append(
            f"a pooler shares the database's connections: {pooler}. So this sum is about connections to the pooler: "
            "hold it against the pooler's limit of clients (--max-connections)"
        )
        if not sources.get("max_connections", "").startswith(("--", configured.file or "configuration")):
            figures = replace(figures, max_connections=None)
            sources.pop("max_connections", None)
    total = work_out(figures)
    missing = tuple((name, _how(name, found, pooler)) for name in total.missing)
    return Budget(figures, sources, total, missing, tuple(notes), live)


def _of_database(live: Live | None) -> tuple[Figures, dict[str, str]]:
    """The database's figures. Where the role or the database has a limit of its own that is lower, that one counts."""
    if live is None:
        return UNKNOWN, {}
    reserved = sum(count for _, count in live.reserved)
    free = live.max_connections - reserved - live.others
    lowest = min(live.ceilings, key=lambda ceiling: ceiling[1], default=None)
    if lowest is not None and lowest[1] < free:
        about = {"max_connections": f"{lowest[0]}, lower than what {live.server} has for it ({free})"}
        return Figures(max_connections=lowest[1], reserved=0, others=0), {
            **about,
            "reserved": "not of this limit",
            "others": "not of this limit",
        }
    return Figures(max_connections=live.max_connections, reserved=reserved, others=live.others), {
        "max_connections": f"read from the database, {live.server}",
        "reserved": " + ".join(f"{name} {count}" for name, count in live.reserved) or "none",
        "others": "connections of other users at this moment",
    }


def _take_defaults(values: dict[str, int], sources: dict[str, str], provider: str) -> None:
    """What is taken where nothing says otherwise, with its name."""
    if "processes" not in values:
        values["processes"], sources["processes"] = 1, "taken for granted: --processes"
    if "max_connections" in values:
        if "reserved" not in values:
            mysql = provider == "mysql"  # its one for an administrator comes on top
            values["reserved"] = 0 if mysql else _PG_RESERVED
            sources["reserved"] = "MySQL reserves none" if mysql else "PostgreSQL's default: --reserved"
        if "others" not in values:
            values["others"], sources["others"] = 0, "not known, none counted: --others"


def _how(name: str, found: Found, pooler: str) -> str:
    if name == "instances":
        if found.uncapped:
            path, names = found.uncapped[0]
            many = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            return f"nothing in {path} caps {many}: --apply writes a cap where the rest is known, or give --instances"
        return "how many there are at most at once: --instances"
    if name == "limit":
        return "the pool's size in each process: --limit, connection_limit in the URL, or the adapter's option"
    if pooler:
        return "what the pooler lets in: --max-connections"
    return "what the database lets in: --max-connections, or read it with --live or --database-url -"
