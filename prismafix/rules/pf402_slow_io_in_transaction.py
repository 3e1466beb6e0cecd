"""A transaction waits for the network while it holds a connection.

An interactive transaction keeps its connection, and the locks that its writes took, until its callback is done. While
the callback awaits an HTTP request, a mail, a payment, an upload or a queue, that connection does nothing, and others
wait for it and for the rows. A slow answer is over the transaction's time limit (5 seconds unless `timeout` says
otherwise): then it is rolled back (P2028), and what was sent has been sent all the same.

It counts whether the call stands in the callback or in a function that it calls, also in another file; the finding
shows the path. What goes over the network is known by the package that the called function comes from.

There is no fix: only the author knows whether the call belongs before the transaction or after it. Ask for what the
transaction needs before it opens; send, publish and delete what belongs to it once it has been committed.

Left alone: a call that nobody waits for, one that is handed on to run later, packages that are not known to go over
the network, and Redis: its answer takes as long as a query does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.index.source_name import source_name
from prismafix.project.reach.journeys import below, of_callback
from prismafix.project.reach.network import contact_of
from prismafix.project.reach.waiting import waits_for
from prismafix.rules.in_transaction import opened, through, transactions, way
from prismafix.rules.model import Applicability, Finding
from prismafix.rules.support import package_name, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.reach.journeys import Reach
    from prismafix.project.reach.transactions import Transaction
    from prismafix.workspace.model import Evidence

BEST: Applicability = "none"
_REASON = "do it before the transaction opens, or after it has been committed"


def check(project: Project) -> Iterable[Finding]:
    """Network calls that a transaction's callback waits for."""
    seen: set[tuple[str, int]] = set()
    for transaction in transactions(project):
        for finding in _findings(project, transaction):
            if (finding.path, finding.start) not in seen:
                seen.add((finding.path, finding.start))
                yield finding


def _findings(project: Project, transaction: Transaction) -> Iterator[Finding]:
    evaluator, path = project.evaluator, transaction.path
    for use in evaluator.index(path).calls_within(transaction.start, transaction.end):
        if not waits_for(evaluator, path, use, transaction.function):
            continue
        kind = contact_of(evaluator, path, use.expr, use.root.scope)
        if kind is not None:
            yield _finding(project, transaction, use, kind, "", ())
            continue
        for reach in below(evaluator, path, use, of_callback(transaction), project.options.depth):
            kind = contact_of(evaluator, reach.path, reach.use.expr, reach.use.root.scope)
            if kind is not None:
                yield _finding(project, transaction, use, kind, through(reach.steps), _path(project, reach))
                break


def _path(project: Project, reach: Reach) -> tuple[Evidence, ...]:
    facts = project.facts(reach.path)
    line = facts.line_of(reach.use.expr.start) if facts is not None else 1
    return way(reach.steps, reach.path, line, source_name(reach.use.expr.callee))


def _finding(
    project: Project, transaction: Transaction, use: Use, kind: str, on_the_way: str, path: tuple[Evidence, ...]
) -> Finding:
    facts = project.facts(transaction.path)
    name = source_name(use.expr.callee)
    return Finding(
        code="PF402",
        path=transaction.path,
        start=use.expr.start,
        end=use.expr.end,
        message=f"{name} waits for {kind}{on_the_way} while the transaction holds a connection",
        evidence=(*opened(project, transaction), *path),
        reason=_REASON,
        label=f"waits for {kind}",
        package=package_name(project, transaction.path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )
