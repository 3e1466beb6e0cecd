"""A connection is taken out of a pool and not given back on every path.

`await pool.connect()` (pg) and `await pool.getConnection()` (mysql2, mariadb) take a connection out of the pool until
somebody calls `release()`. A `return`, a `throw` or a rejected `await` on the way skips a `release()` that does not
stand in a `finally`: that connection is gone for as long as the process lives. After ten such calls the pool is empty,
and with the defaults of pg every further call waits for ever, queries of Prisma included where it uses the same pool.

The same for a Prisma client that has to be built per call (a tenant's database): `$disconnect` at the end does not run
after an early `return`, and the pool of that client stays open.

There is no fix on offer, since the body has to move into a `try`:

    const client = await pool.connect()
    try {
      …
    } finally {
      client.release()
    }

A single query needs none of this: `pool.query(…)` takes and gives back by itself.

Left alone: a connection that leaves the function (returned, stored, passed to code that is not known), one that
listens for notifications or holds an advisory lock, failures at the start of a process, packages without Prisma,
scripts, seeds and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.pools.driver_pools import modules_with_pools, pool_driver
from prismafix.project.pools.releases import Leak, leak_of
from prismafix.rules.client_plan import client_plan
from prismafix.rules.model import Applicability, Finding
from prismafix.rules.support import package_name, role_evidence, symbol
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.facts.model import Expr
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.workspace.model import Package

BEST: Applicability = "none"


def check(project: Project) -> Iterable[Finding]:
    """Connections of drivers' pools, and clients per call, that a way out of the function leaves open."""
    for path in modules_with_pools(project):
        kind = project.roles.role(path).kind
        wanted = kind == "application" or (kind in ("script", "test") and project.options.scripts_in(path))
        if wanted and _uses_prisma(project, project.workspace.package_of(path)):
            yield from _connections(project, path)
    yield from _clients(project)


def _connections(project: Project, path: str) -> Iterator[Finding]:
    for use in project.evaluator.index(path).calls:
        callee = use.expr.callee if use.expr.kind == "call" else use.expr
        if callee.kind != "member" or callee.text not in ("connect", "getConnection") or use.expr.arguments:
            continue
        awaited = use.around[0] if use.around else None
        if awaited is None or awaited.kind != "await":
            continue
        driver = pool_driver(project.evaluator, path, callee.children[0], use.root.scope)
        if driver is None or driver.take != callee.text or _is_local(project, path, callee.children[0], use):
            continue
        leak = leak_of(project.evaluator, path, use, awaited, frozenset(driver.release))
        if leak is not None and not _fails_at_start(project, path, use, leak):
            name = leak.name or "connection"
            tail = f"begin a `try` right behind it, with `finally {{ {name}.{driver.release[0]}() }}`"
            if leak.way == "dropped":
                tail = f"keep what it gives in a variable, and call `{driver.release[0]}()` on that"
            yield _finding(project, path, use, leak, _text(project, path, leak), tail)


def _is_local(project: Project, path: str, pool: Expr, use: Use) -> bool:
    """Whether the pool is one of the function's own: what is taken out of it does not outlive that pool."""
    facts = project.facts(path)
    binding = facts.lookup(pool.text, use.root.scope) if facts is not None and pool.kind == "name" else None
    if facts is None or binding is None or binding.kind not in ("const", "let", "var"):
        return False
    return (
        use.root.function >= 0
        and facts.scopes[binding.scope].function == use.root.function
        and (binding.value >= 0 and facts.roots[binding.value].expr.kind == "new")
    )


def _fails_at_start(project: Project, path: str, use: Use, leak: Leak) -> bool:
    """Whether it takes a failure, in code that runs once: at the start of a process that then does not start."""
    return leak.way in ("throw", "rejection") and project.executions.frequency(path, use.root.function) in (
        "once",
        "shutdown",
    )


def _text(project: Project, path: str, leak: Leak) -> str:
    held = f"`{leak.name}` is taken out of the pool and"
    line = _line(project, path, leak.at)
    match leak.way:
        case "dropped":
            return "a connection is taken out of the pool, and nobody can give it back"
        case "never":
            return f"{held} never given back"
        case "return":
            return f"{held} not given back when line {line} returns"
        case "throw":
            return f"{held} not given back when line {line} throws"
        case "rejection":
            return f"{held} not given back if the `await` in line {line} rejects"
    return f"{held} given back on some ways only"


def _clients(project: Project) -> Iterator[Finding]:
    """Clients that have to be per call: where PF101 has a fix, it takes the `$disconnect` away too."""
    for excess in client_plan(project).excess:
        site = excess.site
        if excess.code != "PF101" or excess.intent is not None or site.role.kind != "application" or site.extended:
            continue
        leak = leak_of(project.evaluator, site.path, site.use, site.expr, frozenset(("$disconnect",)))
        if leak is None or leak.way not in ("return", "throw"):
            continue  # nobody disconnects it, or only a failure is in the way: PF101 says what is to be done
        verb = "returns" if leak.way == "return" else "throws"
        text = f"`{leak.name}` is built per call and stays open when line {_line(project, site.path, leak.at)} {verb}"
        tail = f"begin a `try` right behind it, with `finally {{ await {leak.name}.$disconnect() }}`"
        yield _finding(project, site.path, site.use, leak, text, tail)


def _finding(project: Project, path: str, use: Use, leak: Leak, message: str, reason: str) -> Finding:
    facts = project.facts(path)
    evidence = [role_evidence(project, path)]
    if leak.way in ("return", "throw", "rejection"):
        what = {"return": "returns", "throw": "throws", "rejection": "may reject"}[leak.way]
        evidence.append(Evidence(path, _line(project, path, leak.at), f"{what} while the connection is taken"))
    expr: Expr = use.expr
    return Finding(
        code="PF107",
        path=path,
        start=expr.start,
        end=expr.end,
        message=message,
        evidence=tuple(evidence),
        reason=reason,
        label="taken here",
        package=package_name(project, path),
        symbol=symbol(facts, use.root.function) if facts is not None else "",
    )


def _line(project: Project, path: str, offset: int) -> int:
    facts = project.facts(path)
    return facts.line_of(offset) if facts is not None else 1


def _uses_prisma(project: Project, package: Package | None) -> bool:
    """Whether a package has Prisma, itself or through a workspace package that it depends on."""
    if package is None:
        return False
    others = (project.workspace.package_by_name(name) for name in package.dependencies)
    return any(
        one is not None and (one.schemas or not {"@prisma/client", "prisma"}.isdisjoint(one.dependencies))
        for one in (package, *others)
    )
