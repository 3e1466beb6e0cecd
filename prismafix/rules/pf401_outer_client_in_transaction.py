"""Inside an interactive transaction, a query goes through the outer client.

In `$transaction(async (tx) => …)` everything through `tx` runs on the transaction's one connection. A query through
the outer client takes a second connection while the first is held. With a pool of one it waits for itself until the
transaction times out (measured), and with a small pool a few such calls at once block each other.

The fix uses the transaction's client. It is unsafe: the query then sees what the transaction wrote, and is rolled
back with it.

A function that is called from the callback and queries through the outer client does the same one or more calls away.
That is reported at the call, with the whole path and no fix: the functions on the way have to take the client as a
parameter. The same for a function that opens a transaction of its own: that one takes a second connection too, and is
not rolled back with the first.

Left alone: a function that is given `tx` (as an argument, in an object, by the service that it belongs to) and uses
it, a client out of an asynchronous context, a parameter that merely is called `prisma` and is the transaction's
client, a call that nobody waits for, another database's client and a replica."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client, External, FunctionRef, Global
from prismafix.project.fan_out import lists
from prismafix.project.index.source_name import source_name
from prismafix.project.reach.journeys import Clients, below, is_decided, of_callback
from prismafix.project.reach.queries import query_of
from prismafix.project.reach.waiting import waits_for
from prismafix.rules.in_transaction import opened, pool_is_one, through, transactions, way
from prismafix.rules.model import Applicability, Doubt, Finding, Intent, Span, UseTransactionClient
from prismafix.rules.support import package_name, span, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.reach.journeys import Reach
    from prismafix.project.reach.queries import Query
    from prismafix.project.reach.transactions import Transaction

BEST: Applicability = "unsafe"


def check(project: Project) -> Iterable[Finding]:
    """Queries through the outer client, in the callback or in what it calls."""
    seen: set[tuple[str, int]] = set()
    for transaction in transactions(project):
        for finding in _findings(project, transaction):
            if (finding.path, finding.start) not in seen:
                seen.add((finding.path, finding.start))
                yield finding


def _findings(project: Project, transaction: Transaction) -> Iterator[Finding]:
    path = transaction.path
    direct: list[tuple[Use, Query]] = []
    for use in project.evaluator.index(path).calls_within(transaction.start, transaction.end):
        if use.expr.kind not in ("call", "tagged") or use.expr is transaction.opened.expr:
            continue
        query = query_of(project.evaluator, path, use.expr, use.root.scope)
        if query is not None:
            if query.client.kind == "outer" and _same_client(project, query, use, transaction):
                direct.append((use, query))
            continue
        reached = _away(project, transaction, use)
        if reached is not None:
            yield _indirect(project, transaction, use, reached)
    direct = [(use, query) for use, query in direct if not _runs_later(project, transaction, use)]
    held = next((name for use, _ in direct if (name := _held_model(use.expr))), "")
    intent = _intent(transaction, [use for use, _ in direct]) if direct and not held else None
    reason = "the callback has no name for the transaction's client: give it one by hand"
    if held:
        reason = (
            f"`{held}` is a model of the outer client under a name of its own: query through the callback's by hand"
        )
    for use, query in direct:
        yield _direct(project, transaction, use, query, intent, reason)


def _runs_later(project: Project, transaction: Transaction, use: Use) -> bool:
    """Whether a query stands in a function that something outside of the project runs when the transaction may be
    over: `setTimeout(() => …)`, `after(() => …)`, where nobody waits for the call."""
    evaluator, path = project.evaluator, transaction.path
    facts, function = evaluator.facts(path), use.root.function
    while facts is not None and function >= 0 and function != transaction.function:
        stands = evaluator.index(path).functions.get(function)
        call = stands.around[0] if stands is not None and stands.around else None
        if stands is not None and call is not None and call.kind == "call" and stands.expr in call.arguments:
            callee = evaluator.value(path, call.callee, stands.root.scope)
            timer = isinstance(callee, Global) or (call.callee.kind == "name" and call.callee.text in _TIMERS)
            if (timer or isinstance(callee, External)) and stands.root.role == "statement":
                return True
        function = facts.functions[function].parent
    return False


_TIMERS = frozenset(("setTimeout", "setInterval", "setImmediate", "queueMicrotask"))


def _intent(transaction: Transaction, uses: list[Use]) -> Intent | None:
    """One fix for all queries of a transaction: which of them belong to it is one decision."""
    if not transaction.parameter and not transaction.takes_none:
        return None
    path = transaction.path
    action = UseTransactionClient(
        tuple(span(path, _client(use.expr)) for use in uses),
        transaction.parameter or "tx",
        Span(path, transaction.start, transaction.end),
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


def _held_model(call: Expr) -> str:
    """The name of a variable that holds a model instead of a client, `users` in `users.findMany()`; else ""."""
    delegate = call.callee.children[0]
    return "" if call.callee.text.startswith("$") or delegate.children else delegate.text


def _same_client(project: Project, query: Query, use: Use, transaction: Transaction) -> bool:
    """Whether a query goes through the client that opened the transaction, or through another one of its database."""
    receiver = _client(use.expr)
    opened_by = transaction.opened.expr.callee.children[0] if transaction.opened.expr.callee.children else None
    if query.structural:
        return opened_by is not None and opened_by.chain() is not None and receiver.chain() == opened_by.chain()
    certain = Clients(project.evaluator).ambient(transaction.path, receiver, use.root.scope)
    return not certain and _same_database(
        project, query.client, (transaction.path, receiver, use.root.scope), transaction
    )


def _same_database(project: Project, client: Client, where: tuple[str, Expr, int], transaction: Transaction) -> bool:
    """Whether a client, written at `where`, is the one that opened a transaction. What one factory builds twice, for
    the database and for its replica, are two: then the names that hold them must be the same."""
    other = transaction.client
    if client.entry != other.entry:
        return False
    if client.origin is None or other.origin is None:
        return True
    if client.origin != other.origin:
        return False
    facts = project.facts(client.origin[0])
    if facts is None or facts.scopes[facts.scope_at(client.origin[1])].function < 0:
        return True
    callee = transaction.opened.expr.callee
    if callee.kind != "member" or callee.text != "$transaction":
        return True
    mine = _declaration(project, *where)
    theirs = _declaration(project, transaction.opened_in, callee.children[0], transaction.opened.root.scope)
    return mine is None or theirs is None or mine == theirs


def _declaration(project: Project, path: str, expr: Expr, scope: int) -> tuple[str, int] | None:
    """Where the variable that holds a client is declared, through imports and plain copies; None for anything else."""
    for _ in range(5):
        origin = lists.origin(project.evaluator, path, expr.text, scope) if expr.kind == "name" else None
        if origin is None:
            return None
        path, facts, binding = origin
        root = facts.roots[binding.value] if binding.value >= 0 and not binding.path else None
        made = root.expr if root is not None else None
        if made is not None and made.kind == "await" and made.children:
            made = made.children[0]
        if root is not None and made is not None and made.kind == "call" and not made.arguments:
            factory = project.evaluator.value(path, made.callee, root.scope)  # `const prisma = getPrisma()`
            return (factory.path, -1 - factory.index) if isinstance(factory, FunctionRef) else None
        if root is None or made is None or made.kind != "name":
            return path, binding.start
        expr, scope = made, root.scope
    return None


def _away(project: Project, transaction: Transaction, use: Use) -> Reach | None:
    """A query that certainly goes through the outer client, in a function that the callback calls and waits for."""
    evaluator, path = project.evaluator, transaction.path
    if use.expr.kind != "call" or not waits_for(evaluator, path, use, transaction.function):
        return None
    found: list[Reach] = []
    for reach in below(evaluator, path, use, of_callback(transaction), project.options.depth):
        if reach.path == path and transaction.start <= reach.use.expr.start < transaction.end:
            continue  # in a function of the callback itself: its queries are seen directly
        query = query_of(evaluator, reach.path, reach.use.expr, reach.use.root.scope)
        if query is None or query.structural:
            continue
        where = (reach.path, _client(reach.use.expr), reach.use.root.scope)
        client = Clients(evaluator).certain(*where, reach.frame)
        if not isinstance(client, Client) or is_decided(evaluator, reach.frame):
            continue
        if _same_database(project, client, where, transaction):
            found.append(reach)
    return min(found, key=lambda r: (_condition(project, r), len(r.steps), _opens(r)), default=None)


def _condition(project: Project, reach: Reach) -> int:
    """0 for what always runs, 1 behind a condition, 2 only when something failed."""
    facts, scope = project.facts(reach.path), reach.use.root.scope
    found = 0
    while facts is not None and scope >= 0 and facts.scopes[scope].kind != "function":
        found = max(found, {"if": 1, "else": 1, "case": 1, "catch": 2}.get(facts.scopes[scope].kind, 0))
        scope = facts.scopes[scope].parent
    return found


def _written(callee: Expr) -> str:
    """A query as it is written, also where its client is chosen on the spot: `(tx ?? prisma).user.count`."""
    if callee.kind == "member":
        return f"{_written(callee.children[0])}.{callee.text}"
    if callee.kind == "binary":
        return f"({' '.join((source_name(callee.children[0]), callee.text, source_name(callee.children[1])))})"
    return source_name(callee)


def _opens(reach: Reach) -> bool:
    return reach.use.expr.callee.text == "$transaction"


def _direct(
    project: Project, transaction: Transaction, use: Use, query: Query, intent: Intent | None, reason: str
) -> Finding:
    """`reason` is why there is no fix, where there is none."""
    path = transaction.path
    facts = project.facts(path)
    name = source_name(use.expr.callee)
    return Finding(
        code="PF401",
        path=path,
        start=use.expr.start,
        end=use.expr.end,
        message=f"{name} takes a second connection while the transaction holds one",
        evidence=opened(project, transaction),
        intent=intent,
        reason="" if intent is not None else reason,
        severity="error" if pool_is_one(project, query.client) else "warning",
        label="the outer client",
        package=package_name(project, path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )


def _indirect(project: Project, transaction: Transaction, use: Use, reach: Reach) -> Finding:
    path = transaction.path
    facts, there = project.facts(path), project.facts(reach.path)
    name, text = source_name(use.expr.callee), _written(reach.use.expr.callee)
    does = "opens a transaction of its own" if _opens(reach) else "queries through the outer client"
    own = "give it the client of this one" if _opens(reach) else "it has to take the client as a parameter"
    where = (reach.path, _client(reach.use.expr), reach.use.root.scope)
    client = Clients(project.evaluator).certain(*where, reach.frame)
    alone = isinstance(client, Client) and (
        pool_is_one(project, client) or (client.origin is None and pool_is_one(project, transaction.client))
    )
    return Finding(
        code="PF401",
        path=path,
        start=use.expr.start,
        end=use.expr.end,
        message=f"{name} {does} ({text}){through(reach.steps)} while the transaction holds a connection",
        evidence=(
            *opened(project, transaction),
            *way(reach.steps, reach.path, there.line_of(reach.use.expr.start) if there is not None else 1, text),
        ),
        reason=f"{reach.steps[-1].name} is in another function: {own}, `{transaction.parameter or 'tx'}` here",
        severity="error" if alone else "warning",
        label=f"{'one call' if len(reach.steps) == 1 else f'{len(reach.steps)} calls'} away from the outer client",
        package=package_name(project, path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )
