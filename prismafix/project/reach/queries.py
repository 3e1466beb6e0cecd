"""Which calls are Prisma queries."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.facts.model import Expr
from prismafix.project.denote.choices import source_of
from prismafix.project.denote.members import words
from prismafix.project.denote.values import Client, Operation, ShapeRef, Signature

if TYPE_CHECKING:
    from prismafix.project.denote.evaluate import Evaluator

READS = frozenset(
    (
        "findUnique",
        "findUniqueOrThrow",
        "findFirst",
        "findFirstOrThrow",
        "findMany",
        "count",
        "aggregate",
        "groupBy",
        "findRaw",
        "aggregateRaw",
    )
)
WRITES = frozenset(
    (
        "create",
        "createMany",
        "createManyAndReturn",
        "update",
        "updateMany",
        "updateManyAndReturn",
        "upsert",
        "delete",
        "deleteMany",
    )
)
RAW = frozenset(
    ("$queryRaw", "$queryRawUnsafe", "$queryRawTyped", "$executeRaw", "$executeRawUnsafe", "$runCommandRaw")
)
_SELECT = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:INSERT|UPDATE|DELETE|MERGE|CALL|TRUNCATE|DROP|ALTER|CREATE|INTO|LOCK|nextval|setval|pg_\w*lock\w*)\b|\$\{|;\s*\S",
    re.IGNORECASE,
)
_TELLING = (READS | WRITES) - {"create", "update", "delete", "count"}
_ARGUMENT_KEYS = frozenset(("where", "data", "select", "include", "omit", "take", "orderBy", "distinct"))


@dataclass(frozen=True, slots=True)
class Query:
    """A call that sends statements. `model` is "" for raw queries and `$transaction`. `structural` when only its form
    says so: a method that only Prisma has, on a model of the schema, of a value that could not be resolved.
    `written_out`: a `$transaction` whose queries stand in its argument."""

    client: Client
    model: str
    name: str
    structural: bool = False
    sql: str = ""
    written_out: bool = False

    @property
    def reads_only(self) -> bool:
        """Whether it certainly changes nothing: a read of a model, raw SQL that is one plain SELECT, or a transaction
        whose queries are written out in it, so that each of them says what it does."""
        if self.name in READS or self.written_out:
            return True
        return self.name == "$queryRaw" and bool(_SELECT.match(self.sql)) and not _CHANGES.search(self.sql)


def query_of(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Query | None:
    """The query that a call or tagged template is, or None."""
    callee = call.callee
    if callee.kind == "index":
        return _chosen(evaluator, path, call, scope)
    if callee.kind != "member":
        return None
    name = callee.text
    if name not in READS and name not in WRITES and name not in RAW and name != "$transaction":
        return None
    value = evaluator.value(path, callee, scope)
    if isinstance(value, Operation):
        client = _from_parameter(evaluator, path, call, scope, value)
        sql = call.text if call.kind == "tagged" else ""
        return Query(client, value.model, name, sql=sql, written_out=name == "$transaction" and _is_written_out(call))
    if (value is None or isinstance(value, Signature)) and not name.startswith("$"):
        return _structural(evaluator, path, call, scope)
    return None


def _is_written_out(call: Expr) -> bool:
    """Whether the queries of a `$transaction` stand in its argument: an array of calls, or a function."""
    argument = call.arguments[0] if call.arguments else None
    if argument is None or argument.kind == "function":
        return argument is not None
    return argument.kind == "array" and all(part.kind in ("call", "tagged") for part in argument.children)


def _from_parameter(evaluator: Evaluator, path: str, call: Expr, scope: int, operation: Operation) -> Client:
    """The client of a query, with the parameter that it comes from where it may be that of a transaction."""
    client, held = operation.client, call.callee.children[0]
    if client.kind == "outer" or client.choice is not None:
        return client
    if operation.model:
        if held.kind != "member":
            return client
        held = held.children[0]
    source = source_of(evaluator, path, held, scope)
    return replace(client, choice=source) if source is not None else client


def _chosen(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Query | None:
    """`prisma.user[method](…)`, where the method is one of a few words; the first of them stands for all."""
    names = words(evaluator, path, call.callee.children[1], scope)
    if not names or not all(name in READS or name in WRITES for name in names):
        return None
    name = next((name for name in names if name in WRITES), names[0])
    member = Expr("member", call.callee.start, call.callee.end, name, call.callee.children[:1])
    value = evaluator.member(evaluator.value(path, call.callee.children[0], scope), name)
    if isinstance(value, Operation):
        return Query(value.client, value.model, name)
    as_called = Expr(call.kind, call.start, call.end, call.text, (member, *call.arguments))
    return _structural(evaluator, path, as_called, scope)


def _structural(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Query | None:
    """`<unknown>.<model of the schema>.<method of Prisma>(…)`; what a bare name of unknown origin holds may be a
    transaction's client."""
    delegate = call.callee.children[0]
    if delegate.kind != "member" or delegate.text not in evaluator.accessors:
        return None
    receiver = delegate.children[0]
    if receiver.kind not in ("name", "member"):
        return None
    held = evaluator.value(path, receiver, scope)
    if held is not None and not isinstance(held, ShapeRef):  # an interface that lists what is used of a client
        return None
    if receiver.text == "query":  # Drizzle: `db.query.user.findFirst()` (https://orm.drizzle.team/docs/rqb)
        return None
    if call.callee.text not in _TELLING:
        argument = call.arguments[0] if call.arguments else None
        if (
            argument is None
            or argument.kind != "object"
            or not any(p.text in _ARGUMENT_KEYS for p in argument.children)
        ):
            return None
    kind = "outer" if receiver.kind == "member" else "either"
    return Query(Client("", kind), delegate.text, call.callee.text, structural=True)  # type: ignore[arg-type]
