"""A connection string through a pooler in transaction mode without `pgbouncer=true`.

Prisma's engine (4 to 6) prepares its statements. Behind a pooler in transaction mode the next statement may meet
another connection, which knows nothing of them, or too much: `prepared statement "s0" already exists`. With
`pgbouncer=true` the engine cleans up before each transaction, and does not keep them.

The fix adds the parameter; everything else in the URL stays. Safe: with the flag the same statements are sent.

Left alone: clients with a driver adapter, poolers in session mode, Amazon RDS Proxy, and what an interpolation may
hide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.rules.url_settings import describe, finding, intent, url_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

BEST: Applicability = "safe"


def check(project: Project) -> Iterable[Finding]:
    """URLs through a pooler whose flag is missing, or not true."""
    for told in url_settings(project):
        if any(change.rule == "PF502" for change in told.advice.changes):
            continue  # the flag comes with the pooler
        changes = tuple(change for change in told.advice.changes if change.rule == "PF503")
        notes = [note.text for note in told.advice.by_hand if note.rule == "PF503" and "not true" in note.text]
        text = f"{describe(told)} goes through {told.advice.recognised.provider.title} without pgbouncer=true"
        found = finding(told, "PF503", "host", text, "a pooler in transaction mode", "pgbouncer=true")
        if changes:
            yield replace(found, intent=intent(told, changes, f"Set pgbouncer=true in {told.setting.path}", ()))
        elif notes:
            yield replace(found, reason=notes[0])
