"""Which calls are Prisma queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.values import Client, Operation

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.evaluate import Evaluator

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
    says so: a method that only Prisma has, on a model of the schema, of a value that could not be resolved."""

    client: Client
    model: str
    name: str
    structural: bool = False
    sql: str = ""

    @property
    def reads_only(self) -> bool:
        """Whether it certainly changes nothing: a read of a model, or raw SQL that is one plain SELECT."""
        if self.name in READS:
            return True
        return self.name == "$queryRaw" and bool(_SELECT.match(self.sql)) and not _CHANGES.search(self.sql)


def query_of(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Query | None:
    """The query that a call or tagged template is, or None."""
    callee = call.callee
    if callee.kind != "member":
        return None
    name = callee.text
    if name not in READS and name not in WRITES and name not in RAW and name != "$transaction":
        return None
    value = evaluator.value(path, callee, scope)
    if isinstance(value, Operation):
        return Query(value.client, value.model, name, sql=call.text if call.kind == "tagged" else "")
    if value is None and not name.startswith("$"):
        return _structural(evaluator, path, call, scope)
    return None


def _structural(evaluator: Evaluator, path: str, call: Expr, scope: int) -> Query | None:
    """`<unknown>.<model of the schema>.<method of Prisma>(…)`; what a bare name of unknown origin holds may be a
    transaction's client."""
    delegate = call.callee.children[0]
    if delegate.kind != "member" or delegate.text not in evaluator.accessors:
        return None
    receiver = delegate.children[0]
    if receiver.kind not in ("name", "member") or evaluator.value(path, receiver, scope) is not None:
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
