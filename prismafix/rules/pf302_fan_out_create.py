"""One `create` per element of a collection, all at once.

Each `create` is a statement of its own (or a transaction), and all of them fight for the pool at the same moment. One
`createMany` is one statement: 500 rows took 33 ms instead of 197 ms (measured with Prisma 7).

The fix uses `createMany` where the results are unused, and `createManyAndReturn` where provider and version have it
(PostgreSQL, CockroachDB, SQLite; Prisma 5.14 and later). It is unsafe: it becomes all or nothing. With the fan-out,
the rows before a failing one were there; now none is.

Not where `data` has nested writes, which `createMany` cannot do: there PF303 is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.fan_out import PooledFanOut, path_evidence, pooled_fan_outs, site_symbol
from prismafix.rules.model import Applicability, CreateMany, Doubt, Finding, Intent
from prismafix.rules.support import package_name, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.project.model import Project

BEST: Applicability = "unsafe"
_RETURNING = frozenset(("postgresql", "postgres", "cockroachdb", "sqlite"))


def check(project: Project) -> Iterable[Finding]:
    """Fan-outs that one `createMany` can replace."""
    for pooled in pooled_fan_outs(project):
        if pooled.rule == "PF302" and creates_many(project, pooled):
            yield _finding(project, pooled)


def creates_many(project: Project, pooled: PooledFanOut) -> bool:
    """Whether `createMany` or `createManyAndReturn` can do it."""
    call, schema = pooled.direct, pooled.schema
    if call is None or schema is None or schema.provider in (None, "mongodb"):
        return False
    argument = call.arguments[0]
    if argument.kind != "object":
        return False
    model = schema.model_by_accessor(pooled.query.query.model)
    data = argument.property_value("data")
    keys = {child.text for child in argument.children}
    if model is None or data is None or not keys <= {"data"}:
        return False
    if any(part.kind in ("await", "function") for part in data.walk()):
        return False
    names = {f.name for f in model.fields if f.type[:1].isupper() and f.type not in _SCALARS}
    if data.kind == "object":
        for child in data.children:
            if child.kind != "property" or (child.text in names and child.children[0].kind == "object"):
                return False
            if child.text in names and not _is_scalar_or_enum(project, pooled, child.text):
                return False
    elif data.kind != "name":
        return False
    return _unused(pooled) or returning(project, pooled)


_SCALARS = frozenset(["String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Json", "Bytes"])


def _is_scalar_or_enum(project: Project, pooled: PooledFanOut, name: str) -> bool:
    schema = pooled.schema
    model = schema.model_by_accessor(pooled.query.query.model) if schema is not None else None
    field = model.field(name) if model is not None else None
    return field is not None and schema is not None and all(m.name != field.type for m in schema.models)


def _unused(pooled: PooledFanOut) -> bool:
    """Whether the results go nowhere: `await Promise.all(…)` as a statement."""
    use = pooled.fan_out.use
    return use.root.role == "statement" and len(use.around) == 1 and use.around[0].kind == "await"


def returning(project: Project, pooled: PooledFanOut) -> bool:
    """Whether provider and version have `createManyAndReturn`."""
    package = project.workspace.package_of(pooled.fan_out.path)
    version = package.prisma_version if package is not None else None
    return (
        pooled.schema is not None
        and pooled.schema.provider in _RETURNING
        and version is not None
        and version >= (5, 14, 0)
    )


def _finding(project: Project, pooled: PooledFanOut) -> Finding:
    fan_out = pooled.fan_out
    facts = project.facts(fan_out.path)
    model = pooled.query.query.model
    unused = _unused(pooled)
    method = "createMany" if unused else "createManyAndReturn"
    doubts = [Doubt("unsafe", f"{method} is all or nothing: with the fan-out, rows before a failing one were kept")]
    origin = pooled.query.query.client.origin
    if pooled.query.query.client.extended or origin is None:
        doubts.append(Doubt("unsafe", "the client may have extensions that see `create` and not `createMany`"))
    action = CreateMany(span(fan_out.path, fan_out.call), model, not unused)
    return Finding(
        code="PF302",
        path=fan_out.path,
        start=fan_out.call.start,
        end=fan_out.call.end,
        message=f"one {model}.create per element at once, where one {method} would do; it becomes all or nothing",
        evidence=path_evidence(project, pooled),
        intent=Intent(action, f"Create {model} rows with one {method} in {fan_out.path}", tuple(doubts)),
        label="one statement per element",
        package=package_name(project, fan_out.path),
        symbol=site_symbol(facts, pooled),
    )
