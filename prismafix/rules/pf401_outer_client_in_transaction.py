"""Inside an interactive transaction, a query goes through the outer client.

In `$transaction(async (tx) => …)` everything through `tx` runs on the transaction's one connection. A query through
the outer client takes a second connection while the first is held. With a pool of one it waits for itself until the
transaction times out (measured), and with a small pool a few such calls at once block each other.

The fix uses the transaction's client. It is unsafe: the query then sees what the transaction wrote, and is rolled
back with it.

A function that is called from the callback and queries through the outer client does the same one call away. That is
reported with the path and no fix: the function has to take the client as a parameter.

Left alone: a callback that hands `tx` on, a parameter that merely is called `prisma` and is the transaction's client,
and another database's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.effects import Reached, source_name
from prismafix.project.queries import query_of
from prismafix.project.values import Client, FunctionRef
from prismafix.rules.arguments import pool_size
from prismafix.rules.model import Applicability, Doubt, Finding, Intent, UseTransactionClient
from prismafix.rules.support import package_name, role_evidence, span, symbol
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.model import Project
    from prismafix.project.queries import Query
    from prismafix.project.syntax_index import Use
    from prismafix.project.transactions import Transaction

BEST: Applicability = "unsafe"


def check(project: Project) -> Iterable[Finding]:
    """Queries through the outer client, in the callback or one call away."""
    for path in sorted({*project.seeds(), *_callers_of_wrappers(project)}):
        if project.roles.role(path).kind not in ("application", "edge"):
            continue
        seen: set[int] = set()
        for transaction in project.transactions.find(path):
            for finding in _findings(project, transaction):
                if finding.start not in seen:
                    seen.add(finding.start)
                    yield finding


def _callers_of_wrappers(project: Project) -> set[str]:
    """Modules that call a function of the project which hands a transaction's client to its callback parameter."""
    found: set[str] = set()
    for path in project.seeds():
        facts = project.facts(path) if project.store.mentions(path, "$transaction") else None
        if facts is None:
            continue
        for use in project.evaluator.index(path).members.get("$transaction", ()):
            function = use.root.function
            if function < 0 or not use.around or use.around[0].kind != "call":
                continue
            declared = facts.functions[function]
            parameters = {p.name for p in declared.parameters if p.name}
            call = use.around[0]
            handed = any(
                name in parameters
                and any(
                    call.start <= u.expr.start < call.end for u in project.evaluator.index(path).names.get(name, ())
                )
                for name in parameters
            )
            if handed:
                found.update(site.path for site in project.executions.callers(path, declared))
    return found


def _findings(project: Project, transaction: Transaction) -> Iterator[Finding]:
    path, callback = transaction.path, transaction.callback
    direct: list[Use] = []
    for use in project.evaluator.index(path).calls_within(callback.start, callback.end):
        if use.expr.kind not in ("call", "tagged") or use.expr is transaction.use.expr:
            continue
        query = query_of(project.evaluator, path, use.expr, use.root.scope)
        if query is not None:
            if query.client.kind == "outer" and _same_client(query, use.expr, transaction):
                direct.append(use)
            continue
        reached = _one_call_away(project, transaction, use)
        if reached is not None:
            yield _indirect(project, transaction, use, reached)
    intent = _intent(project, transaction, direct) if direct else None
    for use in direct:
        yield _direct(project, transaction, use, intent)


def _intent(project: Project, transaction: Transaction, uses: list[Use]) -> Intent | None:
    """One fix for all queries of a transaction: which of them belong to it is one decision."""
    if not transaction.parameter and _takes_parameters(project, transaction):
        return None
    path = transaction.path
    action = UseTransactionClient(
        tuple(span(path, _client(use.expr)) for use in uses),
        transaction.parameter or "tx",
        span(path, transaction.callback),
        not transaction.parameter,
    )
    names = " and ".join(dict.fromkeys(source_name(use.expr.callee) for use in uses))
    one = len(uses) == 1
    text = (
        f"{names} then {'runs' if one else 'run'} inside the transaction: {'it sees' if one else 'they see'} what that "
        f"wrote, and {'is' if one else 'are'} rolled back with it"
    )
    return Intent(action, f"Query through the transaction's client in {path}", (Doubt("unsafe", text),))


