"""A Prisma client is built inside a function that runs per request, invocation, job or call.

Every `PrismaClient` opens a connection pool of its own. A handler that builds one per call opens a pool per call, and
the database answers "too many clients already" (P2037) as soon as a few dozen calls overlap. Measured on PostgreSQL
with `max_connections = 20`: of 60 concurrent calls of such a handler, 40 failed.

The fix uses the package's shared client, or creates the shared module if there is none. The local name stays, so
nothing else in the function changes. A `$disconnect` at the end of the call goes in the same fix: it would disconnect
everybody's client. So do driver pools and adapters that were built beside the client (PF106).

Safe when the client that stays is built the same way, all uses of the one that goes are known, nothing changes its
session by SQL, and no test mocks what changes. Unsafe when its options are constant but different, when it is handed
on, or when it was built behind a condition. No fix when it is built from a parameter, a request or a tenant: there a
client per value is meant.

Left alone: clients behind a `globalThis` guard or another memo, whatever its style; factories whose only caller is
behind a guard; services that dependency injection builds once; scripts, seeds and tests; runtimes that forbid sharing
a client across requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.client_findings import excess_findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """Clients built per call or per instance."""
    return excess_findings(project, "PF101")
