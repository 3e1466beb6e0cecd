"""Which clients are one too many, which one stays, and what goes together: the plan that PF101 to PF104, PF106 and
PF201
share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client
from prismafix.project.model import once_per_project
from prismafix.project.running.workers import loaded_by_worker
from prismafix.rules.hoisting import hoist_intent
from prismafix.rules.pools import Pool, pools_of
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.rules.model import Intent


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A `$disconnect` in application code that runs per call. `client` is what is disconnected, None when it could
    not be resolved."""

    path: str
    use: Use
    client: Client | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Excess:
    """A client that is one too many. `code` is PF101 or PF102; `intent` its fix or None with the `reason`;
    `companions` are the pools
    and adapters built beside it."""

    code: str
    site: ClientSite
    message: str
    intent: Intent | None
    reason: str
    companions: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """`excess` by module and start; `disconnects` with the intent that strips each (None: see the rule)."""

    excess: tuple[Excess, ...]
    disconnects: tuple[tuple[Disconnect, Intent | None], ...]
    pools: tuple[Pool, ...]
    private: frozenset[tuple[str, int]] = field(default_factory=frozenset)


@once_per_project
def client_plan(project: Project) -> ClientPlan:
    """Make the plan once per project."""
    pools = pools_of(project)
    disconnects = [d for path in project.seeds() for d in _disconnects(project, path)]
    groups: dict[tuple[str, Pool, str], list[tuple[ClientSite, str]]] = defaultdict(list)
    order: list[tuple[str, Pool, str]] = []
    for pool in pools:
        for site, code in pool.excess():
            key = (site.path, pool, site.klass.entry)
            if key not in groups:
                order.append(key)
            groups[key].append((site, code))
    excess: list[Excess] = []
    stripped: dict[int, Intent] = {}
    private: set[tuple[str, int]] = set()
    for key in order:
        members = groups[key]
        origins = {(site.path, site.expr.start) for site, _ in members}
        own = [d for d in disconnects if d.client is not None and d.client.origin in origins]
        pool = key[1]
        plan = hoist_intent(project, pool, [site for site, _ in members], [(d.path, d.use) for d in own])
        for site, code in members:
            intent = plan.intent if site in plan.sites else None
            reason = "" if intent is not None else plan.reasons.get((site.path, site.expr.start), plan.reason)
            excess.append(
                Excess(
                    code,
                    site,
                    _message(project, site, code),
                    intent,
                    reason,
                    plan.companions.get((site.path, site.expr.start), ()),
                )
            )
            if intent is None and plan.own_client.get((site.path, site.expr.start)):
                private.add((site.path, site.expr.start))
        if plan.intent is not None:
            for d in own:
                if (d.path, d.use.expr.start) in plan.stripped:
                    stripped[id(d)] = plan.intent
    excess.sort(key=lambda e: (e.site.path, e.site.expr.start))
    return ClientPlan(tuple(excess), tuple((d, stripped.get(id(d))) for d in disconnects), pools, frozenset(private))


def _message(project: Project, site: ClientSite, code: str) -> str:
    facts = project.facts(site.path)
    name = ""
    if facts is not None and site.function >= 0:
        name = facts.functions[site.function].name
    if code == "PF101":
        if site.placement == "instance":
            return "every instance of this class builds its own client, and with it its own connection pool"
        where = f"`{name}`" if name and name != "default" else "this function"
        when = "in production " if site.guard is not None and site.guard.development_only else ""
        return f"{when}each call of {where} builds its own client, and with it its own connection pool"
    return "another client at module level: each one is a connection pool of its own"


def _disconnects(project: Project, path: str) -> list[Disconnect]:
    """The `$disconnect`s of a module that run per call in application code."""
    if project.roles.role(path).kind != "application" or project.facts(path) is None:
        return []
    if loaded_by_worker(project, path) is not None:
        return []  # a client per request is disconnected at its end
    found = []
    for use in project.evaluator.index(path).members.get("$disconnect", ()):
        frequency = project.executions.frequency(path, use.root.function)
        if frequency not in ("call",):
            continue
        if _only_releases(project, path, use.root.function):
            continue
        value = project.evaluator.value(path, use.expr.children[0], use.root.scope)
        client = value if isinstance(value, Client) else None
        if value is not None and client is None:
            continue
        found.append(Disconnect(path, use, client, (Evidence(path, 1, project.roles.role(path).reason),)))
    return found


def _only_releases(project: Project, path: str, function: int) -> bool:
    """A helper that nobody calls and that does nothing but disconnect: a library's offer, not the end of a call."""
    facts = project.facts(path)
    if facts is None or function < 0:
        return False
    declared = facts.functions[function]
    if not declared.name or (
        project.evaluator.index(path).functions.get(function) is not None and declared.kind == "method"
    ):
        return False
    if any(True for _ in project.executions.callers(path, declared)):
        return False
    calls = project.evaluator.index(path).calls_within(declared.start, declared.end)
    names = {c.expr.callee.text for c in calls if c.expr.kind == "call"}
    return all(c.expr.kind == "call" for c in calls) and names <= {
        "$disconnect",
        "log",
        "info",
        "error",
        "debug",
        "warn",
        "end",
    }
