"""`$disconnect` runs at the end of a request, invocation, job or call.

The client outlives the call (or should, see PF101). Disconnecting it throws the warm connection away, so that the
next call pays for a new one; and once the client is shared, it cuts off every other call that is in flight.

The fix removes the statement. An emptied `finally` goes, a `try` left with neither `catch` nor `finally` is
unwrapped, comments that belong to other code stay. A link in a promise chain (`.finally(() => prisma.$disconnect())`)
goes only if the chain is awaited, returned or chained further, since it may be what starts the lazy query.

When the client is built per call, the `$disconnect` goes in the same fix as the construction: stripping it alone
would leak a pool per call.

Unsafe in a callback-style Lambda handler that does not set `callbackWaitsForEmptyEventLoop = false`: the function
would wait for the idle connection.

Left alone: signal handlers, `beforeExit`, `onModuleDestroy`, server close hooks and whatever only they call; scripts,
seeds and tests; a client that has to be per call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.arguments import has_outside_pool
from prismafix.rules.client_plan import Disconnect, client_plan
from prismafix.rules.hoisting import token
from prismafix.rules.model import Applicability, Doubt, Finding, Intent, StripDisconnect
from prismafix.rules.support import mock_doubts, package_name, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """The `$disconnect`s of application code that runs per call."""
    plan = client_plan(project)
    unfixed = {(e.site.path, e.site.expr.start) for e in plan.excess if e.intent is None}
    for found, shared_intent in plan.disconnects:
        origin = found.client.origin if found.client is not None else None
        if origin is not None and origin in plan.private:
            continue  # a client that has to be per call is rightly disconnected
        intent, reason = shared_intent, ""
        if intent is None and origin is not None and origin in unfixed:
            reason = "the client is built per call and that has no fix: stripping this alone would leak a pool per call"
        elif intent is None:
            intent = _strip(project, found)
        yield _finding(project, found, intent, reason)


def _strip(project: Project, found: Disconnect) -> Intent:
    doubts = []
    if found.client is None:
        doubts.append(Doubt("unsafe", "which client this is could not be resolved: check that it outlives the call"))
    elif found.client.origin is None and found.client.declared is None:
        doubts.append(Doubt("unsafe", "the client is known by its type only: check that it outlives the call"))
    elif found.client.origin is not None and not _lasts(project, found.client.origin):
        text = "how often this client is built is not known: check that it outlives the call, or pools pile up"
        doubts.append(Doubt("unsafe", text))
    if _callback_lambda(project, found):
        doubts.append(
            Doubt(
                "unsafe",
                "a callback-style handler waits for open connections: set `callbackWaitsForEmptyEventLoop` to false",
            )
        )
    doubts += mock_doubts(project, {found.path}, found.client.entry if found.client is not None else "")
    action = StripDisconnect((token(found.path, found.use.expr),))
    return Intent(action, f"Stop disconnecting the shared client in {found.path}", tuple(doubts))


def _lasts(project: Project, origin: tuple[str, int]) -> bool:
    """Whether the client that is built there is one for the whole process, as far as anybody can tell."""
    sites = (site for site in project.clients.sites(origin[0]) if site.expr.start == origin[1])
    return all(site.placement in ("module", "guarded", "broken", "once") for site in sites)


def _callback_lambda(project: Project, found: Disconnect) -> bool:
    """A Lambda handler with a third parameter `callback`, in a package that is deployed to Lambda."""
    facts = project.facts(found.path)
    package = project.workspace.package_of(found.path)
    if facts is None or package is None or "aws-lambda" not in package.frameworks:
        return False
    if "callbackWaitsForEmptyEventLoop" in project.evaluator.index(found.path).members:
        return False
    function = found.use.root.function
    while function >= 0:
        declared = facts.functions[function]
        if len(declared.parameters) >= 3 and not declared.is_async:
            return True
        function = declared.parent
    return False


def _finding(project: Project, found: Disconnect, intent: Intent | None, reason: str) -> Finding:
    facts = project.facts(found.path)
    where = token(found.path, found.use.expr)
    name = symbol(facts, found.use.root.function) if facts is not None else ""
    text = f"`{name}` disconnects" if name else "this function disconnects"
    outside = has_outside_pool(project, found.client.origin if found.client is not None else None)
    cost = "the next call has to connect again"
    if outside:
        cost = "the next call has to start it again, and the pool that was handed to it stays open"
    return Finding(
        code="PF201",
        path=found.path,
        start=where.start,
        end=where.end,
        message=f"{text} the client at the end of a call: {cost}",
        evidence=found.evidence,
        intent=intent,
        reason=reason,
        label="stops the client" if outside else "closes the pool",
        package=package_name(project, found.path),
        symbol=name,
    )
