"""A client has a `globalThis` guard that does not hold.

It writes the global but never reads it, reads another name than it writes, writes only in production, or builds the
client before it looks. Such code looks guarded and is not: every reload in development still opens another connection
pool.

The fix replaces the guard by one that holds. It is offered where the guard's statements are plain; elsewhere the
finding says what is wrong with it. Unsafe where other modules use the same global: they would find the client there
earlier, later or never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.client_plan import client_plan
from prismafix.rules.global_keys import free_key, uses_of_global
from prismafix.rules.model import Applicability, Doubt, Finding, GuardClient, Intent, Span
from prismafix.rules.per_request import is_shared
from prismafix.rules.places import language_of
from prismafix.rules.support import in_application, package_name, role_evidence, span, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Root
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.workspace.model import Package

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """Guards that do not hold."""
    for path in project.seeds():
        if in_application(project, path):
            for site in project.clients.sites(path):
                elsewhere = any(e.site is site for e in client_plan(project).excess) or is_shared(project, site)
                if site.placement == "broken" and site.guard is not None and not elsewhere:
                    yield from _findings(project, site)


def _findings(project: Project, site: ClientSite) -> Iterator[Finding]:
    facts = project.facts(site.path)
    package = project.workspace.package_of(site.path)
    if facts is None or site.guard is None or package is None:
        return
    intent, reason = None, f"{site.guard.broken}: mend it by hand"
    broken = _guard_statements(project, site)
    if site.function < 0 and site.local and broken and site.guard.mendable:
        language = language_of(project, package, site.path)
        last = site.guard.slot.name.rsplit(".", 1)[-1]
        key = last if last.isidentifier() else free_key(project, package, site.klass.entry)
        action = GuardClient(span(site.path, site.whole), site.local, key, language, broken)  # type: ignore[arg-type]
        doubts = tuple(_used_elsewhere(project, package, site, broken))
        intent = Intent(action, f"Mend the globalThis guard of the Prisma client in {site.path}", doubts)
        reason = ""
    yield Finding(
        code="PF104",
        path=site.path,
        start=site.expr.start,
        end=site.expr.end,
        message=f"the guard of this client does not hold: {site.guard.broken}",
        evidence=(role_evidence(project, site.path),),
        intent=intent,
        reason=reason,
        label="built again at every reload",
        package=package_name(project, site.path),
        symbol=symbol(facts, site.function),
    )


def _used_elsewhere(project: Project, package: Package, site: ClientSite, broken: tuple[Span, ...]) -> Iterator[Doubt]:
    """Other modules that use a property of the global object which this guard reads or writes: they would find the
    client there earlier, later or never."""
    names = [site.guard.slot.name] if site.guard is not None else []
    names += [name for _, name in _written(project, site.path) if broken]
    for name in dict.fromkeys(names):
        other = next((path for path, _ in uses_of_global(project, package, name) if path != site.path), None)
        if other is not None:
            yield Doubt("unsafe", f"{other} uses the global `{name}` too: check what it has to find there, and when")


def _guard_statements(project: Project, site: ClientSite) -> tuple[Span, ...]:
    """The statements at module level that write the client to the global."""
    found = (Span(site.path, root.start, root.end) for root, _ in _written(project, site.path))
    return tuple(sorted(found, key=lambda s: s.start))


def _written(project: Project, path: str) -> Iterator[tuple[Root, str]]:
    """The statements at module level that write to the global object, with the name of the property."""
    if project.facts(path) is None:
        return
    for uses in project.evaluator.index(path).assignments.values():
        for use in uses:
            slot = project.clients.guards.slot(path, use.expr.children[0], use.root.scope)
            if slot is not None and slot.kind == "global" and use.root.role == "statement" and use.root.function < 0:
                yield use.root, slot.name
