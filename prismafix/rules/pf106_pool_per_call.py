"""A driver pool or adapter is built per call, beside a Prisma client that is built per call.

With Prisma 7 (and 6 with `engineType = "client"`) the connections belong to the driver: each `new Pool(…)` or `new
PrismaPg(…)` is a pool of its own, ten connections by default.

The fix is that of the client (PF101): the pool and the adapter move into the shared module with it, and their `end()`
goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.client_plan import client_plan
from prismafix.rules.model import Applicability, Finding
from prismafix.rules.support import package_name, role_evidence, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """The pools and adapters declared beside a client that is one too many."""
    for excess in client_plan(project).excess:
        if excess.code != "PF101":
            continue
        path = excess.site.path
        facts = project.facts(path)
        for companion in excess.companions:
            name = (companion.callee.chain() or ("pool",))[-1]
            yield Finding(
                code="PF106",
                path=path,
                start=companion.start,
                end=companion.end,
                message=f"`{name}` is built per call, beside a client that is built per call",
                evidence=(role_evidence(project, path),),
                intent=excess.intent,
                reason=excess.reason,
                label="connections of its own",
                package=package_name(project, path),
                symbol=symbol(facts, excess.site.function) if facts is not None else "",
            )