def _client(call: Expr) -> Expr:
    """The client's expression in a query: `this.prisma` in `this.prisma.user.findMany()`."""
    delegate = call.callee.children[0]
    return delegate if call.callee.text.startswith("$") or not delegate.children else delegate.children[0]


def _same_client(query: Query, call: Expr, transaction: Transaction) -> bool:
    """Whether a query goes through the client that opened the transaction, or through another one of its database."""
    if not query.structural:
        return _same_database(query.client, transaction.client)
    opened_by = transaction.use.expr.callee.children[0].chain() if transaction.use.expr.callee.children else None
    receiver = call.callee.children[0].children[0]
    return opened_by is not None and receiver.chain() == opened_by


def _same_database(client: Client, other: Client) -> bool:
    return client.entry == other.entry and (
        client.origin == other.origin or client.origin is None or other.origin is None
    )


def _one_call_away(project: Project, transaction: Transaction, use: Use) -> Reached | None:
    """A query through the outer client in a function that the callback calls without handing it a client."""
    callee = (
        project.evaluator.value(transaction.path, use.expr.callee, use.root.scope) if use.expr.kind == "call" else None
    )
    if not isinstance(callee, FunctionRef) or _hands_on(project, transaction, use.expr, use.root.scope):
        return None
    facts = project.facts(transaction.path)
    if facts is not None and callee.path == transaction.path:
        declared = facts.functions[callee.index]
        if transaction.callback.start <= declared.start < transaction.callback.end:
            return None  # a function of the callback itself: its queries are seen directly
    for reached in project.effects.of_function(callee, 0).queries:
        query = reached.query
        if query.client.kind == "outer" and not query.structural and _same_database(query.client, transaction.client):
            return reached
    return None


def _hands_on(project: Project, transaction: Transaction, call: Expr, scope: int) -> bool:
    """Whether the transaction's client is among the arguments, also inside an object."""
    for argument in call.arguments:
        for part in argument.walk():
            if part.kind == "name":
                value = project.evaluator.value(transaction.path, part, scope)
                if isinstance(value, Client) and value.kind != "outer":
                    return True
                if transaction.parameter and part.text == transaction.parameter:
                    return True
    return False


def _direct(project: Project, transaction: Transaction, use: Use, intent: Intent | None) -> Finding:
    path = transaction.path
    facts = project.facts(path)
    name = source_name(use.expr.callee)
    reason = "" if intent is not None else "the callback takes its client apart: use the transaction's client by hand"
    query = query_of(project.evaluator, path, use.expr, use.root.scope)
    alone = query is not None and pool_size(project, query.client.origin) == 1
    return Finding(
        code="PF401",
        path=path,
        start=use.expr.start,
        end=use.expr.end,
        message=f"{name} takes a second connection while the transaction holds one",
        evidence=(role_evidence(project, path), _opened(project, transaction)),
        intent=intent,
        reason=reason,
        severity="error" if alone else "warning",
        label="the outer client",
        package=package_name(project, path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )


def _takes_parameters(project: Project, transaction: Transaction) -> bool:
    facts = project.facts(transaction.path)
    return facts is not None and bool(facts.functions[transaction.function].parameters)


def _opened(project: Project, transaction: Transaction) -> Evidence:
    facts = project.facts(transaction.path)
    line = facts.line_of(transaction.use.expr.start) if facts is not None else 1
    return Evidence(transaction.path, line, "the transaction that is open")


def _indirect(project: Project, transaction: Transaction, use: Use, reached: Reached) -> Finding:
    path = transaction.path
    facts = project.facts(path)
    name = source_name(use.expr.callee)
    return Finding(
        code="PF401",
        path=path,
        start=use.expr.start,
        end=use.expr.end,
        message=f"{name} queries through the outer client ({reached.text}) while the transaction holds a connection",
        evidence=(
            role_evidence(project, path),
            _opened(project, transaction),
            Evidence(reached.path, reached.line, reached.text),
        ),
        reason=f"{name} has to take the client as a parameter: `{transaction.parameter or 'tx'}` here",
        label="one call away from the outer client",
        package=package_name(project, path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )
