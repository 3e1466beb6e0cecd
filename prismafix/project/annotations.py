"""What a type annotation denotes: the client, class or shape that a value of the type is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.facts.model import TypeShape
from prismafix.project.resolve import ModuleTarget, PrismaTarget
from prismafix.project.types import TypeText, parse_type
from prismafix.project.values import (
    ClassRef,
    Client,
    FunctionRef,
    Instance,
    PrismaClass,
    PrismaModule,
    PrismaNamespace,
    ShapeRef,
    Value,
    merge,
)

if TYPE_CHECKING:
    from prismafix.project.evaluate import Evaluator

_READ_HELPERS = re.compile(r"^(?:Promise|Awaited|Readonly|Required|Partial|NonNullable|InstanceType|Pick)$")


def of_type(evaluator: Evaluator, path: str, node: TypeText) -> Value | None:
    """What a value of the type denotes, seen from a module; None when it is nothing that matters."""
    if node.kind in ("union", "intersection"):
        found: Value | None = None
        for part in node.parts:
            if part.name not in ("null", "undefined", "void"):
                found = merge(found, of_type(evaluator, path, part))
        return found
    if node.kind == "typeof":
        head, *rest = node.name.split(".")
        return evaluator.along(evaluator.name(path, head, 0), tuple(rest))
    if node.kind == "object":
        return ShapeRef(path, TypeShape("", node.members, (), node.text, 0))
    if node.kind != "name":
        return Client("", "transaction") if "$transaction" in node.text else None
    if node.name == "ReturnType" and node.parts and node.parts[0].kind == "typeof":
        target = of_type(evaluator, path, node.parts[0])
        return evaluator.returned(target) if isinstance(target, FunctionRef) else None
    if node.name in ("Omit", "Parameters") and node.parts:
        inner = of_type(evaluator, path, node.parts[0])
        if isinstance(inner, Client):
            removed = "$transaction" in node.text or "ITXClientDenyList" in node.text
            return replace(inner, kind="transaction" if removed else "either")
        return Client("", "transaction") if "$transaction" in node.text else inner
    if _READ_HELPERS.match(node.name) and node.parts:
        inner = of_type(evaluator, path, node.parts[0])
        return replace(inner, kind="either") if node.name == "Pick" and isinstance(inner, Client) else inner
    return _named(evaluator, path, node)


def _named(evaluator: Evaluator, path: str, node: TypeText) -> Value | None:
    facts = evaluator.store.facts(path)
    if facts is None:
        return None
    head, *rest = node.name.split(".")
    shape = next((s for s in facts.interfaces if s.name == head), None)
    if shape is not None and not rest:
        if shape.alias and not shape.members:
            return of_type(evaluator, path, parse_type(shape.alias))
        return ShapeRef(path, shape)
    binding = facts.lookup(head, 0)
    if binding is None:
        return None
    if binding.kind == "import":
        item = facts.imports[binding.target]
        value = _imported(evaluator, path, item.specifier, item.imported, rest)
    else:
        value = evaluator.binding(path, facts, binding) if binding.kind == "class" else None
    return _instance(value, rest)


def _imported(evaluator: Evaluator, path: str, specifier: str, imported: str, rest: list[str]) -> Value | None:
    target = evaluator.resolver.resolve(path, specifier)
    if not isinstance(target, ModuleTarget):
        return evaluator.imported(path, specifier, imported)
    name = rest.pop(0) if imported == "*" and rest else imported
    return _exported(evaluator, target.path, name, frozenset())


def _exported(evaluator: Evaluator, path: str, name: str, seen: frozenset[tuple[str, str]]) -> Value | None:
    facts = evaluator.store.facts(path)
    if facts is None or (path, name) in seen:
        return None
    seen |= {(path, name)}
    for export in facts.exports:
        if export.name == name:
            if export.specifier:
                target = evaluator.resolver.resolve(path, export.specifier)
                if isinstance(target, ModuleTarget):
                    return _exported(evaluator, target.path, export.imported, seen)
                return evaluator.imported(path, export.specifier, export.imported)
            local = export.local or name
            shape = next((s for s in facts.interfaces if s.name == local), None)
            if shape is not None:
                if shape.alias and not shape.members:
                    return of_type(evaluator, path, parse_type(shape.alias))
                return ShapeRef(path, shape)
            return evaluator.name(path, local, 0) if export.local else evaluator.export(path, name)
    for export in facts.exports:
        if export.name == "*" and export.specifier:
            target = evaluator.resolver.resolve(path, export.specifier)
            if isinstance(target, ModuleTarget):
                found = _exported(evaluator, target.path, name, seen)
            elif isinstance(target, PrismaTarget):
                found = evaluator.imported(path, export.specifier, name)
            else:
                found = None
            if found is not None:
                return found
    return None


def _instance(value: Value | None, rest: list[str]) -> Value | None:
    """A value of the type that `value` names; `rest` are the names behind it, as in `Prisma.TransactionClient`."""
    match value:
        case PrismaClass():
            return Client(value.entry, "outer", None, declared=value.declared)
        case PrismaNamespace() if rest == ["TransactionClient"]:
            return Client(value.entry, "transaction")
        case PrismaNamespace() if rest == ["DefaultPrismaClient"]:
            return Client(value.entry, "outer")
        case PrismaModule() if rest[:1] == ["PrismaClient"]:
            return Client(value.entry, "outer")
        case ClassRef():
            return Instance(value.path, value.index)
        case ShapeRef() | Instance() | Client():
            return value
    return None
