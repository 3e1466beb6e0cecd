"""From clients that are one too many to the intent that replaces them by the shared one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, FunctionRef
from prismafix.project.index.resolve import ModuleTarget
from prismafix.rules.arguments import Reads, reads, same_arguments
from prismafix.rules.client_uses import call_doubts, is_handed_on, logs, owns_session, use_doubts
from prismafix.rules.environment import late_environment
from prismafix.rules.global_keys import global_key
from prismafix.rules.model import (
    Construction,
    Doubt,
    HoistClient,
    Intent,
    NewSharedModule,
    SharedModule,
    Span,
    worst,
)
from prismafix.rules.own_client import own_client
from prismafix.rules.places import across_packages, language_of, module_system_of, new_module_path
from prismafix.rules.pools import Pool, export_name
from prismafix.rules.support import browser_importer, mock_doubts, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.project.reach.model import Effects

Key = tuple[str, int]


@dataclass(slots=True)
class HoistPlan:
    """What came of it: the `intent` for `sites` (or None and the `reason`), the `$disconnect`s that it strips, per
    site the pools and adapters that
    go along, and which clients have to be per call (`own_client`)."""

    intent: Intent | None
    reason: str
    sites: list[ClientSite]
    stripped: set[Key] = field(default_factory=set)
    companions: dict[Key, tuple[Expr, ...]] = field(default_factory=dict)
    reasons: dict[Key, str] = field(default_factory=dict)
    own_client: dict[Key, bool] = field(default_factory=dict)


def hoist_intent(
    project: Project, pool: Pool, sites: list[ClientSite], disconnects: list[tuple[str, Use]]
) -> HoistPlan:
    """One intent for the constructions of one module, with the `$disconnect`s of the clients that go."""
    plan = HoistPlan(None, "", [])
    doubts: list[Doubt] = []
    read: dict[Key, Reads] = {}
    for site in sites:
        key = (site.path, site.expr.start)
        read[key] = reads(project, site)
        plan.companions[key] = read[key].companions
        reason = _cannot_share(project, pool, site, read[key])
        if reason:
            plan.reasons[key] = reason
            plan.own_client[key] = bool(read[key].locals_)
        else:
            plan.sites.append(site)
    if not plan.sites:
        plan.reason = next(iter(plan.reasons.values()), "")
        return plan
    target = _target(project, pool, plan.sites)
    shared, create = target.shared, target.create
    if shared is None:
        plan.reason = target.doubts[0].text if target.doubts else "no shared module could be found or made"
        plan.sites = []
        return plan
    doubts += target.doubts
    moved = [target.moved] if target.moved is not None else []
    for site in moved:
        read[site.path, site.expr.start] = reads(project, site)
    for site in (*plan.sites, *moved):
        doubts += use_doubts(project, site)
        doubts += call_doubts(project, site)
        doubts += late_environment(project, site, read[site.path, site.expr.start])
    changed = {site.path for site in (*plan.sites, *moved)} | {shared.path} | {path for path, _ in disconnects}
    if create is None and pool.shared is not None:
        changed.add(pool.shared.path)  # the shared module may only pass it on
    doubts += mock_doubts(project, changed, pool.entry)
    plan.stripped = {(path, use.expr.start) for path, use in disconnects}
    constructions = tuple(_construction(site, read[site.path, site.expr.start]) for site in (*plan.sites, *moved))
    strips = tuple(sorted((token(path, use.expr) for path, use in disconnects), key=lambda s: (s.path, s.start)))
    first = plan.sites[0].path
    doubts = list(dict.fromkeys(doubts))
    if doubts and worst(*(d.applicability for d in doubts)) == "none":
        plan.reason = next(d.text for d in doubts if d.applicability == "none")
        plan.own_client = {(site.path, site.expr.start): True for site in plan.sites if owns_session(project, site)}
        plan.sites = []
        return plan
    plan.intent = Intent(
        HoistClient(constructions, strips, shared, create), f"Use the shared Prisma client in {first}", tuple(doubts)
    )
    return plan


def token(path: str, member: Expr) -> Span:
    """The span of the property name at the end of a member expression."""
    return Span(path, member.end - len(member.text.encode()), member.end)


def _cannot_share(project: Project, pool: Pool, site: ClientSite, found: Reads) -> str:
    """Why a client cannot be replaced by a shared one at all; "" when it can."""
    if site.klass.declared is not None:
        return "it is a class of the project: share one instance of it by hand"
    if found.locals_:
        names = ", ".join(f"`{n}`" for n in found.locals_[:3])
        return f"it is built from {names}, which differ from call to call: keep a bounded Map with one client per value"
    if site.placement == "module" and site.function >= 0:
        return "a factory builds it, once for each module that calls it: export one client instead"
    client_module = browser_importer(project, site.path)
    if client_module is not None:
        return f"{client_module} runs in the browser and leads to this module: a shared client would be built there"
    if site.placement == "module" and _is_apart(project, pool, site):
        return "this file is deployed as a function of its own, with its own process"
    return ""


def _is_apart(project: Project, pool: Pool, site: ClientSite) -> bool:
    """Whether the module is deployed as a function of its own and loads no other client of the pool."""
    unit = project.workspace.unit_of(site.path)
    if unit is None or unit.kind not in ("function-file", "function"):
        return False
    others = {s.path for s in pool.sites if s.path != site.path and s.placement in ("module", "guarded", "broken")}
    return not any(_imports(project, site.path, other) for other in others)


@dataclass(frozen=True, slots=True)
class _Target:
    """The shared module to use. `create` when it has to be made; `moved` is a client whose module cannot be imported,
    and which moves into the new one too. Without `shared`, the first doubt says why there is none."""

    shared: SharedModule | None
    create: NewSharedModule | None
    doubts: list[Doubt]
    moved: ClientSite | None = None


def _target(project: Project, pool: Pool, sites: list[ClientSite]) -> _Target:
    """The package's own shared module, that of a dependency, or a new one."""
    existing = pool.shared
    first = sites[0]
    foreign = existing is not None and existing not in pool.sites
    if foreign and existing is not None and not all(same_arguments(project, s, existing) for s in sites):
        existing = existing if _already_imports(project, pool, existing) else None
    if existing is not None and existing not in sites:
        if existing.path == first.path:
            own, doubts = own_client(project, existing, sites)
            doubts += [_different(project, s, existing) for s in sites if not same_arguments(project, s, existing)]
            return _Target(own, None, doubts + _hooks(project, existing))
        module = _existing(project, existing, first)
        obstacle = _obstacle(project, existing, first)
        if module is not None and module.export == "default" and _is_property(project, module.path, sites):
            text = f"{module.path} exports the client as a property `default`: export it under a name of its own first"
            return _Target(None, None, [Doubt("none", text)])
        if module is not None and not obstacle:
            chained = _is_chained(project, existing, module)
            different = [s for s in sites if chained or not same_arguments(project, s, existing)]
            doubts = [_different(project, s, existing, chained=chained) for s in different]
            return _Target(module, None, doubts + _hooks(project, existing))
        if obstacle:
            if foreign or existing.placement != "module" or not existing.local or reads(project, existing).locals_:
                return _Target(None, None, [Doubt("none", f"{obstacle}: move the client to a module of its own first")])
            return _extracted(project, pool, sites, existing, obstacle)
    source = _commonest(project, pool, first)
    shared, create = _made_from(project, pool, source)
    different = [s for s in sites if s is not source and not same_arguments(project, s, source)]
    return _Target(shared, create, [_different(project, s, source) for s in different])


def _commonest(project: Project, pool: Pool, first: ClientSite) -> ClientSite:
    """The client that a new shared module gets: the one that most others of the pool are the same as, so that all
    modules ask for the same one."""
    candidates = [
        s
        for s in pool.sites
        if s.placement in ("call", "instance", "module", "guarded", "broken")
        and s.klass.declared is None
        and not reads(project, s).locals_
    ]
    alike = {id(s): sum(same_arguments(project, s, other) for other in candidates) for s in candidates}
    return min(candidates, key=lambda s: (-alike[id(s)], s.extended, s.path, s.expr.start), default=first)


def _extracted(project: Project, pool: Pool, sites: list[ClientSite], existing: ClientSite, obstacle: str) -> _Target:
    """A leaf with the client of a module that cannot be imported; that module then re-exports it."""
    shared, create = _made_from(project, pool, existing)
    doubts = [Doubt("unsafe", f"{obstacle}, so its client moves into {shared.path}: check the order of start-up")]
    doubts += [_different(project, s, existing) for s in sites if not same_arguments(project, s, existing)]
    return _Target(shared, create, doubts, existing)


def _made_from(project: Project, pool: Pool, source: ClientSite) -> tuple[SharedModule, NewSharedModule]:
    """A new shared module of the package, with the client as `source` builds it."""
    package = pool.package
    importers = sorted(
        {s.path for s in pool.sites if s.placement in ("call", "instance", "module", "guarded", "broken")}
    )
    language = language_of(project, package, source.path)
    system = module_system_of(project, source.path)
    path = new_module_path(project, package, importers, "prisma", language, system)
    shared = SharedModule(path, "prisma")
    key = global_key(project, pool)
    create = NewSharedModule(shared, span(source.path, source.expr), language, system, package.hot_reload, key)  # type: ignore[arg-type]
    return shared, create


def _already_imports(project: Project, pool: Pool, shared: ClientSite) -> bool:
    """Whether a module of the package imports the other package's client: then a client of its own would be a second
    pool."""
    theirs = project.workspace.package_of(shared.path)
    for module, _ in project.resolver.importers(shared.path):
        if project.workspace.package_of(module) is pool.package:
            return True
    if theirs is None or not theirs.name:
        return False
    return any(
        project.workspace.package_of(module) is pool.package and specifier == theirs.name
        for module, specifier in project.store.importing([theirs.name.rsplit("/", 1)[-1]])
    )


def _is_property(project: Project, path: str, sites: Sequence[ClientSite]) -> bool:
    """Whether `default` is a property of what `require` gives of a module, and one of the two sides uses that:
    `exports.default = …`, or `export default` and an importer in CommonJS."""
    facts = project.facts(path)
    if facts is None or not any(export.name == "default" for export in facts.exports):
        return False
    return any(module_system_of(project, module) == "commonjs" for module in (path, *(site.path for site in sites)))


def _existing(project: Project, shared: ClientSite, importer: ClientSite) -> SharedModule | None:
    """How the importer names the shared client."""
    name = export_name(project, shared)
    if name is None:
        return None
    ours, theirs = project.workspace.package_of(importer.path), project.workspace.package_of(shared.path)
    if ours is not theirs and (ours is None or theirs is None or ours.root != theirs.root):
        module = across_packages(project, shared.path, importer.path)
        if module is None:
            return _through_barrel(project, shared, importer)
        return SharedModule(module.path, name, module.package_name, module.subpath)
    return SharedModule(shared.path, name)


def _through_barrel(project: Project, shared: ClientSite, importer: ClientSite) -> SharedModule | None:
    """The main module of the other package, when it re-exports the client."""
    theirs, ours = project.workspace.package_of(shared.path), project.workspace.package_of(importer.path)
    if theirs is None or ours is None or not theirs.name or theirs.name not in ours.dependencies:
        return None
    target = project.resolver.resolve(importer.path, theirs.name)
    facts = project.facts(target.path) if isinstance(target, ModuleTarget) else None
    if facts is None or not isinstance(target, ModuleTarget):
        return None
    names = [e.name for e in facts.exports if e.name not in ("*", "default")] or []
    for name in [*names, *filter(None, [export_name(project, shared)])]:
        value = project.evaluator.export(target.path, name)
        if isinstance(value, Client) and value.origin == (shared.path, shared.expr.start):
            return SharedModule(target.path, name, theirs.name)
    return None


def _obstacle(project: Project, shared: ClientSite, importer: ClientSite) -> str:
    """Why the module of the shared client cannot be imported: it does more than that, or imports its importer."""
    facts = project.facts(shared.path)
    if facts is None:
        return "its module could not be analysed"
    more = _does_more(project, shared.path, facts)
    if more:
        return f"{shared.path}, which has the shared client, does more at import ({more})"
    if _imports(project, shared.path, importer.path):
        return f"{shared.path}, which has the shared client, imports {importer.path}"
    return ""


def _does_more(project: Project, path: str, facts: ModuleFacts) -> str:
    """What a module does when it is loaded besides making values, in words; "" for nothing that anybody would see."""
    for root in facts.roots:
        if root.function >= 0:
            continue
        for call in (part for part in root.expr.walk() if part.kind == "call"):
            chain = call.callee.chain()
            value = project.evaluator.value(path, call.callee, root.scope)
            if root.role != "statement":
                found = project.effects.of_function(value) if isinstance(value, FunctionRef) else None
                if not isinstance(value, FunctionRef) or found is None:
                    continue
                if not (found.queries or logs(project, value) or _notable(found)):
                    continue
            elif chain is not None and (chain[-1] in ("$use", "$on", "$connect", "config") or chain[0] == "process"):
                continue
            return f"`{'.'.join(chain)}`" if chain is not None else f"line {facts.line_of(call.start)}"
    return ""


def _notable(found: Effects) -> bool:
    """Whether a function does something besides building clients."""
    return any(not note.text.startswith("builds a client") for note in found.effects)


def _imports(project: Project, module: str, wanted: str) -> bool:
    """Whether a module leads to another by its imports."""
    seen, todo = {module}, [module]
    while todo and len(seen) < 400:
        current = todo.pop()
        for specifier in project.store.specifiers(current):
            target = project.resolver.resolve(current, specifier)
            if isinstance(target, ModuleTarget) and target.path not in seen:
                if target.path == wanted:
                    return True
                seen.add(target.path)
                todo.append(target.path)
    return False


def _is_chained(project: Project, shared: ClientSite, module: SharedModule) -> bool:
    """Whether what the module of a shared client exports is that client with an `$extends` chain from elsewhere."""
    value = project.evaluator.export(module.path, module.export)
    return isinstance(value, Client) and value.extended and not shared.extended


def _hooks(project: Project, shared: ClientSite) -> list[Doubt]:
    """What is registered on the client that stays, and would hear of the queries of the one that goes."""
    origin = (shared.path, shared.expr.start)
    for path in project.store.seeds():
        facts = project.facts(path) if any(project.store.mentions(path, word) for word in ("$on", "$use")) else None
        members = project.evaluator.index(path).members if facts is not None else {}
        for use in (*members.get("$on", ()), *members.get("$use", ())):
            value = project.evaluator.value(path, use.expr.children[0], use.root.scope)
            if isinstance(value, Client) and value.origin == origin and facts is not None:
                where = f"{path}:{facts.line_of(use.expr.start)}"
                return [Doubt("unsafe", f"`{use.expr.text}` in {where} would be told of these queries too")]
    return []


def _different(project: Project, site: ClientSite, shared: ClientSite, *, chained: bool = False) -> Doubt:
    """Why the client that stays is not simply the same. `chained`: it is extended where it is exported."""
    extended = shared.extended or chained
    if extended and not site.extended and is_handed_on(project, site):
        return Doubt(
            "none",
            f"the client that stays ({shared.path}) is extended, and so of another type than this one's users want",
        )
    facts = project.facts(shared.path)
    line = facts.line_of(shared.expr.start) if facts is not None else 1
    what = "other options"
    if extended or site.extended:
        what = "an `$extends` chain" if extended != site.extended else "an `$extends` chain of its own"
    return Doubt(
        "unsafe", f"the client that stays ({shared.path}:{line}) is built with {what}: check that they suit this code"
    )


def _construction(site: ClientSite, found: Reads) -> Construction:
    callee = site.expr.callee
    name = ".".join(callee.chain() or (callee.text,))
    companions = tuple(span(site.path, e) for e in sorted(found.companions, key=lambda e: e.start))
    return Construction(span(site.path, site.expr), name, site.local, companions)
