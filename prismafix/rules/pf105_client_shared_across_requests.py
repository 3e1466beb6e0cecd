"""A client with open connections is shared by the requests of a Cloudflare Worker.

On Workers and Pages a connection belongs to the request that opened it. A client at module level, on `globalThis` or
in a variable that is filled once lives as long as the isolate: the first request works, the next one that gets the same
connection fails with "Cannot perform I/O on behalf of a different request", or hangs until the runtime ends it. What is
right everywhere else, one client for all requests, is the mistake here.

It holds for drivers that keep connections open: `PrismaPg`, `PrismaMariaDb` and `PrismaMssql` (TCP), and `PrismaNeon`
(WebSockets, which "can't outlive a single request", says the driver's documentation). So it does for a `Pool` at
module level behind clients that are built per request.

There is no fix on offer: the client's options come from the request's `env`, and who calls what has to change. Build
the client per request, and let Hyperdrive keep the connections to the database:

    export default {
      async fetch(request, env, ctx) {
        const adapter = new PrismaPg({ connectionString: env.HYPERDRIVE.connectionString })
        const prisma = new PrismaClient({ adapter })
        …
        ctx.waitUntil(prisma.$disconnect())

In a framework the same stands in a function that is called per request; React's `cache` may wrap it.

The evidence names the file that makes it a worker, and the imports from the worker's entry to the module. Entries are
`main` of `wrangler.toml`, `.json` and `.jsonc`, the functions of a Pages project, and the routes of Next.js, SvelteKit,
Remix, React Router and Astro where they are built for Cloudflare.

Left alone: clients that are built per request; Accelerate, D1, PlanetScale and libSQL, which ask over HTTP; pools that
use no connection twice (`maxUses`); modules that no worker loads, such as seeds, scripts and a Node server of the same
package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.model import Applicability, Finding
from prismafix.rules.per_request import Shared, shared_across_requests
from prismafix.rules.support import package_name, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project

BEST: Applicability = "none"


def check(project: Project) -> Iterable[Finding]:
    """Clients and pools that outlive the requests of a worker."""
    for shared in shared_across_requests(project):
        yield _finding(project, shared)


def _finding(project: Project, shared: Shared) -> Finding:
    facts = project.facts(shared.path)
    what = "this pool" if shared.pool else "this client"
    return Finding(
        code="PF105",
        path=shared.path,
        start=shared.expr.start,
        end=shared.expr.end,
        message=f"{what} is kept {shared.kept}, and every request of a Cloudflare Worker uses it: "
        f"its {shared.transport} connections work only in the request that opened them",
        evidence=(shared.loaded.worker, *shared.loaded.steps),
        reason=f"build {'the pool' if shared.pool else f'it with its `{shared.adapter}`'} per request, inside the "
        "handler, and disconnect it with `ctx.waitUntil(…)`; Hyperdrive keeps the connections to the database",
        label="shared by all requests",
        package=package_name(project, shared.path),
        symbol=symbol(facts, shared.function) if facts is not None else "",
    )
