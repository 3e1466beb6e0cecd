"""Which clients the requests of a Cloudflare Worker share, and what they hold. PF105 reports them; PF101 to PF104 and
PF201 leave them, and the clients that are per request there, alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.index.resolve import ModuleTarget
from prismafix.project.model import once_per_project
from prismafix.project.pools.driver_pools import pool_driver
from prismafix.project.running.workers import Loaded, loaded_by_worker, worker_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.values import Value
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite

_ADAPTERS = {
    ("@prisma/adapter-pg", "PrismaPg"): "TCP",
    ("@prisma/adapter-pg-worker", "PrismaPg"): "TCP",
    ("@prisma/adapter-mariadb", "PrismaMariaDb"): "TCP",
    ("@prisma/adapter-mariadb", "PrismaMariaDB"): "TCP",
    ("@prisma/adapter-mssql", "PrismaMssql"): "TCP",
    ("@prisma/adapter-neon", "PrismaNeon"): "WebSocket",
}
"""The adapters whose driver keeps connections open (FACTS.md, the table of adapters). Neon's `Pool` and `Client` speak
through WebSockets, which "can't outlive a single request" on Workers (README of `@neondatabase/serverless`)."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Connections that outlive a request. `expr` is what is built once: the client, or the pool (`pool`) behind clients
    that are per request. `kept` says where, in words; `transport` is TCP or WebSocket."""

    path: str
    expr: Expr
    function: int
    pool: bool
    kept: str
    adapter: str
    transport: str
    loaded: Loaded


@once_per_project
def shared_across_requests(project: Project) -> tuple[Shared, ...]:
    """What a worker builds once and uses for every request, by path and offset."""
    if not worker_entries(project):
        return ()
    found: dict[tuple[str, int], Shared] = {}
    for path in project.seeds():
        if project.roles.role(path).kind in ("application", "edge"):
            for site in project.clients.sites(path):
                shared = _shared(project, site)
                if shared is not None:
                    found.setdefault((shared.path, shared.expr.start), shared)
    return tuple(found[key] for key in sorted(found))


def is_shared(project: Project, site: ClientSite) -> bool:
    """Whether PF105 reports a construction."""
    return any((s.path, s.expr.start) == (site.path, site.expr.start) for s in shared_across_requests(project))


def is_per_request(project: Project, site: ClientSite) -> bool:
    """Whether a construction per call is right, since a worker loads its module."""
    return site.placement in ("call", "instance") and loaded_by_worker(project, site.path) is not None


def _shared(project: Project, site: ClientSite) -> Shared | None:
    adapter = _adapter(project, site)
    facts = project.facts(site.path)
    if adapter is None or facts is None or site.klass.subpath.split("/")[0] == "edge":
        return None  # the entry point `/edge` takes no adapter
    name, transport, made = adapter
    if any(project.store.mentions(module, word) for module in _around(project, site.path) for word in _EXCUSES):
        return None
    kept = _kept(project, facts, site)
    pool = None if kept else _pool_at_module_level(project, facts, site, made)
    if not kept and pool is None:
        return None
    loaded = loaded_by_worker(project, site.path)
    if loaded is None:
        return None
    if pool is not None:
        return Shared(site.path, pool, -1, True, "at module level", name, transport, loaded)
    return Shared(site.path, site.expr, site.function, False, kept, name, transport, loaded)


_EXCUSES = ("maxUses", "poolQueryViaFetch")
"""With `maxUses: 1` pg uses no connection twice; with `poolQueryViaFetch` Neon's pool asks over HTTP."""


def _around(project: Project, path: str) -> Iterator[str]:
    """The module and those that it imports."""
    yield path
    for specifier in project.store.specifiers(path):
        target = project.resolver.resolve(path, specifier)
        if isinstance(target, ModuleTarget):
            yield target.path


def _adapter(project: Project, site: ClientSite) -> tuple[str, str, Expr] | None:
    """(class, transport, expression) of the adapter that a client is built with, when it keeps connections open."""
    options = _constant(project, site, site.expr.arguments[0]) if site.expr.arguments else None
    given = options.property_value("adapter") if options is not None and options.kind == "object" else None
    if given is None:
        return None
    made = _constant(project, site, given)
    if made.kind not in ("new", "name", "call", "member"):
        return None  # one of several
    value = project.evaluator.value(site.path, given, site.use.root.scope)
    if not isinstance(value, External) or len(value.names) != 2 or value.names[1] != "new()":
        return None
    transport = _ADAPTERS.get((value.specifier, value.names[0]))
    return (value.names[0], transport, made) if transport is not None else None


def _constant(project: Project, site: ClientSite, expr: Expr) -> Expr:
    """What a name stands for that is declared once, at module level or in the function."""
    facts = project.facts(site.path)
    binding = facts.lookup(expr.text, site.use.root.scope) if facts is not None and expr.kind == "name" else None
    if facts is None or binding is None or binding.kind != "const" or binding.value < 0 or binding.path:
        return expr
    return facts.roots[binding.value].expr


def _pool_at_module_level(project: Project, facts: ModuleFacts, site: ClientSite, adapter: Expr) -> Expr | None:
    """The `new Pool(…)` at the top of the module that an adapter is built on."""
    if adapter.kind != "new" or not adapter.arguments or adapter.arguments[0].kind != "name":
        return None
    given = adapter.arguments[0]
    binding = facts.lookup(given.text, site.use.root.scope)
    if binding is None or binding.value < 0 or binding.path or facts.scopes[binding.scope].function >= 0:
        return None
    made = facts.roots[binding.value].expr
    driver = pool_driver(project.evaluator, site.path, given, site.use.root.scope)
    return made if made.kind == "new" and driver is not None else None


def _kept(project: Project, facts: ModuleFacts, site: ClientSite) -> str:
    """Where the client is kept for later requests, in words; "" when it is not, or when that is not known."""
    if site.function < 0 and site.use.root.role != "field":
        return "at module level"
    if site.function < 0 or _handed_to_package(project, site.path, facts, site.function):
        return ""
    if any(use.root.function == site.function for use in project.evaluator.index(site.path).members.get("now", ())):
        return ""  # kept for a moment, on purpose
    if site.placement == "module":
        return "at module level"
    if site.placement in ("guarded", "broken") and site.guard is not None:
        slot = site.guard.slot
        if slot.kind == "global":
            return f"on the global, as `{slot.name}`"
        private = slot.name.startswith("this.") or slot.name.endswith(".set")
        return "" if private else f"in the variable `{slot.name}` of the module"
    return _assigned_once(project, facts, site) if site.placement in ("call", "unknown") else ""


def _assigned_once(project: Project, facts: ModuleFacts, site: ClientSite) -> str:
    """`if (!pool) { pool = …; prisma = new … }`: assigned to a variable of the module, behind a test of one that the
    same branch sets."""
    guards = project.clients.guards
    assigned = next((outer for outer in site.use.around if outer.kind == "assign"), None)
    slot = guards.slot(site.path, assigned.children[0], site.use.root.scope) if assigned is not None else None
    if slot is None or slot.kind != "memo" or "." in slot.name:
        return ""
    scope = site.use.root.scope
    while scope >= 0 and facts.scopes[scope].kind != "function":
        region = facts.scopes[scope]
        head = facts.roots[region.head].expr if region.kind == "if" and region.head >= 0 else None
        for part in head.walk() if head is not None and head.kind == "unary" and head.text == "!" else ():
            tested = guards.slot(site.path, part, region.parent) if part.kind == "name" else None
            writes = project.evaluator.index(site.path).assignments.get(tested.name, ()) if tested is not None else ()
            if any(region.start <= write.expr.start < region.end for write in writes):
                return f"in the variable `{slot.name}` of the module"
        scope = region.parent
    return ""


def _handed_to_package(project: Project, path: str, facts: ModuleFacts, function: int) -> bool:
    """Whether the function goes to a wrapper of a package, such as React's `cache`, which keeps results per
    request."""
    index = project.evaluator.index(path)
    uses = [index.functions[function]] if function in index.functions else []
    name = facts.functions[function].name
    if name:
        same = FunctionRef(path, function)
        uses += [u for u in index.names.get(name, ()) if project.evaluator.name(path, name, u.root.scope) == same]
    for use in uses:
        outer = use.around[0] if use.around else None
        if outer is not None and outer.kind == "call" and use.expr in outer.arguments:
            callee: Value | None = project.evaluator.value(path, outer.callee, use.root.scope)
            if callee is None or isinstance(callee, External):
                return True
    return False
