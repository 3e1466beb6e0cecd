"""Where driver adapters are built: what configures their pool, and where they take the URL from.

Signatures as of @prisma/adapter-pg, -mariadb and -mssql: a configuration, a pool of the driver (pg from 5.4, mariadb
from 7), or a URL (pg from 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.connection.adapters import ADAPTERS, Adapter
from prismafix.project.denote.values import External
from prismafix.project.fan_out import lists
from prismafix.project.model import once_per_project
from prismafix.project.pools.urls import Origin, Place, origins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project

_NAMES = {name.lower(): adapter for name, adapter in ADAPTERS.items()}
_TAILS = tuple(dict.fromkeys(adapter.package.rpartition("/")[2] for adapter in ADAPTERS.values() if adapter.options))
_DEPTH = 5

Holder = Literal["options", "url", "nothing"]


@dataclass(frozen=True, slots=True, eq=False)
class AdapterSite:
    """One `new PrismaPg(…)` (or another adapter that has a TCP pool).

    `holder` is what configures the pool: an object literal (`options`), a URL in its place (`url`, `holds` being the
    argument), or an empty list of arguments (`nothing`, `holds` being the construction of the driver's pool). `pool`:
    `holds` belongs to a driver's pool that the adapter is given. `urls` are what the connection string comes from,
    empty where the options name none.
    """

    path: str
    use: Use
    adapter: Adapter
    holder: Holder
    holds: Place
    pool: bool
    urls: tuple[Origin, ...]


@once_per_project
def adapter_sites(project: Project) -> tuple[AdapterSite, ...]:
    """Those that are configured in a way that is known, in all modules of the workspace (there are few), by path
    and offset."""
    modules = sorted({module for module, _ in project.store.importing(_TAILS)})
    return tuple(site for path in modules for site in _sites(project, path))


def _sites(project: Project, path: str) -> Iterator[AdapterSite]:
    evaluator = project.evaluator
    for use in evaluator.index(path).news:
        made = evaluator.value(path, use.expr.callee, use.root.scope)
        if not isinstance(made, External) or len(made.names) != 1 or not use.expr.arguments:
            continue
        adapter = _NAMES.get(made.names[0].lower())
        if adapter is None or adapter.package != made.specifier or not adapter.options:
            continue
        found = _configured(evaluator, Place(path, use.expr.arguments[0], use.root.scope), adapter)
        if found is None:
            continue
        holder, holds, pool = found
        url = _url(evaluator, holder, holds)
        yield AdapterSite(path, use, adapter, holder, holds, pool, origins(evaluator, url) if url is not None else ())


def _configured(evaluator: Evaluator, given: Place, adapter: Adapter) -> tuple[Holder, Place, bool] | None:
    place = _constant(evaluator, given)
    if place.expr.kind == "object":
        return "options", place, False
    value = evaluator.value(place.path, place.expr, place.scope)
    if isinstance(value, External) and _is_pool(value, adapter) and value.source is not None:
        pool = Place(*value.source)
        if pool.expr.kind not in ("new", "call"):
            return None
        if not pool.expr.arguments:
            return "nothing", pool, True
        options = _constant(evaluator, Place(pool.path, pool.expr.arguments[0], pool.scope))
        return ("options", options, True) if options.expr.kind == "object" else None
    found = origins(evaluator, given)
    if found and all(origin.kind != "unknown" for origin in found):
        return "url", given, False
    return None


def _is_pool(value: External, adapter: Adapter) -> bool:
    if adapter.database == "postgresql":
        return value.specifier in ("pg", "pg-pool") and (
            value.names[-2:] == ("Pool", "new()") or (value.specifier == "pg-pool" and value.names == ("new()",))
        )
    return adapter.database == "mysql" and value.specifier == "mariadb" and value.names == ("createPool", "()")


def _constant(evaluator: Evaluator, place: Place) -> Place:
    """The initialiser behind a name that is declared once, through imports."""
    for _ in range(_DEPTH):
        if place.expr.kind != "name":
            break
        found = lists.origin(evaluator, place.path, place.expr.text, place.scope)
        if found is None:
            break
        path, facts, binding = found
        if binding.kind != "const" or binding.value < 0 or binding.path:
            break
        root = facts.roots[binding.value]
        place = Place(path, root.expr, root.scope)
    return place


def _url(evaluator: Evaluator, holder: Holder, holds: Place) -> Place | None:
    """The expression of the connection string; None where there is none."""
    if holder == "url":
        return holds
    if holder == "nothing":
        return None
    given = holds.expr.property_value("connectionString")
    if given is not None:
        return Place(holds.path, given, holds.scope)
    return _taken_apart(evaluator, holds)


def _taken_apart(evaluator: Evaluator, holds: Place) -> Place | None:
    """The URL behind `host: url.hostname`, where `url` is `new URL(…)` and nobody reads parameters of it."""
    host = holds.expr.property_value("host") or holds.expr.property_value("server")
    if host is None or host.kind != "member" or host.text not in ("hostname", "host"):
        return None
    parsed = _constant(evaluator, Place(holds.path, host.children[0], holds.scope))
    made = parsed.expr
    if made.kind != "new" or made.callee.chain() != ("URL",) or len(made.arguments) != 1:
        return None
    if any(evaluator.index(path).members.get("searchParams") for path in {holds.path, parsed.path}):
        return None
    return Place(parsed.path, made.arguments[0], parsed.scope)


def option(site: AdapterSite, name: str) -> Expr | Literal["unknown"] | None:
    """What is given as an option (`pool.max`: `max` in the object `pool`), None where it is not there."""
    if site.holder != "options":
        return None
    holder = site.holds.expr
    outer, _, inner = name.partition(".")
    spread = any(child.kind != "property" or not child.text for child in holder.children)
    value = holder.property_value(outer)
    if value is None:
        return "unknown" if spread else None
    if not inner:
        return value
    if value.kind != "object" or any(child.kind != "property" or not child.text for child in value.children):
        return "unknown"
    return value.property_value(inner)


def limit_of(site: AdapterSite) -> Expr | Literal["unknown"] | None:
    """What the size of the pool is set to; pg's pool still takes its old name `poolSize`."""
    found = option(site, site.adapter.options["limit"].name)
    if found is None and site.adapter.database == "postgresql":
        return option(site, "poolSize")
    return found
