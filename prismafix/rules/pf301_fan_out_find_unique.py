"""One `findUnique` per element of a collection, all at once.

Prisma batches the `findUnique` calls of one tick into one statement, so what is gained is CPU time, not connections:
500 of them cost 131 ms, the same rows through one `findMany` 17 ms (measured with Prisma 7).

The fix reads the rows with one `findMany` and `in`, and restores what the fan-out gave: the order of the input,
`null` for what is missing, one entry per duplicate.

Safe only where the elements are unique by construction, since duplicates would share one object. Only for keys where
JavaScript's equality is the database's: `Int`, and `String` on PostgreSQL, CockroachDB and SQLite without a native
type other than Text or VarChar. Not for citext, UUID, BigInt, dates or decimals, not for `findUniqueOrThrow`, and not
where a
`query` extension or `$use` could see the difference. Where PF301 does not hold, PF303 says so, and offers no limit:
that would only make more statements of the one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import Client
from prismafix.rules.fan_out import PooledFanOut, path_evidence, pooled_fan_outs, site_symbol
from prismafix.rules.model import Applicability, BatchReads, Doubt, Finding, Intent
from prismafix.rules.support import package_name, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismafix.facts.model import Expr
    from prismafix.project.model import Project
    from prismafix.workspace.model import ModelField, Schema

BEST: Applicability = "safe"
BATCHED = "Prisma batches these already"
_STRING_PROVIDERS = frozenset(("postgresql", "postgres", "cockroachdb", "sqlite"))
_STRING_TYPES = frozenset((None, "Text", "VarChar"))


def check(project: Project) -> Iterable[Finding]:
    """Fan-outs that one `findMany` can replace."""
    for pooled in pooled_fan_outs(project):
        if pooled.rule == "PF301":
            key = batch_key(project, pooled)
            if key is not None:
                yield _finding(project, pooled, key)


def batch_key(project: Project, pooled: PooledFanOut) -> str | None:
    """The unique field that the fan-out looks up, when one `findMany` would give the same; None otherwise."""
    call, schema = pooled.direct, pooled.schema
    if call is None or schema is None or call.callee.text != "findUnique":
        return None
    client = pooled.query.query.client
    if client.extended or client.kind != "outer" or _has_hooks(project, pooled):
        return None
    argument = call.arguments[0]
    where = argument.property_value("where") if argument.kind == "object" else None
    model = schema.model_by_accessor(pooled.query.query.model)
    if where is None or where.kind != "object" or model is None or len(where.children) != 1:
        return None
    pair = where.children[0]
    field = model.field(pair.text) if pair.kind == "property" else None
    if field is None or not comparable(field, schema) or pair.children[0].kind == "object":
        return None
    if not _same_for_all(project, pooled, argument, where) or not _in_result(argument, field.name):
        return None
    return field.name


def is_one_statement(project: Project, pooled: PooledFanOut) -> bool:
    """Whether Prisma asks for all rows together: the calls of one tick by one unique key, with one selection. On one
    connection, measured with Prisma 6.19 and 7: also by a compound or BigInt key, with `OrThrow` and through an
    extension. With a further filter the Rust engine may not put them together
    (https://www.prisma.io/docs/orm/prisma-client/queries/query-optimization-performance)."""
    call = pooled.direct
    if pooled.rule != "PF301" or call is None:
        return False
    argument = call.arguments[0]
    where = argument.property_value("where") if argument.kind == "object" else None
    if where is None or where.kind != "object" or len(where.children) != 1:
        return False
    others = [child for child in argument.children if not (child.children and child.children[0] is where)]
    return where.children[0].kind == "property" and _is_same(project, pooled, others)


def _in_result(argument: Expr, key: str) -> bool:
    """Whether the rows hold their key: it is selected, or nothing is left out."""
    select, omit = argument.property_value("select"), argument.property_value("omit")
    if omit is not None:
        return False
    if select is None:
        return True
    chosen = select.property_value(key) if select.kind == "object" else None
    return chosen is not None and chosen.text == "true"


def comparable(field: ModelField, schema: Schema) -> bool:
    """Whether a field is one unique scalar whose equality in the database is `===` in JavaScript (measured,
    FACTS.md)."""
    if not (field.is_id or field.is_unique) or field.is_list or field.is_optional:
        return False
    if field.type == "Int":
        return field.native_type in (None, "Integer", "Int", "SmallInt", "Int4", "Int2")
    return field.type == "String" and schema.provider in _STRING_PROVIDERS and field.native_type in _STRING_TYPES


def _has_hooks(project: Project, pooled: PooledFanOut) -> bool:
    """Whether anything is registered on the client that could tell `findUnique` from `findMany`: middleware, or an
    extension."""
    origin = pooled.query.query.client.origin
    if origin is None:
        return True
    for path in project.store.seeds():  # of all packages: the client may come from another one
        if not any(project.store.mentions(path, word) for word in ("$use", "$extends")):
            continue
        members = project.evaluator.index(path).members
        for use in (*members.get("$use", ()), *members.get("$extends", ())):
            value = project.evaluator.value(path, use.expr.children[0], use.root.scope)
            if not isinstance(value, Client) or value.origin in (origin, None):
                return True
    return False


def _same_for_all(project: Project, pooled: PooledFanOut, argument: Expr, where: Expr) -> bool:
    """Whether all arguments but `where` are the same for every item, and the key's value depends on nothing that
    happens in between."""
    if any(part.kind in ("call", "await", "new", "assign") for part in where.walk()):
        return False
    facts, item = project.facts(pooled.fan_out.path), pooled.fan_out.items[0]
    if facts is None or item.callback is None or len(facts.functions[item.callback.index].parameters) != 1:
        return False
    return _is_same(
        project, pooled, [c for c in argument.children if c.kind != "property" or c.children[0] is not where]
    )


def _is_same(project: Project, pooled: PooledFanOut, others: list[Expr]) -> bool:
    """Whether the arguments beside `where` choose the same fields for every item."""
    facts, item = project.facts(pooled.fan_out.path), pooled.fan_out.items[0]
    if facts is None or item.callback is None:
        return False
    function = facts.functions[item.callback.index]
    inner = {name for parameter in function.parameters for name in parameter.names}
    for child in others:
        if child.kind != "property" or child.text not in ("select", "include", "omit"):
            return False
        if any(part.kind == "name" and part.text in inner for part in child.walk()):
            return False
        if any(part.kind in ("call", "await", "new", "function") for part in child.walk()):
            return False
    return True


def _unique(pooled: PooledFanOut, project: Project) -> bool:
    """Whether the collection has no element twice, by construction: a spread Set, or the keys of an object."""
    item = pooled.fan_out.items[0]
    expr = item.collection
    facts = project.facts(item.path)
    for _ in range(3):
        if expr is None or facts is None:
            return False
        if expr.kind == "name":
            binding = facts.lookup(expr.text, item.scope)
            if binding is None or binding.kind != "const" or binding.value < 0 or binding.path:
                return False
            expr = facts.roots[binding.value].expr
            continue
        break
    if expr is None:
        return False
    if expr.kind == "array" and len(expr.children) == 1 and expr.children[0].kind == "spread":
        return _is_set(expr.children[0].children[0])
    if expr.kind == "call" and expr.callee.kind == "member" and expr.arguments:
        if expr.callee.chain() == ("Array", "from"):
            return len(expr.arguments) == 1 and _is_set(expr.arguments[0])
        return expr.callee.chain() == ("Object", "keys")
    return False


def _is_set(expr: Expr) -> bool:
    return expr.kind == "new" and expr.callee.text == "Set"


def _key_is_item(project: Project, pooled: PooledFanOut) -> bool:
    """Whether the key's value is the element itself, and not a part of it that two elements may have in common."""
    item, call = pooled.fan_out.items[0], pooled.direct
    facts = project.facts(pooled.fan_out.path)
    where = call.arguments[0].property_value("where") if call is not None else None
    if where is None or item.callback is None or facts is None:
        return False
    value, parameters = where.children[0].children[0], facts.functions[item.callback.index].parameters
    return value.kind == "name" and bool(parameters) and parameters[0].name == value.text


def _finding(project: Project, pooled: PooledFanOut, key: str) -> Finding:
    fan_out = pooled.fan_out
    facts = project.facts(fan_out.path)
    model = pooled.query.query.model
    doubts = []
    if not (_unique(pooled, project) and _key_is_item(project, pooled)):
        doubts.append(
            Doubt(
                "unsafe",
                "an element that occurs twice now gives one object twice: check that nobody changes the results",
            )
        )
    action = BatchReads(span(fan_out.path, fan_out.call), model, key)
    return Finding(
        code="PF301",
        path=fan_out.path,
        start=fan_out.call.start,
        end=fan_out.call.end,
        message=(
            f"one findUnique per element, where one {model}.findMany would do "
            f"({BATCHED}: what is gained is CPU time, not connections)"
        ),
        evidence=path_evidence(project, pooled),
        intent=Intent(action, f"Read {model} rows with one findMany in {fan_out.path}", tuple(doubts)),
        label="one query object per element",
        package=package_name(project, fan_out.path),
        symbol=site_symbol(facts, pooled),
    )
