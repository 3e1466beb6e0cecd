"""A connection string for a serverless deployment that sets no size for the pool.

Every instance of a function has a pool of its own. Without `connection_limit` Prisma's engine (4 to 6) opens
`2 x cores + 1` connections in each, so that ten instances take fifty or more, and the database refuses the next one:
P2037, "sorry, too many clients already". With few connections per instance the time to wait for one matters too: after
`pool_timeout` (10 seconds by default) a query fails with P2024.

The fix writes `connection_limit=3` on a direct connection, and `connection_limit=1` behind an external pooler in a
package without interactive transactions; `pool_timeout=20` and `connect_timeout=10` with it. Parameters that are there
keep their values. It is unsafe: how many connections an instance may have depends on how many instances there are
(`prismafix budget` does the sum), and the value that counts is the one in the deployment's own settings.

A value that a store of secrets keeps (`${ssm:/prod/db-url}`, `!Ref`, `secretKeyRef`, `{{resolve:secretsmanager:…}}`,
`${{ secrets.DATABASE_URL }}`) may have all of this, so a reference alone is no finding. Where the same variable is
written out somewhere and found wanting, the finding names each reference, with what to set there; so do PF502, PF503
and PF506.

Left alone: local databases, connections over HTTP (Accelerate), MongoDB's and SQLite's, long-running servers, variables
of tests, a limit that may hide in an interpolation, and clients with a driver adapter, which ignore these parameters
(PF505).

A driver adapter with a TCP pool has its limit among its options: `max` of `PrismaPg` or of the `Pool` that it is given,
`connectionLimit` of `PrismaMariaDb`, `pool.max` of `PrismaMssql`. Without it each instance opens up to 10 connections.
The same limit is written there, and the time to wait for a connection, which is without end for pg. `PrismaMariaDb` and
`PrismaMssql` that get their URL as a string take no options: there the driver's own `connectionLimit` goes into the
URL, in the code or in the file that sets the variable. Left alone: options that come from elsewhere, adapters over HTTP
or WebSockets, a URL that only a store of secrets holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.connection.adapters import PARAMETERS
from prismafix.connection.limit import recommended_limit
from prismafix.connection.url import value_of
from prismafix.rules.adapter_limits import adapter_findings
from prismafix.rules.model import Applicability, Doubt, Finding
from prismafix.rules.url_settings import UrlSetting, also_kept, describe, finding, intent, url_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.connection.advice import Change
    from prismafix.project.model import Project

BEST: Applicability = "unsafe"
_CHECK = "check what the database allows (`prismafix budget`), and set it where the deployment keeps the value"


def check(project: Project) -> Iterable[Finding]:
    """URLs and driver adapters of serverless deployments without a limit."""
    yield from adapter_findings(project)
    for told in url_settings(project):
        limit = PARAMETERS.get(told.url.database, {}).get("limit")
        changes = _changes(told)
        if told.situation.target != "serverless" or not any(change.name == limit for change in changes):
            continue
        names = ", ".join(f"{change.name}={change.after}" for change in changes)
        patch = intent(
            told,
            changes,
            f"Set {names} in {told.setting.path}",
            (Doubt("unsafe", f"{changes[0].reason}; {_CHECK}"), *also_kept(told, "PF501", names)),
        )
        text = f"{describe(told)} sets no {limit}, and each serverless instance has a pool of its own"
        yield replace(finding(told, "PF501", "parameters", text, f"no {limit}", names), intent=patch)


def _changes(told: UrlSetting) -> tuple[Change, ...]:
    """The parameters, with the limit for the URL as it is: another host is another finding's (PF502)."""
    found = [change for change in told.advice.changes if change.rule == "PF501"]
    limit = PARAMETERS.get(told.url.database, {}).get("limit", "")
    if value_of(told.url, limit) is not None:
        return ()
    size, reason = recommended_limit(told.situation, told.advice.recognised.provider)
    return tuple(replace(c, after=str(size), reason=reason) if c.name == limit else c for c in found)
