"""Findings of the client plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.client_plan import Excess, client_plan
from prismafix.rules.model import Finding
from prismafix.rules.support import package_name, role_evidence, symbol
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.project.model import Project


def excess_findings(project: Project, code: str) -> Iterator[Finding]:
    """The clients that are one too many, of one code."""
    for excess in client_plan(project).excess:
        if excess.code == code:
            yield _finding(project, excess)


def _finding(project: Project, excess: Excess) -> Finding:
    site = excess.site
    facts = project.facts(site.path)
    evidence = [role_evidence(project, site.path)]
    pool = next((p for p in client_plan(project).pools if site in p.sites), None)
    if pool is not None and pool.shared is not None and pool.shared is not site:
        shared = project.facts(pool.shared.path)
        line = shared.line_of(pool.shared.expr.start) if shared is not None else 1
        evidence.append(Evidence(pool.shared.path, line, "the shared client of the package"))
    return Finding(
        code=excess.code,
        path=site.path,
        start=site.expr.start,
        end=site.expr.end,
        message=excess.message,
        evidence=tuple(evidence),
        intent=excess.intent,
        reason=excess.reason,
        label="a connection pool of its own",
        package=package_name(project, site.path),
        symbol=symbol(facts, site.function) if facts is not None else "",
    )
