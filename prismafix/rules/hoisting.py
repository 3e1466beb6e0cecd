"""From clients that are one too many to the intent that replaces them by the shared one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, External, FunctionRef
from prismafix.project.index.resolve import ModuleTarget
from prismafix.rules.arguments import Reads, reads, same_arguments
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
from prismafix.rules.places import across_packages, language_of, module_system_of, new_module_path
from prismafix.rules.pools import Pool, export_name
from prismafix.rules.support import browser_importer, mock_doubts, span

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite

_SESSION = re.compile(
    r"(?:^|;)\s*(?:SET|RESET|LISTEN|PREPARE|USE|CREATE\s+(?:LOCAL\s+|GLOBAL\s+)?TEMP\w*)\s|\bpg_(?:try_)?advisory_lock\b"
    r"|\bset_config\s*\((?![^;]*,\s*true\s*\))",
    re.IGNORECASE,
)
"""SQL that changes the session of its connection: a statement of its own (an UPDATE has a SET too), a lock, or a
setting that outlives its transaction."""
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
        doubts += _use_doubts(project, site)
        if read[site.path, site.expr.start].env:
            doubts += _late_env_doubts(project, site)
    changed = {site.path for site in (*plan.sites, *moved)} | {shared.path} | {path for path, _ in disconnects}
    doubts += mock_doubts(project, changed, pool.entry)
    plan.stripped = {(path, use.expr.start) for path, use in disconnects}
    constructions = tuple(_construction(site, read[site.path, site.expr.start]) for site in (*plan.sites, *moved))
    strips = tuple(sorted((token(path, use.expr) for path, use in disconnects), key=lambda s: (s.path, s.start)))
    first = plan.sites[0].path
    doubts = list(dict.fromkeys(doubts))
    if doubts and worst(*(d.applicability for d in doubts)) == "none":
        plan.reason = next(d.text for d in doubts if d.applicability == "none")
        plan.own_client = {(site.path, site.expr.start): True for site in plan.sites if _owns_session(project, site)}
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
        module = _existing(project, existing, first)
        obstacle = _obstacle(project, existing, first)
        if module is not None and not obstacle:
            different = [s for s in sites if not same_arguments(project, s, existing)]
            return _Target(module, None, [_different(project, s, existing) for s in different])
        if obstacle:
            if foreign or existing.placement != "module" or not existing.local or reads(project, existing).locals_:
                return _Target(None, None, [Doubt("none", f"{obstacle}: move the client to a module of its own first")])
            return _extracted(project, pool, sites, existing, obstacle)
    candidates = [
        s
        for s in pool.sites
        if s.placement in ("call", "instance", "module", "guarded", "broken")
        and s.klass.declared is None
        and not reads(project, s).locals_
    ]
    bare = min(candidates, key=lambda s: (s.path, s.expr.start), default=first)
    source = bare if all(same_arguments(project, s, bare) for s in sites) else first
    shared, create = _made_from(project, pool, source)
    different = [s for s in sites if s is not source and not same_arguments(project, s, source)]
    return _Target(shared, create, [_different(project, s, source) for s in different])


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
    key = global_key(project, package.name or package.root, pool.entry)
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


def global_key(project: Project, package: str, entry: str) -> str:
    """A property of `globalThis` that is unique per generated client of the workspace."""
    outputs = sorted({g.output or "" for s in project.workspace.schemas for g in s.generators})
    if len(outputs) <= 1 or entry == "" or entry.startswith("?"):
        return "prisma"
    words = [
        w
        for w in re.split(r"[^A-Za-z0-9]+", entry)
        if w and w not in ("generated", "src", "client", "node_modules", "prisma")
    ]
    return "prisma" + "".join(w[:1].upper() + w[1:] for w in words[-2:])


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
    for root in facts.roots:
        if root.function < 0 and root.role == "statement" and root.expr.kind in ("call", "await"):
            call = root.expr.children[0] if root.expr.kind == "await" else root.expr
            chain = call.callee.chain() if call.kind == "call" else None
            if chain is None or chain[-1] in ("$use", "$on", "$connect", "config") or chain[0] == "process":
                continue
            what = f"does more at import (`{'.'.join(chain)}`)"
            return f"{shared.path}, which has the shared client, {what}"
    if _imports(project, shared.path, importer.path):
        return f"{shared.path}, which has the shared client, imports {importer.path}"
    return ""


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


def _different(project: Project, site: ClientSite, shared: ClientSite) -> Doubt:
    """Why the client that stays is not simply the same."""
    if shared.extended and not site.extended and _is_handed_on(project, site):
        return Doubt(
            "none",
            f"the client that stays ({shared.path}) is extended, and so of another type than this one's users want",
        )
    facts = project.facts(shared.path)
    line = facts.line_of(shared.expr.start) if facts is not None else 1
    what = "an `$extends` chain" if site.extended != shared.extended else "other options"
    return Doubt(
        "unsafe", f"the client that stays ({shared.path}:{line}) is built with {what}: check that they suit this code"
    )


def _construction(site: ClientSite, found: Reads) -> Construction:
    callee = site.expr.callee
    name = ".".join(callee.chain() or (callee.text,))
    companions = tuple(span(site.path, e) for e in sorted(found.companions, key=lambda e: e.start))
    return Construction(span(site.path, site.expr), name, site.local, companions)


def _use_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """What happens to the client besides queries: it is handed to unknown code, hooked, or its session changed."""
    facts = project.facts(site.path)
    if facts is None or not site.local:
        return [] if site.local else _unnamed_doubts(project, site)
    doubts: list[Doubt] = []
    binding = facts.lookup(site.local, site.use.root.scope)
    for use in project.evaluator.index(site.path).names.get(site.local, ()):
        if facts.lookup(site.local, use.root.scope) is not binding:
            continue
        doubts += _one_use(project, site, facts, use)
    doubts += _placement_doubts(facts, site)
    name = site.expr.callee.chain()
    imported = facts.lookup(name[0], site.use.root.scope) if name else None
    if imported is not None and imported.kind != "import" and facts.scopes[imported.scope].function >= 0:
        doubts.append(Doubt("unsafe", "the class was imported when needed: now it is loaded at start"))
    return list(dict.fromkeys(doubts))


def _one_use(project: Project, site: ClientSite, facts: ModuleFacts, use: Use) -> list[Doubt]:
    line = facts.line_of(use.expr.start)
    outer = use.around[0] if use.around else None
    if outer is not None and outer.kind == "member":
        if outer.text in ("$use", "$on"):
            return [
                Doubt("unsafe", f"`{outer.text}` in line {line} would be registered on the shared client at every call")
            ]
        if outer.text.startswith(("$executeRaw", "$queryRaw")):
            return _sql_doubts(facts, use, outer.text.endswith("Unsafe"), line)
        return []
    if outer is not None and outer.kind == "assign":
        slot = project.clients.guards.slot(site.path, outer.children[0], use.root.scope)
        of_guard = site.guard is not None and slot is not None and slot.kind == "global"
        if outer.children[0] is use.expr or of_guard:
            return []
    if (outer is None and use.root.role == "export-default") or (
        outer is not None and outer.kind == "property" and use.root.role == "statement" and site.function < 0
    ):
        return []
    if outer is not None and outer.kind == "call" and use.expr in outer.arguments:
        value = project.evaluator.value(site.path, outer.callee, use.root.scope)
        if isinstance(value, FunctionRef):
            return []
        what = f"the package {value.specifier}" if isinstance(value, External) else "code that could not be resolved"
        return [Doubt("unsafe", f"the client is handed to {what} (line {line}): check that it may be shared")]
    if outer is not None and outer.kind in ("unary", "binary", "ternary"):
        return []
    if use.root.role == "return" and outer is None:
        return [Doubt("unsafe", f"the client is returned (line {line}): check that nobody disconnects it")]
    return [Doubt("unsafe", f"the client is handed on (line {line}): check that nobody disconnects or extends it")]


def _sql_doubts(facts: ModuleFacts, use: Use, unsafe: bool, line: int) -> list[Doubt]:
    """Whether raw SQL changes its session, as far as its text can be read. `unsafe`: the text is an argument."""
    texts, known = [], not unsafe
    for part in use.around[1:3]:
        texts += [part.text, *(child.text for child in part.children)]
    call = use.around[1] if len(use.around) > 1 else None
    if unsafe and call is not None and call.kind == "call" and call.arguments:
        sql = call.arguments[0]
        binding = facts.lookup(sql.text, use.root.scope) if sql.kind == "name" else None
        if binding is not None and binding.kind == "const" and binding.value >= 0 and not binding.path:
            sql = facts.roots[binding.value].expr
            texts.append(sql.text)
        known = sql.kind == "string" or (sql.kind == "template" and not sql.children)
    if any(_SESSION.search(text) for text in texts):
        return [Doubt("none", f"the SQL in line {line} changes its session: this client must not be shared")]
    if not known:
        text = f"the SQL in line {line} is put together elsewhere: check that it changes nothing of its session"
        return [Doubt("unsafe", text)]
    return []


def _owns_session(project: Project, site: ClientSite) -> bool:
    """Whether the client has to be its own, since its session is changed by SQL."""
    return any(d.applicability == "none" for d in _use_doubts(project, site))


def _is_handed_on(project: Project, site: ClientSite) -> bool:
    """Whether the client goes to other code: as an argument, or returned."""
    facts = project.facts(site.path)
    if facts is None:
        return True
    if not site.local:
        return not (site.use.around and site.use.around[0].kind == "member")
    binding = facts.lookup(site.local, site.use.root.scope)
    for use in project.evaluator.index(site.path).names.get(site.local, ()):
        ours = facts.lookup(site.local, use.root.scope) is binding
        if ours and not (use.around and use.around[0].kind in ("member", "assign")):
            return True
    return False


def _unnamed_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """A client that is used in place: queried, returned, passed or kept in a field."""
    if site.use.around and site.use.around[0].kind == "member" and not site.use.around[0].text.startswith("$"):
        return []
    if site.use.root.role == "return":
        return [Doubt("unsafe", "the client is returned: check that no caller disconnects it")]
    if site.use.root.role == "field":
        return [Doubt("unsafe", "the client is kept in a field: check that nobody disconnects or replaces it")]
    return [Doubt("unsafe", "the client is handed on where it is built: check that nobody disconnects or extends it")]


def _placement_doubts(facts: ModuleFacts, site: ClientSite) -> list[Doubt]:
    """A construction behind a condition moves to import time."""
    scope = site.use.root.scope
    while scope >= 0:
        region = facts.scopes[scope]
        if region.kind in ("if", "else", "case", "catch"):
            return [
                Doubt("unsafe", "the client was built behind a condition: now it is built when its module is loaded")
            ]
        if region.kind == "function":
            break
        scope = region.parent
    return []


def _late_env_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """Arguments that read the environment, in a program that fills it after its imports."""
    ours = project.workspace.package_of(site.path)
    for path in project.store.setting_environment():
        if project.workspace.package_of(path) is not ours or project.roles.role(path).kind in ("test", "script"):
            continue
        facts = project.facts(path)
        if facts is None:
            continue
        for root in facts.roots:
            if (
                root.role == "statement"
                and root.expr.kind == "call"
                and (root.expr.callee.chain() or ("",))[-1] == "config"
            ) and any(s in ("dotenv", "dotenv-flow", "dotenv-expand") for s in project.store.specifiers(path)):
                return [
                    Doubt(
                        "unsafe",
                        f"{path} loads the environment after its imports: the shared client would be built before that",
                    )
                ]
            if (
                root.function >= 0
                and root.expr.kind == "assign"
                and (root.expr.children[0].chain() or ())[:2] == ("process", "env")
            ):
                return [
                    Doubt(
                        "unsafe", f"{path} changes the environment at run time: the shared client is built before that"
                    )
                ]
    return []
