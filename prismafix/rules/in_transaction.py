"""What the rules about transactions share: the transactions of the application, and calls on the way as evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.model import once_per_project
from prismafix.rules.arguments import pool_size
from prismafix.rules.support import role_evidence
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.values import Client
    from prismafix.project.model import Project
    from prismafix.project.reach.model import Step
    from prismafix.project.reach.transactions import Transaction

_ONE = re.compile(r"[?&]connection_limit=1(?!\d)")
_WRAPPERS = 3
"""So many wrappers of the project may stand between a callback and `$transaction`."""


@once_per_project
def transactions(project: Project) -> tuple[Transaction, ...]:
    """The interactive transactions of application code, by the place of their callback; each callback once."""
    found: dict[tuple[str, int], Transaction] = {}
    for path in sorted({*project.seeds(), *_callers_of_wrappers(project)}):
        if project.roles.role(path).kind not in ("application", "edge"):
            continue
        for transaction in project.transactions.find(path):
            found.setdefault((transaction.path, transaction.function), transaction)
    return tuple(found[key] for key in sorted(found))


def _callers_of_wrappers(project: Project) -> set[str]:
    """Modules that call a function of the project which hands its callback parameter to `$transaction`, or calls it
    in there."""
    found: set[str] = set()
    wave = [
        (path, function)
        for path in project.seeds()
        if project.store.mentions(path, "$transaction")
        for function in _around(project, path, "$transaction")
    ]
    for _ in range(_WRAPPERS):
        following: list[tuple[str, int]] = []
        for path, function in wave:
            facts = project.facts(path)
            if facts is None:
                continue
            for site in project.executions.callers(path, facts.functions[function]):
                found.add(site.path)
                if site.call is not None and _hands_parameter(project, site.path, site.use.root.function, site.call):
                    following.append((site.path, site.use.root.function))
        wave = following
    return found


def _around(project: Project, path: str, method: str) -> list[int]:
    """The functions of a module that call a method with (something made of) one of their own parameters."""
    found, facts = [], project.facts(path)
    for use in project.evaluator.index(path).members.get(method, ()):
        called = use.around[0] if use.around and use.around[0].kind == "call" else None
        function = use.root.function
        while called is not None and facts is not None and function >= 0:
            if _hands_parameter(project, path, function, called):
                found.append(function)
            function = facts.functions[function].parent
    return found


def _hands_parameter(project: Project, path: str, function: int, call: Expr) -> bool:
    """Whether a parameter of a function stands in a call."""
    facts = project.facts(path)
    if facts is None or function < 0:
        return False
    names = project.evaluator.index(path).names
    return any(
        call.start <= use.expr.start < call.end
        for parameter in facts.functions[function].parameters
        if parameter.name
        for use in names.get(parameter.name, ())
    )


def opened(project: Project, transaction: Transaction) -> tuple[Evidence, ...]:
    """Why the module counts, and where the transaction is opened."""
    facts = project.facts(transaction.opened_in)
    line = facts.line_of(transaction.opened.expr.start) if facts is not None else 1
    return (
        role_evidence(project, transaction.path),
        Evidence(transaction.opened_in, line, "the transaction that is open"),
    )


def pool_is_one(project: Project, client: Client) -> bool:
    """Whether the pool of a client is known to be a single connection: by the driver's options, or by the URL that is
    written where it is built (only without an adapter, which ignores it: FACTS.md)."""
    if client.origin is None:
        return False
    if pool_size(project, client.origin) == 1:
        return True
    path, start = client.origin
    site = next((site for site in project.clients.sites(path) if site.expr.start == start), None)
    facts = project.facts(path)
    if site is None or facts is None:
        return False
    parts = [part for argument in site.expr.arguments for part in argument.walk()]
    for name in [part for part in parts if part.kind == "name"]:
        binding = facts.lookup(name.text, site.use.root.scope)
        if binding is not None and binding.kind == "const" and binding.value >= 0:
            parts += facts.roots[binding.value].expr.walk()
    if any(part.kind == "property" and part.text == "adapter" for part in parts):
        return False
    return any(part.kind in ("string", "template") and _ONE.search(part.text) for part in parts)


def way(steps: tuple[Step, ...], path: str, line: int, text: str) -> tuple[Evidence, ...]:
    """The calls on the way to the last one, each with the place where the function is."""
    return (*(Evidence(s.path, s.line, s.name, step=True) for s in steps), Evidence(path, line, text, step=True))


def through(steps: tuple[Step, ...]) -> str:
    """ " through a → b (2 calls away)": the functions behind the first one; "" where there are none."""
    if len(steps) < 2:
        return ""
    return f", through {' → '.join(step.name for step in steps[1:])} ({len(steps)} calls away)"
