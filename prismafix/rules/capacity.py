"""What PF601, PF602 and `prismafix budget` share: which deployed functions open connections, and how large their pools
are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.connection.adapters import pool_settings
from prismafix.project.index.resolve import ModuleTarget
from prismafix.project.model import once_per_project
from prismafix.project.pools.adapters import adapter_sites
from prismafix.project.pools.adapters import limit_of as size_of
from prismafix.rules.arguments import constant, is_pooled, pool_size
from prismafix.rules.url_settings import url_settings
from prismafix.workspace.concurrency import deployments
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.facts.model import Expr
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.workspace.concurrency import CloudFunction, Deployment
    from prismafix.workspace.model import Schema

_TCP = ("postgresql", "mysql", "sqlserver")
"""Providers whose server has one small number of connections for everybody; not so CockroachDB and MongoDB."""
_NO_POOL = (
    "@prisma/extension-accelerate",
    "@neondatabase/serverless",
    "@prisma/adapter-neon",
    "@prisma/adapter-planetscale",
    "@prisma/adapter-libsql",
    "@prisma/adapter-d1",
)
"""A module that imports one of these may well build its client with it: over HTTP or WebSocket, no pool of ours."""
_SHARING = ("transaction", "proxy", "built-in", "none")
_MODULES = 3000
"""So many modules are followed from a handler."""
_DIRECT_URL = re.compile(rb"^[ \t]*directUrl[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The most connections that one process opens, and where that is said."""

    size: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Served:
    """A deployment file and its functions that lead to a client with a TCP pool (`sites`). `limit` is the size of that
    pool, None where it is not known or not the same for all. `pooler` is what stands between instances and database,
    None where nothing shows one."""

    deployment: Deployment
    functions: tuple[CloudFunction, ...]
    sites: tuple[ClientSite, ...]
    limit: PoolSize | None
    pooler: Evidence | None

    @property
    def capped(self) -> tuple[CloudFunction, ...]:
        """The functions whose number of instances the file says."""
        return tuple(one for one in self.functions if one.cap is not None)

    @property
    def uncapped(self) -> tuple[CloudFunction, ...]:
        """Those that are started from outside, and that nothing caps."""
        return tuple(one for one in self.functions if one.from_outside and not one.capped)

    @property
    def instances(self) -> int:
        """The most instances of the capped functions together."""
        return sum(one.cap or 0 for one in self.functions)


@once_per_project
def served(project: Project) -> tuple[Served, ...]:
    """The deployment files with functions that open connections, by path."""
    found = []
    for deployment in deployments(project.workspace):
        if not project.is_looked_at(deployment.path):
            continue
        reached = {one.name: _reached(project, one.module) for one in deployment.functions if one.module is not None}
        functions = tuple(one for one in deployment.functions if reached.get(one.name))
        sites = tuple(dict.fromkeys(site for one in functions for site in reached[one.name]))
        if functions:
            pooler = _pooler(project, deployment, sites)
            found.append(Served(deployment, functions, sites, limit_of(project, sites), pooler))
    return tuple(found)


@once_per_project
def pooled_sites(project: Project) -> tuple[ClientSite, ...]:
    """The clients of the application code with a TCP pool, of the whole workspace."""
    return tuple(site for path in project.store.constructing() for site in _sites(project, path))


def limit_of(project: Project, sites: Iterable[ClientSite]) -> PoolSize | None:
    """The size of the pool of these clients; None where one is not known, or they differ."""
    sizes = [_size(project, site) for site in sites]
    known = [size for size in sizes if size is not None]
    if not known or len(known) != len(sizes) or len({size.size for size in known}) != 1:
        return None
    return known[0]


def pooler_of(project: Project, sites: Iterable[ClientSite]) -> Evidence | None:
    """What shows that a pooler stands in front of the database of these clients."""
    for schema in dict.fromkeys(schema for site in sites if (schema := _schema(project, site)) is not None):
        for told in url_settings(project):
            provider = told.advice.recognised.provider
            if schema in told.schemas and provider.pooling in _SHARING:
                return Evidence(told.setting.path, told.setting.line, f"through {provider.title}")
        for path in schema.files:
            try:
                match = _DIRECT_URL.search(project.workspace.read(path))
            except OSError:
                continue
            if match is not None:  # why else would there be two URLs
                line = match.string.count(b"\n", 0, match.start()) + 1
                return Evidence(path, line, "a directUrl for migrations: the client's own URL goes through a pooler")
    return None


