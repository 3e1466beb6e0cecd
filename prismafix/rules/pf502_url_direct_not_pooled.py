"""A serverless deployment that connects to the database itself, where its provider has a pooler.

Each instance holds connections of its own, and a burst of requests starts as many instances as it likes. A pooler in
transaction mode lets them share the database's few: Supabase answers on port 6543, Neon on the host with `-pooler`.

The fix changes the host or the port, and adds `pgbouncer=true` where Prisma's engine sends the statements (PF503). It
is unsafe: migrations must not go through the pooler (PF506), session state such as `SET` and advisory locks is lost
between statements, and the value that counts is the one in the deployment's own settings.

Elsewhere (Amazon RDS, Cloud SQL, Azure) nothing is rewritten: the finding says what there is. Left alone: hosts that
nothing is known of, long-running servers, local databases, variables of tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.rules.model import Applicability, Doubt, Finding
from prismafix.rules.url_settings import also_kept, describe, finding, intent, url_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.connection.advice import Change
    from prismafix.project.model import Project

BEST: Applicability = "unsafe"
_HOSTED = frozenset(("rds", "cloud-sql", "azure"))
"""Providers that are told by the host, so that the connection is known to be direct."""
_CHECK = "keep the direct URL for migrations, and check that nothing relies on a session (SET, advisory locks, LISTEN)"


def check(project: Project) -> Iterable[Finding]:
    """URLs of serverless deployments past the pooler."""
    for told in url_settings(project):
        if told.situation.target != "serverless":
            continue
        provider = told.advice.recognised.provider
        changes = tuple(change for change in told.advice.changes if change.rule == "PF502")
        text = f"{describe(told)} connects serverless instances to {provider.title}"
        label = "direct" if provider.pooling == "direct" else "session mode"
        if changes:
            flags = tuple(change for change in told.advice.changes if change.rule == "PF503")
            by_hand = [note.text for note in told.advice.by_hand if note.rule == "PF502"]
            doubts = [
                Doubt("unsafe", "; ".join((*by_hand, _CHECK))),
                *also_kept(told, "PF502", _needed((*changes, *flags))),
            ]
            title = f"Connect through the pooler in {told.setting.path}"
            found = finding(told, "PF502", "host", text, label, _needed((*changes, *flags)))
            yield replace(found, intent=intent(told, (*changes, *flags), title, tuple(doubts)))
        elif provider.key in _HOSTED:
            notes = [note.text for note in told.advice.by_hand if note.rule == "PF502"]
            if notes:
                found = finding(told, "PF502", "host", text, label, "the pooler's host, once there is one,")
                yield replace(found, reason=notes[0])


def _needed(changes: tuple[Change, ...]) -> str:
    """The changes in words, without the host: another URL of the same database may have another name for it."""
    words = {"host": "the pooler's host", "port": "port {after}"}
    return " and ".join(words.get(c.name, "{name}={after}").format(name=c.name, after=c.after) for c in changes)
