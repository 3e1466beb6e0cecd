"""The pools of a package: its clients per generated client, the shared one among them, and those that are one too
many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, ObjectRef
from prismafix.project.model import once_per_project
from prismafix.rules.arguments import target
from prismafix.rules.per_request import is_per_request, is_shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.workspace.model import Package


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The clients of one package that talk to one database. `target` names that (see `arguments.target`). `shared` is
    the one that others
    import (perhaps of a package that this one depends on), None when there is none. `main` for the database of the
    package that most modules use. `left` are (module, offset) of clients that a worker's requests build, or share:
    there a client per request is right, and PF105 speaks of the others."""

    package: Package
    entry: str
    target: str
    sites: tuple[ClientSite, ...]
    shared: ClientSite | None
    main: bool
    left: frozenset[tuple[str, int]] = frozenset()

    def excess(self) -> Iterator[tuple[ClientSite, str]]:
        """(site, PF101 or PF102) for each client that is one too many."""
        lasting = [s for s in self.sites if s.placement in ("module", "guarded", "broken")]
        for site in self.sites:
            if site.role.kind == "edge" or (site.path, site.expr.start) in self.left:
                continue  # where sharing is forbidden, a client per request is right
            if site.placement in ("call", "instance"):
                yield site, "PF101"
            elif self._per_module(site) and site is not self.shared:
                elsewhere = self.shared is not None and self.shared not in self.sites
                if elsewhere or any(s.path != site.path for s in lasting):
                    yield site, "PF102"

    def _per_module(self, site: ClientSite) -> bool:
        """Whether the module of a client builds its own in production. A broken guard is PF104's where nothing is
        shared."""
        if site.placement == "module":
            return True
        if site.guard is None or site.function >= 0:
            return False
        if site.placement == "broken":
            return self.shared is not None
        return site.placement == "guarded" and site.guard.development_only


@once_per_project
def pools_of(project: Project) -> tuple[Pool, ...]:
    """The pools of all packages, by package, generated client and database."""
    grouped: dict[tuple[str, str, str], list[ClientSite]] = defaultdict(list)
    packages: dict[str, Package] = {}
    for path in dict.fromkeys((*project.seeds(), *_of_dependencies(project))):
        package = project.workspace.package_of(path)
        if package is None or project.roles.role(path).kind not in ("application", "edge"):
            continue
        packages[package.root] = package
        for site in project.clients.sites(path):
            if site.role.kind in ("application", "edge"):
                grouped[package.root, site.klass.entry, target(project, site)].append(site)
    shared = {key: _shared(project, sites) for key, sites in grouped.items()}
    pools = []
    for (root, entry, where), sites in sorted(grouped.items()):
        if not project.is_looked_at(sites[0].path):
            continue
        own = shared[root, entry, where]
        rivals = [key for key in grouped if key[:2] == (root, entry)]
        main = min(rivals, key=lambda key: _weight(project, shared[key], grouped[key])) == (root, entry, where)
        stays = own or _from_dependencies(project, packages[root], entry, where, shared)
        left = {(s.path, s.expr.start) for s in sites if is_per_request(project, s) or is_shared(project, s)}
        pools.append(Pool(packages[root], entry, where, tuple(sites), stays, main, frozenset(left)))
    return tuple(pools)


def _of_dependencies(project: Project) -> list[str]:
    """The modules that may build a client in a package which one of those that are looked at depends on: the rest is
    not looked at now."""
    if project.packages is None:
        return []
    needed = {name for p in project.workspace.packages if p.root in project.packages for name in p.dependencies}
    found = (package for package in map(project.workspace.package_by_name, needed) if package is not None)
    roots = {package.root for package in found} - project.packages
    return [path for path in project.store.constructing() if project.workspace.package_root(path) in roots]


def _weight(project: Project, shared: ClientSite | None, sites: list[ClientSite]) -> tuple[int, int, str]:
    """Smallest for the group whose shared client has the most importers."""
    importers = len({m for m, _ in project.resolver.importers(shared.path)}) if shared is not None else 0
    return (-importers, -len(sites), sites[0].path)


def _shared(project: Project, sites: list[ClientSite]) -> ClientSite | None:
    """The client that the package shares: exported from a module that is imported; guarded ones first, then most
    importers."""
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
    """Under which name the module of a client exports it; None when it does not. `default` only when there is no
    other."""
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
    project: Project, package: Package, entry: str, where: str, shared: dict[tuple[str, str, str], ClientSite | None]
) -> ClientSite | None:
    """The shared client of a workspace package that this package depends on, for the same database."""
    for name in sorted(package.dependencies):
        other = project.workspace.package_by_name(name)
        if other is None or other.root == package.root or other.workspace_root != package.workspace_root:
            continue
        found = shared.get((other.root, entry, where))
        if found is not None:
            return found
    return None
