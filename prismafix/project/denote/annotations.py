"""What a type annotation denotes: the client, class, shape or function that a value of the type is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.facts.model import TypeShape
from prismafix.project.denote.exports import passed_on
from prismafix.project.denote.packages import NOT_PRISMA
from prismafix.project.denote.types import TypeText, parse_type
from prismafix.project.denote.values import (
    ClassRef,
    Client,
    External,
    Instance,
    ObjectRef,
    OneOf,
    PrismaClass,
    PrismaModule,
    PrismaNamespace,
    ShapeRef,
    Signature,
    Value,
    Variables,
    merge,
)
from prismafix.project.index.resolve import ModuleTarget, PrismaTarget, split_package

if TYPE_CHECKING:
    from prismafix.facts.model import ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator

_READ_HELPERS = re.compile(r"^(?:Promise|PromiseLike|Awaited|Readonly|Required|Partial|NonNullable|Pick|NoInfer)$")
_RESULTS = frozenset(("ReturnType", "inferAsyncReturnType"))
"""What a function gives; the second is tRPC's: https://trpc.io/docs/v10/server/context"""
_NOTHING = frozenset(("null", "undefined", "void", "never"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a type is written. `variables`: what the type parameters of the alias or interface around it stand for."""

    path: str
    scope: int = 0
    variables: Variables = ()


def of_type(evaluator: Evaluator, place: Place, node: TypeText) -> Value | None:
    """What a value of the type denotes, seen from a place; None when it is nothing that matters."""
    match node.kind:
        case "union" | "intersection":
            found: Value | None = None
            for part in node.parts:
                if part.name not in _NOTHING:
                    found = merge(found, of_type(evaluator, place, part))
            return found
        case "typeof":
            head, *rest = node.name.split(".")
            return evaluator.along(evaluator.name(place.path, head, place.scope), tuple(rest))
        case "typeof-import":
            module = evaluator.imported(place.path, node.specifier, "*")
            return evaluator.along(module, tuple(node.name.split(".")) if node.name else ())
        case "import":
            first, *rest = node.name.split(".")
            return _instance(_imported(evaluator, place.path, node.specifier, first, rest, ()), rest)
        case "object":
            return ShapeRef(place.path, TypeShape("", node.members, (), node.text, 0), place.variables)
        case "function":
            takes = tuple(text for _, text in node.members)
            return Signature(place.path, node.parts[0].text, place.scope, place.variables, takes)
        case "index":
            return _indexed(evaluator, place, node)
        case "name":
            helped = _helped(evaluator, place, node)
            return _named(evaluator, place, node) if helped is None else helped[0]
    return None


def _indexed(evaluator: Evaluator, place: Place, node: TypeText) -> Value | None:
    if "Parameters" in node.text and "$transaction" in node.text:
        return Client("", "transaction")  # `Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0]`
    return evaluator.member(of_type(evaluator, place, node.parts[0]), node.name)


def _helped(evaluator: Evaluator, place: Place, node: TypeText) -> tuple[Value | None] | None:
    """What one of TypeScript's helper types makes of its argument; None where the type is no helper."""
    if not node.parts:
        return None
    name, first = node.name, node.parts[0]
    if name in _RESULTS:
        target = of_type(evaluator, place, first)
        return (evaluator.returned(target),)
    if name == "InstanceType":
        return (_instance(of_type(evaluator, place, first), []),)
    if name in ("Omit", "Parameters"):
        inner = of_type(evaluator, place, first)
        # a replica's client may be given without `$transaction` alone; that of a transaction cannot connect either
        removed = "ITXClientDenyList" in node.text or {"$transaction", "$connect"} <= _literals(node)
        if isinstance(inner, Client):
            return (replace(inner, kind="transaction" if removed else "either"),)
        return (Client("", "transaction") if removed else inner,)
    if _READ_HELPERS.match(name):
        inner = of_type(evaluator, place, first)
        return (replace(inner, kind="either") if name == "Pick" and isinstance(inner, Client) else inner,)
    return None


def _literals(node: TypeText) -> set[str]:
    """The strings among a type's arguments: `"$on" | "$use"`."""
    return {inner.name for part in node.parts[1:] for inner in (part, *part.parts) if inner.kind == "literal"}


def _named(evaluator: Evaluator, place: Place, node: TypeText) -> Value | None:
    facts = evaluator.store.facts(place.path)
    if facts is None:
        return None
    head, *rest = node.name.split(".")
    variable = _variable(evaluator, facts, place, head)
    if variable is not None:
        return variable[0] if not rest else None
    arguments = tuple(of_type(evaluator, place, part) for part in node.parts)
    shape = next((s for s in facts.interfaces if s.name == head), None)
    if shape is not None and not rest:
        return _shaped(evaluator, place.path, shape, arguments)
    binding = facts.lookup(head, place.scope)
    if binding is None:
        declared = evaluator.globals().type_for(evaluator, place.path, head) if not rest else None
        return _shaped(evaluator, *declared, arguments) if declared is not None else None
    if binding.kind == "import":
        item = facts.imports[binding.target]
        value = _imported(evaluator, place.path, item.specifier, item.imported, rest, arguments)
    else:
        value = evaluator.binding(place.path, facts, binding) if binding.kind == "class" else None
    return _instance(value, rest)


def _variable(evaluator: Evaluator, facts: ModuleFacts, place: Place, name: str) -> tuple[Value | None] | None:
    """What a type parameter stands for, or what it extends; None when the name is none."""
    for known, value in place.variables:
        if known == name:
            return (value,)
    scope = place.scope
    while scope > 0:
        region = facts.scopes[scope]
        declared: tuple[tuple[str, str], ...] = ()
        if region.kind == "function":
            declared = facts.functions[region.function].type_parameters
        elif region.kind == "class":
            declared = next((c.type_parameters for c in facts.classes if c.scope == scope), ())
        for known, constraint in declared:
            if known == name:
                outer = Place(place.path, region.parent)
                return (of_type(evaluator, outer, parse_type(constraint)) if constraint else None,)
        scope = region.parent
    return None


def _shaped(evaluator: Evaluator, path: str, shape: TypeShape, arguments: tuple[Value | None, ...]) -> Value | None:
    """A value of an interface or of the type that an alias stands for."""
    names = tuple(name for name, _ in shape.type_parameters)
    padded = (*arguments, *(None for _ in names[len(arguments) :]))
    variables = tuple(zip(names, padded, strict=False))
    if shape.alias and not shape.members:
        return evaluator.type_value(path, shape.alias, 0, variables)
    return ShapeRef(path, shape, variables)


def _imported(
    evaluator: Evaluator,
    path: str,
    specifier: str,
    imported: str,
    rest: list[str],
    arguments: tuple[Value | None, ...],
) -> Value | None:
    """What an imported type names: for a namespace, the first of `rest` is taken off."""
    target = evaluator.resolver.resolve(path, specifier)
    if not isinstance(target, ModuleTarget):
        return evaluator.imported(path, specifier, imported)
    name = rest.pop(0) if imported == "*" and rest else imported
    return _exported(evaluator, target.path, name, arguments, frozenset())


def _exported(
    evaluator: Evaluator, path: str, name: str, arguments: tuple[Value | None, ...], seen: frozenset[tuple[str, str]]
) -> Value | None:
    facts = evaluator.store.facts(path)
    if facts is None or (path, name) in seen:
        return None
    seen |= {(path, name)}
    for export in facts.exports:
        if export.name != name:
            continue
        if export.specifier:
            target = evaluator.resolver.resolve(path, export.specifier)
            if isinstance(target, ModuleTarget):
                return _exported(evaluator, target.path, export.imported, arguments, seen)
            return evaluator.imported(path, export.specifier, export.imported)
        local = export.local or name
        shape = next((s for s in facts.interfaces if s.name == local), None)
        if shape is not None:
            return _shaped(evaluator, path, shape, arguments)
        binding = facts.lookup(local, 0) if export.local else None
        if binding is not None and binding.kind == "import":  # an imported type that is exported again
            item = facts.imports[binding.target]
            return _imported(evaluator, path, item.specifier, item.imported, [], arguments)
        return evaluator.name(path, local, 0) if export.local else evaluator.export(path, name)

    def ask(specifier: str) -> Value | None:
        target = evaluator.resolver.resolve(path, specifier)
        if isinstance(target, ModuleTarget):
            return _exported(evaluator, target.path, name, arguments, seen)
        return evaluator.imported(path, specifier, name) if isinstance(target, PrismaTarget) else None

    return passed_on(evaluator, path, facts, name, ask)


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
        case ShapeRef() | Instance() | Client() | Signature() | ObjectRef() | OneOf():
            return value
        case External() if split_package(value.specifier)[0] in NOT_PRISMA:
            return External(value.specifier, (*value.names, *rest, "new()"))
    return None
