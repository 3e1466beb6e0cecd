"""What `value.name` denotes."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from prismafix.project.denote import carried, global_values, implementations
from prismafix.project.denote.types import parse_type
from prismafix.project.denote.values import (
    ClassRef,
    Client,
    Delegate,
    External,
    FunctionRef,
    Global,
    Handed,
    Instance,
    NamespaceRef,
    ObjectRef,
    OneOf,
    Operation,
    PrismaClass,
    PrismaModule,
    PrismaNamespace,
    ShapeRef,
    Signature,
    Value,
    merge,
    options,
)

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator

_BASES = 5
"""So many interfaces that extend each other are followed."""


def of_expression(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """What a `member` expression denotes."""
    receiver = evaluator.value(path, expr.children[0], scope)
    if receiver is None:
        return carried.member(evaluator, path, expr, scope)
    if isinstance(receiver, External) and receiver.source is not None:
        put = carried.member(evaluator, path, expr, scope, outside=True)
        return put if put is not None else evaluator.member(receiver, expr.text)
    if isinstance(receiver, Global):
        return _of_global(evaluator, path, receiver, expr.text)
    return evaluator.member(receiver, expr.text)


def _of_global(evaluator: Evaluator, path: str, receiver: Global, name: str) -> Value | None:
    if receiver.names[0] in ("globalThis", "global", "window", "self") and len(receiver.names) == 1:
        for use in evaluator.index(path).assignments.get(name, ()):
            target = use.expr.children[0]
            if target.kind == "member" and isinstance(
                evaluator.value(path, target.children[0], use.root.scope), Global
            ):
                found = evaluator.value(path, use.expr.children[1], use.root.scope)
                if found is not None:
                    return found
        shared = global_values.of_name(evaluator, path, name)
        if shared is not None:
            return shared
    return Global((*receiver.names, name))


def of_value(evaluator: Evaluator, value: Value | None, name: str) -> Value | None:
    """What `value.<name>` denotes."""
    match value:
        case PrismaModule():
            if name == "PrismaClient":
                return PrismaClass(value.entry, value.subpath)
            if name == "Prisma":
                return PrismaNamespace(value.entry)
            return value if name == "default" else External("@prisma/client", (name,))
        case Client():
            return _of_client(evaluator, value, name)
        case Delegate():
            own = _of_extension(evaluator, value.client, ("model", value.model), ("model", "$allModels"), name=name)
            return own if own is not None else Operation(value.client, value.model, name)
        case NamespaceRef():
            return evaluator.export(value.path, name)
        case ObjectRef():
            return _of_object(evaluator, value, name)
        case OneOf():
            return _of_each(evaluator, value, name)
        case Handed():
            return dict(value.members).get(name)
        case Instance():
            return evaluator.class_member(value.path, value.index, name)
        case ClassRef():
            return evaluator.class_member(value.path, value.index, name, static=True)
        case PrismaClass() if value.declared is not None:
            return evaluator.class_member(*value.declared, name, static=True)
        case ShapeRef():
            return _of_shape(evaluator, value, name)
        case FunctionRef() | Signature() if name in ("call", "apply"):
            return value
        case FunctionRef():
            return _assigned(evaluator, value, name)
        case External():
            return External(value.specifier, (*value.names, name), value.source)
        case Global():
            return Global((*value.names, name))
    return None


def chosen(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """What `value[key]` denotes: where the key is one of a few words, one of these members; else one of the functions
    (or instances) of an object that holds nothing else, or a model of a client."""
    receiver = evaluator.value(path, expr.children[0], scope)
    names = words(evaluator, path, expr.children[1], scope)
    if receiver is not None and names:
        each = [evaluator.member(receiver, name) for name in names]
        return None if None in each else reduce(merge, each)
    if isinstance(receiver, Client):
        return Delegate(receiver, "[…]")
    if not isinstance(receiver, ObjectRef) or not receiver.expr.children:
        return None
    found: Value | None = None
    for child in receiver.expr.children:
        value = evaluator.value(receiver.path, child.children[0], receiver.scope) if child.kind == "property" else None
        if not isinstance(value, FunctionRef | Instance):
            return None
        found = merge(found, value)
    return found


def words(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> tuple[str, ...]:
    """The strings that an expression can be, by how it is written or by its type; empty when that is not known."""
    facts = evaluator.facts(path)
    if expr.kind == "string":
        return (expr.text,)
    if expr.kind == "ternary":
        both = [words(evaluator, path, branch, scope) for branch in expr.children[1:]]
        return (*both[0], *both[1]) if all(both) else ()
    binding = facts.lookup(expr.text, scope) if facts is not None and expr.kind == "name" else None
    if facts is None or binding is None or binding.path:
        return ()
    if binding.type_text:
        node = parse_type(binding.type_text)
        literals = node.parts if node.kind == "union" else (node,)
        return tuple(part.name for part in literals) if all(part.kind == "literal" for part in literals) else ()
    if binding.kind != "const" or binding.value < 0:
        return ()
    root = facts.roots[binding.value]
    return words(evaluator, path, root.expr, root.scope) if root.expr.kind in ("string", "ternary") else ()


def _of_client(evaluator: Evaluator, client: Client, name: str) -> Value | None:
    if client.declared is not None:
        own = evaluator.class_member(*client.declared, name)
        if own is not None:
            return own
    if name.startswith("$"):
        return Operation(client, "", name)
    if name in evaluator.accessors or (not evaluator.accessors and name[:1].islower()):
        return Delegate(client, name)
    if client.declared is not None or client.extended:
        return _of_extension(evaluator, client, ("client",), name=name)
    return Delegate(client, name) if client.entry.startswith("?") else None


def _of_extension(evaluator: Evaluator, client: Client, *places: tuple[str, ...], name: str) -> Value | None:
    """The method that an extension adds to a client or to its models
    (https://www.prisma.io/docs/orm/prisma-client/client-extensions)."""
    for path, expr, scope in client.extensions:
        extension = evaluator.value(path, expr, scope)
        for steps in places if isinstance(extension, ObjectRef) else ():
            holder = evaluator.along(extension, steps)
            found = evaluator.member(holder, name) if isinstance(holder, ObjectRef) else None
            if isinstance(found, FunctionRef):
                return found
    return None


def _of_object(evaluator: Evaluator, value: ObjectRef, name: str) -> Value | None:
    written = value.expr.property_value(name)
    if written is not None:
        found = evaluator.value(value.path, written, value.scope)
        return evaluator.returned(found) if _is_getter(evaluator, value.path, written) else found

    def elsewhere() -> Value | None:
        for child in value.expr.children:
            if child.kind == "spread":
                inner = evaluator.member(evaluator.value(value.path, child.children[0], value.scope), name)
                if inner is not None:
                    return inner
        return _assigned(evaluator, value, name)

    return evaluator.once(("object", value.path, value.expr.start, name), elsewhere)  # `parts = { ...parts, more }`


def _is_getter(evaluator: Evaluator, path: str, written: Expr) -> bool:
    facts = evaluator.facts(path) if written.kind == "function" else None
    return facts is not None and facts.functions[written.function].kind == "getter"


def _assigned(evaluator: Evaluator, value: ObjectRef | FunctionRef, name: str) -> Value | None:
    """What is assigned to a member of an object or function in the module that makes it: `app.db = prisma`."""
    found: Value | None = None
    for use in evaluator.index(value.path).assignments.get(name, ()):
        target = use.expr.children[0]
        if target.kind == "member" and evaluator.value(value.path, target.children[0], use.root.scope) == value:
            found = merge(found, evaluator.value(value.path, use.expr.children[1], use.root.scope))
    return found


def _of_each(evaluator: Evaluator, value: OneOf, name: str) -> Value | None:
    """A member of one of several objects. A method counts only if each of them has it."""
    found: Value | None = None
    missing = False
    for option in value.options:
        inner = evaluator.member(option, name)
        missing = missing or inner is None
        found = merge(found, inner)
    callable_ = any(isinstance(option, FunctionRef | Signature) for option in options(found))
    return None if missing and callable_ else found


def _of_shape(evaluator: Evaluator, ref: ShapeRef, name: str) -> Value | None:
    """A member of an interface: what its type says, or, for a method, that of whatever implements the interface."""
    declared = _declared(evaluator, ref, name, 0)
    told = (
        evaluator.type_value(declared[0].path, declared[1], 0, declared[0].variables) if declared is not None else None
    )
    if isinstance(told, ShapeRef):
        return replace(told, holder=(ref, name))
    unclear = isinstance(told, Client) and told.kind == "either"
    if declared is None or not (unclear or isinstance(told, Signature)):
        return told
    made = implementations.of_shape(evaluator, ref)
    found = evaluator.member(made, name) if made is not None else None
    return found if isinstance(found, Client) or (found is not None and not unclear) else told


def _declared(evaluator: Evaluator, ref: ShapeRef, name: str, depth: int) -> tuple[ShapeRef, str] | None:
    """The interface, among one and those that it extends, that declares a member, and the member's type."""
    for member, text in ref.shape.members:
        if member == name:
            return ref, text
    for base in ref.shape.extends if depth < _BASES else ():
        found = evaluator.type_value(ref.path, base, 0, ref.variables)
        inner = _declared(evaluator, found, name, depth + 1) if isinstance(found, ShapeRef) else None
        if inner is not None:
            return inner
    return None
