"""The pools of a package: its clients per generated client, the shared one among them, and those that are one too many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.values import Client, ObjectRef
from prismafix.rules.arguments import other_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.project.clients import ClientSite
    from prismafix.project.model import Project
    from prismafix.workspace.model import Package


@dataclass(frozen=True, slots=True)
class Pool:
    """The clients of one package for one generated client. `shared` is the one that others import (perhaps of a package that this one
    depends on), None when there is none."""

    package: Package
    entry: str
    sites: tuple[ClientSite, ...]
    shared: ClientSite | None

    def excess(self, project: Project) -> Iterator[tuple[ClientSite, str]]:
        """(site, PF101 or PF102) for each client that is one too many."""
        lasting = [s for s in self.sites if s.placement in ("module", "guarded", "broken")]
        for site in self.sites:
            if site.role.kind == "edge":
                continue  # where sharing is forbidden, a client per request is right
            if site.placement in ("call", "instance"):
                yield site, "PF101"
            elif site.placement == "module" and site is not self.shared and not self._distinct(project, site):
                others = [s for s in lasting if s.path != site.path and not self._apart(project, s, site)]
                if others or (self.shared is not None and self.shared not in self.sites):
                    yield site, "PF102"

    def _distinct(self, project: Project, site: ClientSite) -> bool:
        return self.shared is not None and other_database(project, site, self.shared)

    @staticmethod
    def _apart(project: Project, a: ClientSite, b: ClientSite) -> bool:
        """Whether two clients are deliberately different."""
        return other_database(project, a, b)

    def __hash__(self) -> int:
        return hash((self.package.root, self.entry))


def pools_of(project: Project) -> tuple[Pool, ...]:
    """The pools of all packages, by package and generated client."""
    by_package: dict[tuple[str, str], list[ClientSite]] = defaultdict(list)
    packages: dict[str, Package] = {}
    for path in project.seeds():
        package = project.workspace.package_of(path)
        if package is None:
            continue
        packages[package.root] = package
        for site in project.clients.sites(path):
            if site.role.kind in ("application", "edge"):
                by_package[package.root, site.klass.entry].append(site)
    pools = []
    for (root, entry), sites in sorted(by_package.items()):
        shared = _shared(project, sites) or _from_dependencies(project, packages[root], entry, by_package)
        pools.append(Pool(packages[root], entry, tuple(sites), shared))
    return tuple(pools)


def _shared(project: Project, sites: list[ClientSite]) -> ClientSite | None:
    """The client that the package shares: exported from a module that is imported; guarded ones first, then most importers."""
    exported = [s for s in sites if s.placement in ("module", "guarded", "broken") and _is_exported(project, s)]
    if not exported:
        return None

    def rank(site: ClientSite) -> tuple[bool, int, int, str]:
        importers = {m for m, _ in project.resolver.importers(site.path)}
        return (site.placement != "guarded", -len(importers), len(site.path), site.path)

    best = min(exported, key=rank)
    if best.placement != "guarded" and not project.resolver.importers(best.path):
        leaves = [s for s in exported if _is_leaf(project, s)]
        return min(leaves, key=rank) if leaves else None
    return best


def _is_leaf(project: Project, site: ClientSite) -> bool:
    """Whether the module of a client is there for the client alone: all that it exports is this client."""
    facts = project.facts(site.path)
    if facts is None:
        return False
    for export in facts.exports:
        value = project.evaluator.export(site.path, export.name)
        if not export.type_only and not (isinstance(value, Client) and value.origin == (site.path, site.expr.start)):
            return isinstance(value, ObjectRef) and export.name == "module.exports" and len(value.expr.children) == 1
    return True


def _is_exported(project: Project, site: ClientSite) -> bool:
    if site.exported:
        return True
    return export_name(project, site) is not None


def export_name(project: Project, site: ClientSite) -> str | None:
    """Under which name the module of a client exports it; None when it does not. `default` only when there is no other."""
    facts = project.facts(site.path)
    if facts is None:
        return None
    names = []
    for export in facts.exports:
        if export.type_only or export.specifier or export.name == "*":
            continue
        value = project.evaluator.export(site.path, export.name)
        if isinstance(value, Client) and value.origin == (site.path, site.expr.start):
            names.append("default" if export.name == "module.exports" else export.name)
    if not names and any(e.name == "module.exports" for e in facts.exports):
        for name in {site.local, "prisma"} - {""}:
            value = project.evaluator.export(site.path, name)
            if isinstance(value, Client) and value.origin == (site.path, site.expr.start):
                names.append(name)
    named = [n for n in names if n != "default"]
    return next(iter(named or names), None)


def _from_dependencies(
    project: Project, package: Package, entry: str, by_package: dict[tuple[str, str], list[ClientSite]]
) -> ClientSite | None:
    """The shared client of a workspace package that this package depends on."""
    for name in sorted(package.dependencies):
        other = project.workspace.package_by_name(name)
        if other is None or other.root == package.root:
            continue
        sites = by_package.get((other.root, entry), [])
        shared = _shared(project, sites)
        if shared is not None:
            return shared
    return None
