"""The shared client of an app whose development server reloads modules is not kept on `globalThis`.

Next.js, Remix, Nuxt, SvelteKit, Astro and others evaluate a changed module again in the same process. Each edit then
builds another client with another connection pool, and the old ones stay open: after some edits the database refuses
connections ("There are already 10 instances of Prisma Client actively running").

The fix keeps the client on `globalThis` outside of production, typed, with its arguments and `$extends` chain kept
inside a factory. The module's exports stay as they are. The property, `prisma` where nothing else uses it, is one that
no other code of the process reads or writes.

Left alone: guards that work, whatever their style (`global.`, `globalThis.`, a `remember()` or `singleton()` helper,
a memo), and the client of a server that does not reload modules in its process (Express, Fastify, NestJS, a worker)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.arguments import is_pooled, reads
from prismafix.rules.client_plan import client_plan
from prismafix.rules.environment import late_environment
from prismafix.rules.global_keys import global_key
from prismafix.rules.model import Applicability, Doubt, Finding, GuardClient, Intent
from prismafix.rules.per_request import is_shared
from prismafix.rules.places import language_of
from prismafix.rules.support import package_name, role_evidence, span
from prismafix.workspace.model import Evidence, Package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.facts.model import Expr
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.rules.pools import Pool

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """Shared clients without a guard where modules are reloaded."""
    plan = client_plan(project)
    excess = {(e.site.path, e.site.expr.start) for e in plan.excess}
    for pool in plan.pools:
        reloading = reloader(project, pool.package)
        if reloading is None:
            continue
        for site in pool.sites:
            unit = project.workspace.unit_of(site.path)
            if unit is not None and unit.kind == "service" and unit.root != pool.package.root:
                continue  # a service of its own in a package that holds several apps: its process is restarted
            if site.placement != "module" or (site.path, site.expr.start) in excess or not is_pooled(project, site):
                continue
            if pool.main and not _is_part(site):  # the others are deliberately different: a read replica, another role
                yield _finding(project, pool, site, reloading)


def reloader(project: Project, package: Package) -> Package | None:
    """The package whose development server evaluates the modules of `package` again: itself, or one that depends on
    it."""
    if package.hot_reload:
        return package
    if not package.name:
        return None
    if package.workspace_root is None:
        return None
    for other in project.workspace.packages:
        if (
            other.hot_reload
            and other.workspace_root == package.workspace_root
            and package.name in other.dependencies
            and project.workspace.package_by_name(package.name) is package
        ):
            return other
    return None


def _is_part(site: ClientSite) -> bool:
    """Whether the client is built inside the arguments of something else, such as the replicas of another client."""
    return any(outer.kind in ("call", "new") and outer is not site.whole for outer in _outside(site))


def _outside(site: ClientSite) -> list[Expr]:
    around = site.use.around
    inside = [e for e in around if site.whole.start <= e.start and e.end <= site.whole.end]
    return [e for e in around if e not in inside and e.kind != "member"]


def _finding(project: Project, pool: Pool, site: ClientSite, reloading: Package) -> Finding:
    key = global_key(project, pool)
    language = language_of(project, pool.package, site.path)
    action = GuardClient(span(site.path, site.whole), site.local, key, language)  # type: ignore[arg-type]
    frameworks = ", ".join(
        sorted(
            reloading.frameworks
            & {"next", "remix", "react-router", "sveltekit", "nuxt", "astro", "solidstart", "redwood", "vite"}
        )
    )
    late = tuple(
        Doubt("unsafe", f"{doubt.text}, and a reload would no longer build it anew")
        for doubt in late_environment(project, site, reads(project, site))
    )
    intent: Intent | None = Intent(action, f"Keep the Prisma client of {site.path} on globalThis", late)
    reason = ""
    if is_shared(project, site):
        intent, reason = None, "a worker's requests must not share it at all: see PF105, a guard would have to go again"
    where = Evidence(
        f"{reloading.root}/package.json" if reloading.root else "package.json",
        1,
        f"its development server reloads modules ({frameworks or 'hot reload'})",
    )
    return Finding(
        code="PF103",
        path=site.path,
        start=site.expr.start,
        end=site.expr.end,
        message="each reload of this module in development builds another client with another connection pool",
        evidence=(role_evidence(project, site.path), where),
        intent=intent,
        reason=reason,
        label="not kept across reloads",
        package=package_name(project, site.path),
    )
