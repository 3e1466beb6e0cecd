"""A package builds several Prisma clients at module level, each with its own connection pool.

One client per module looks harmless, since it is built once. But each one is a pool: ten modules with `new
PrismaClient()` are ten pools in every process, and with several instances the database runs out of connections.

The fix imports the package's shared client (the one that most modules import), or creates a shared module if there is
none. Exports of the module stay.

Safe when both clients are built the same way and no test mocks what changes. No fix where each file is deployed as
its own function: there the processes are apart.

Left alone: one client of a long-running server, deliberately different clients (read replica, other schema, other
role), scripts and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.client_findings import excess_findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """Clients at module level beside the shared one."""
    return excess_findings(project, "PF102")
