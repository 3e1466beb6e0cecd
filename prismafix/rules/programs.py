"""Which programs a package is part of, as far as the rules about connections ask: who uses it, where they run, and
whether they hold a connection in an interactive transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.model import once_per_project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.workspace.model import Evidence, Package, Target


@once_per_project
def users_of(project: Project, root: str) -> tuple[Package, ...]:
    """A package and those of the workspace that depend on it, directly or through others."""
    packages = project.workspace.packages
    found = [package for package in packages if package.root == root]
    for package in found:  # grows while it is walked
        if package.name:
            found += [p for p in packages if package.name in p.dependencies and p not in found]
    return tuple(found)


def agreed_target(packages: Iterable[Package]) -> tuple[Target, tuple[Evidence, ...]]:
    """Where all packages run of which that is known, and why; "unknown" where they do not agree."""
    known = [package for package in packages if package.target != "unknown"]
    if len({package.target for package in known}) != 1:
        return "unknown", ()
    return known[0].target, known[0].target_evidence[:1]


def target_of(project: Project, path: str) -> tuple[Target, tuple[Evidence, ...]]:
    """Where a module runs, and why: as its deployment unit or its package says; for a library, as all packages say
    that depend on it and are known."""
    package, unit = project.workspace.package_of(path), project.workspace.unit_of(path)
    if package is None:
        return "unknown", ()
    if package.target != "unknown":
        if unit is not None and unit.target not in ("unknown", package.target):
            return "unknown", ()
        return package.target, package.target_evidence[:1]
    if unit is not None and unit.target != "unknown":
        return unit.target, (unit.evidence,)
    return agreed_target(users_of(project, package.root))


@once_per_project
def opens_transactions(project: Project, root: str) -> bool:
    """Whether an interactive transaction may be opened in a package, or in one that depends on it."""
    roots = {package.root for package in users_of(project, root)}
    return any(
        project.workspace.package_root(path) in roots
        and project.store.mentions(path, "$transaction")
        and not project.roles.is_aside(path)
        and _is_interactive(project, path)
        for path in project.store.seeds()
    )


def _is_interactive(project: Project, path: str) -> bool:
    """Whether a `$transaction` in a module gets anything but a list of queries."""
    for use in project.evaluator.index(path).members.get("$transaction", ()):
        call = use.around[0] if use.around else None
        if call is None or call.kind != "call" or not call.arguments or call.arguments[0].kind != "array":
            return True
    return False
