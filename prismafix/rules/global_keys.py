"""Which property of `globalThis` a client is kept at, and who else uses one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.model import once_per_project
from prismafix.project.pools.guards import Slot
from prismafix.rules.pools import pools_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.model import Project
    from prismafix.rules.pools import Pool
    from prismafix.workspace.model import Package

_TELLING = ("globalThis", "global", "window", "self", "process", "typeof")
"""One of these stands in a module that uses a property of the global object before any other module has set it."""
_MOST = 100
"""So many variations of a name are tried."""


def global_key(project: Project, pool: Pool) -> str:
    """A property of `globalThis` for the client of a pool: nothing in the processes that may load it uses the property
    so far, and no other pool gets it there."""
    return _keys(project).get(_name_of(pool)) or free_key(project, pool.package, pool.entry)


def free_key(project: Project, package: Package, entry: str, taken: Collection[str] = ()) -> str:
    """A property of `globalThis` for a client of a package: unique per generated client of the workspace, none of
    `taken`, and nothing in the processes that may load the package uses it so far."""
    wanted = _wanted(project, entry)
    variations = (wanted, f"{wanted}Global", f"__{wanted}", *(f"{wanted}Global{n}" for n in range(2, _MOST)))
    free = (key for key in variations if key not in taken)
    return next(key for key in free if next(uses_of_global(project, package, key), None) is None)


def _name_of(pool: Pool) -> tuple[str, str, str]:
    return pool.package.root, pool.entry, pool.target


@once_per_project
def _keys(project: Project) -> dict[tuple[str, str, str], str]:
    """The property for each pool of a process that may get a guard: those that have no client of another package. The
    database that most modules use comes first."""
    found: dict[tuple[str, str, str], str] = {}
    for pool in sorted(pools_of(project), key=lambda each: not each.main):
        if pool.shared is None or (pool.shared in pool.sites and pool.shared.placement == "module"):
            together = _together(project, pool.package.root)
            taken = [key for (root, _, _), key in found.items() if root in together]
            taken += _keys_elsewhere(project, pool.package.root)
            found[_name_of(pool)] = free_key(project, pool.package, pool.entry, taken)
    return found


def _keys_elsewhere(project: Project, root: str) -> list[str]:
    """What packages of the process may get that are not looked at now, and that come before this one."""
    together = _together(project, root) - (project.packages or _together(project, root))
    sites = (
        site
        for path in project.store.constructing()
        if (other := project.workspace.package_root(path)) in together and other < root
        for site in project.clients.sites(path)
    )
    return [_wanted(project, site.klass.entry) for site in sites if site.placement == "module"]


def _wanted(project: Project, entry: str) -> str:
    outputs = sorted({g.output or "" for s in project.workspace.schemas for g in s.generators})
    if len(outputs) <= 1 or entry == "" or entry.startswith("?"):
        return "prisma"
    words = [
        w
        for w in re.split(r"[^A-Za-z0-9]+", entry)
        if w and w not in ("generated", "src", "client", "node_modules", "prisma")
    ]
    return "prisma" + "".join(w[:1].upper() + w[1:] for w in words[-2:])


def uses_of_global(project: Project, package: Package, name: str) -> Iterator[tuple[str, int]]:
    """(module, offset in bytes) of each place that reads, writes or looks for a property of the global object, in the
    packages that one process may load together with `package`. `name` is that of a slot: `x` of `globalThis.x`, or
    `process.x`."""
    together, last = _together(project, package.root), name.rsplit(".", 1)[-1]
    mentions = project.store.mentions
    for path in project.workspace.source_files:
        near = project.workspace.package_root(path) in together and mentions(path, last)
        if near and any(mentions(path, word) for word in _TELLING):
            yield from ((path, start) for start in _uses(project, path, name))


def _uses(project: Project, path: str, name: str) -> Iterator[int]:
    facts, guards = project.facts(path), project.clients.guards
    if facts is None:
        return
    for root in facts.roots:
        for part in root.expr.walk():
            if _is_use(project, path, facts, part, root.scope, name):
                yield part.start
    for binding in facts.bindings:
        held = facts.roots[binding.value] if binding.path == (name,) and binding.value >= 0 else None
        if held is not None and guards.is_global(path, held.expr, held.scope):
            yield binding.start
    yield from (use.expr.start for use, key in guards.assigned(path) if key == name)


def _is_use(project: Project, path: str, facts: ModuleFacts, part: Expr, scope: int, name: str) -> bool:
    """Whether an expression is `name` (declared by nobody), `global.name`, `global[KEY]` or `"name" in global`."""
    guards = project.clients.guards
    if part.kind == "name":
        return part.text == name and facts.lookup(name, scope) is None
    if part.kind in ("member", "index"):
        kept = _by_constant(project, path, facts, part, scope) or guards.slot(path, part, scope)
        return kept == Slot("global", name)
    looks = part.kind == "binary" and part.text == "in" and part.children[0].text == name
    return looks and guards.is_global(path, part.children[1], scope)


def _by_constant(project: Project, path: str, facts: ModuleFacts, expr: Expr, scope: int) -> Slot | None:
    """The place that `globalThis[KEY]` means, where `KEY` is a constant string of the module."""
    key = expr.children[1] if expr.kind == "index" else None
    binding = facts.lookup(key.text, scope) if key is not None and key.kind == "name" else None
    held = facts.roots[binding.value].expr if binding is not None and binding.value >= 0 else None
    if held is None or held.kind != "string" or not project.clients.guards.is_global(path, expr.children[0], scope):
        return None
    return Slot("global", held.text)


@once_per_project
def _together(project: Project, root: str) -> frozenset[str]:
    """The folders of the packages that a process may load together with the one in `root`: those that depend on it,
    and all that these depend on."""
    by_root = {package.root: package for package in project.workspace.packages}
    needs: dict[str, set[str]] = {}
    for package in by_root.values():
        found = (project.workspace.package_by_name(name) for name in package.dependencies)
        needs[package.root] = {other.root for other in found if other is not None}
    users = {root}
    while more := {one for one, others in needs.items() if others & users} - users:
        users |= more
    loaded = set(users)
    while more := {other for one in loaded for other in needs.get(one, ())} - loaded:
        loaded |= more
    return frozenset(loaded)