def _pooler(project: Project, deployment: Deployment, sites: tuple[ClientSite, ...]) -> Evidence | None:
    if deployment.pooler:
        return Evidence(deployment.path, 0, "names a pooler in front of the database")
    return pooler_of(project, sites)


def _reached(project: Project, module: str) -> tuple[ClientSite, ...]:
    """The clients with a TCP pool that are built in a module, or in one that it imports, directly or not."""
    found: list[ClientSite] = []
    seen, todo = {module}, [module]
    while todo and len(seen) < _MODULES:
        path = todo.pop()
        found += _sites(project, path)
        for specifier in project.store.specifiers(path):
            target = project.resolver.resolve(path, specifier)
            if isinstance(target, ModuleTarget) and target.path not in seen:
                seen.add(target.path)
                todo.append(target.path)
    return tuple(sorted(found, key=lambda site: (site.path, site.expr.start)))


@once_per_project
def _sites(project: Project, path: str) -> tuple[ClientSite, ...]:
    if path not in _constructing(project) or not _NO_POOL_SET.isdisjoint(project.store.specifiers(path)):
        return ()
    return tuple(
        site
        for site in project.clients.sites(path)
        if site.role.kind == "application"
        and is_pooled(project, site)
        and (schema := _schema(project, site)) is not None
        and schema.provider in _TCP
    )


_NO_POOL_SET = frozenset(_NO_POOL)


@once_per_project
def _constructing(project: Project) -> frozenset[str]:
    return frozenset(project.store.constructing())


def _schema(project: Project, site: ClientSite) -> Schema | None:
    return project.schema_of(site.klass.entry, site.path)


def _size(project: Project, site: ClientSite) -> PoolSize | None:
    facts = project.facts(site.path)
    line = facts.line_of(site.expr.start) if facts is not None else 0
    written = pool_size(project, (site.path, site.expr.start))
    if written is not None:
        return PoolSize(written, Evidence(site.path, line, f"a pool of {written}"))
    options = constant(project, site, site.expr.arguments[0]) if site.expr.arguments else None
    adapter = options.property_value("adapter") if options is not None and options.kind == "object" else None
    if adapter is not None:
        usual = _usual_size(project, site, constant(project, site, adapter))
        return None if usual is None else PoolSize(usual, Evidence(site.path, line, f"a pool of {usual}"))
    return _of_url(project, site)


def _usual_size(project: Project, site: ClientSite, adapter: Expr) -> int | None:
    """The size of an adapter's pool where `pool_size` finds none: written in another module, or what the driver does
    without one, where all of its options are there to be read."""
    known = next((a for a in adapter_sites(project) if (a.path, a.use.expr.start) == (site.path, adapter.start)), None)
    if known is None or known.holder == "url":  # some drivers take a size from the URL
        return None
    size = size_of(known)
    if size is None:
        return int(known.adapter.options["limit"].default)
    return int(size.text) if size != "unknown" and size.kind == "number" and size.text.isdigit() else None


def _of_url(project: Project, site: ClientSite) -> PoolSize | None:
    """What `connection_limit` says, for Prisma's engine. Where several files set the variable, they have to agree;
    a database for development does not count."""
    schema = _schema(project, site)
    sizes: dict[int, PoolSize] = {}
    for told in url_settings(project):
        if schema not in told.schemas or told.situation.client != "engine":
            continue
        if told.advice.recognised.provider.pooling == "local":
            continue
        limit = pool_settings(told.url).get("limit")
        if not isinstance(limit, int):
            return None
        text = f"connection_limit of {limit} in {told.setting.name}"
        sizes.setdefault(limit, PoolSize(limit, Evidence(told.setting.path, told.setting.line, text)))
    return next(iter(sizes.values())) if len(sizes) == 1 else None
