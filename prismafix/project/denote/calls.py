"""What calls and constructions give."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.project.denote import carried, exports
from prismafix.project.denote.contexts import BUILDING
from prismafix.project.denote.types import TypeText, parse_type, type_list
from prismafix.project.denote.values import (
    ClassRef,
    Client,
    Delegate,
    External,
    FunctionRef,
    Global,
    Handed,
    Instance,
    ObjectRef,
    OneOf,
    Operation,
    PrismaClass,
    PrismaNamespace,
    ShapeRef,
    Signature,
    Value,
    merge,
)

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, Function
    from prismafix.project.denote.evaluate import Evaluator

_ASKING = frozenset(("inject", "useInjection", "resolve"))
"""Functions of containers that give an object of the class that they are asked for."""
_OF_EXTENSIONS = frozenset(("defineExtension", "getExtensionContext"))
"""Of `Prisma`: the latter gives the model whose method runs
(https://www.prisma.io/docs/orm/prisma-client/client-extensions/model)."""
_GIVING = frozenset(("get", "getAsync", "resolve", "resolveAsync"))
"""Their methods that do so."""
_KNOWN = (Client, Instance, ObjectRef, ShapeRef, Handed)


def constructed(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """What a `new` expression gives."""
    callee = evaluator.value(path, expr.callee, scope)
    match callee:
        case PrismaClass():
            return Client(callee.entry, "outer", (path, expr.start), declared=callee.declared)
        case ClassRef():
            return Instance(callee.path, callee.index)
        case FunctionRef():
            return _prototype(evaluator, callee)
        case Global(names=("Proxy",)) if expr.arguments:
            return _proxy(evaluator, path, expr, scope)
        case External():
            return External(callee.specifier, (*callee.names, "new()"), (path, expr, scope))
        case Global():
            return Global((*callee.names, "new()"))
    return None


def _proxy(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """A proxy is what it stands for: its target, what its type says, or the client that its handler reads from."""
    target = evaluator.value(path, expr.arguments[0], scope)
    if isinstance(target, Client):
        return target
    if expr.text:
        told = evaluator.type_value(path, type_list(expr.text)[0].text, scope)
        if isinstance(told, Client):
            return told
    handler = evaluator.value(path, expr.arguments[1], scope) if len(expr.arguments) > 1 else None
    getter = evaluator.member(handler, "get") if handler is not None else None
    if not isinstance(getter, FunctionRef):
        return target
    return _read_from(evaluator, getter)


def _read_from(evaluator: Evaluator, getter: FunctionRef) -> Value | None:
    """The client whose members a function reads by a computed name: `client[key]`, `Reflect.get(client, key)`."""
    facts = evaluator.facts(getter.path)
    for root in facts.roots_of(getter.index) if facts is not None else ():
        for part in root.expr.walk():
            held: Expr | None = None
            if part.kind == "index":
                held = part.children[0]
            elif part.kind == "call" and part.callee.chain() == ("Reflect", "get") and part.arguments:
                held = part.arguments[0]
            found = evaluator.value(getter.path, held, root.scope) if held is not None else None
            if isinstance(found, Client):
                return found
    return None


def _prototype(evaluator: Evaluator, function: FunctionRef) -> Value | None:
    """An object of a function that is used as a class: `Repo.prototype.find = function () { … }`."""
    found = []
    for use in evaluator.index(function.path).members.get("prototype", ()):
        if len(use.around) < 2 or use.around[0].kind != "member" or use.around[1].kind != "assign":
            continue
        if evaluator.value(function.path, use.expr.children[0], use.root.scope) == function:
            value = evaluator.value(function.path, use.around[1].children[1], use.root.scope)
            if value is not None:
                found.append((use.around[0].text, value))
    return Handed(tuple(found)) if found else None


def called(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """What a call gives."""
    callee_expr = expr.callee
    if callee_expr.kind == "name" and callee_expr.text == "require" and len(expr.arguments) == 1:
        argument = expr.arguments[0]
        return exports.required(evaluator, path, argument.text) if argument.kind == "string" else None
    if callee_expr.kind == "member" and callee_expr.text == "bind":
        bound = evaluator.value(path, callee_expr.children[0], scope)
        if isinstance(bound, FunctionRef):
            return bound
    if callee_expr.kind == "member" and callee_expr.text in _OF_EXTENSIONS:
        space = evaluator.value(path, callee_expr.children[0], scope)
        if isinstance(space, PrismaNamespace) and expr.arguments:
            if callee_expr.text == "defineExtension":
                return evaluator.value(path, expr.arguments[0], scope)
            return Delegate(Client(space.entry), "[…]")
    callee = evaluator.value(path, callee_expr, scope)
    match callee:
        case Operation(name="$extends"):
            added = tuple((path, argument, scope) for argument in expr.arguments)
            return replace(callee.client, extended=True, extensions=(*callee.client.extensions, *added))
        case Operation():
            return None
        case FunctionRef():
            return _of_function(evaluator, path, expr, scope, callee)
        case Signature() | OneOf():
            return evaluator.returned(callee)
        case Client():
            return callee  # `const getClient = cache(() => new PrismaClient())`, called
        case Global(names=("Object", "assign" | "freeze")) if expr.arguments:
            return evaluator.value(path, expr.arguments[0], scope)
        case Global(names=("Reflect", "get")) if expr.arguments:
            return None
    return _of_other(evaluator, path, expr, scope, callee)


def _of_function(evaluator: Evaluator, path: str, expr: Expr, scope: int, callee: FunctionRef) -> Value | None:
    facts = evaluator.facts(callee.path)
    if facts is None:
        return None
    generic = _by_type_variable(evaluator, path, expr, scope, facts.functions[callee.index])
    if generic is not None:
        return generic
    result = evaluator.returned(callee)
    if result is None or isinstance(result, Global | External) or _is_closure(evaluator, callee, result):
        return _wrapped(evaluator, path, expr, scope) or result
    return result


def _by_type_variable(evaluator: Evaluator, path: str, expr: Expr, scope: int, function: Function) -> Value | None:
    """What `singleton<T>(name: string, make: () => T): T` gives: what the argument is that the type variable stands
    for, or gives."""
    returned = _promised(parse_type(function.return_type)) if function.return_type else None
    if returned is None or returned.name not in (name for name, _ in function.type_parameters):
        return None
    for parameter, argument in zip(function.parameters, expr.arguments, strict=False):
        told = parse_type(parameter.type_text) if parameter.type_text else None
        if told is None or argument.kind == "spread":
            continue
        if told == returned:
            return evaluator.value(path, argument, scope)
        if told.kind == "function" and _promised(told.parts[0]) == returned:
            found = evaluator.returned(evaluator.value(path, argument, scope))
            if found is not None:
                return found
    return None


def _promised(node: TypeText) -> TypeText:
    return node.parts[0] if node.name in ("Promise", "Awaited") and len(node.parts) == 1 else node


def _of_other(evaluator: Evaluator, path: str, expr: Expr, scope: int, callee: Value | None) -> Value | None:
    """What a call gives of something that is no function of the project."""
    builds = isinstance(callee, External) and callee.specifier == "@trpc/server" and callee.names[-1] in BUILDING
    wrapped = _wrapped(evaluator, path, expr, scope) if not builds else None
    if wrapped is not None:
        return wrapped
    member = expr.callee.kind == "member"
    asks = member or expr.callee.text in _ASKING
    if asks and len(expr.arguments) == 1 and expr.arguments[0].kind in ("name", "member"):
        asked = evaluator.value(
            path, expr.arguments[0], scope
        )  # `container.resolve(Service)`, `moduleRef.get(Service)`
        if isinstance(asked, ClassRef):
            return Instance(asked.path, asked.index)
        if isinstance(asked, PrismaClass) and asked.declared is not None:
            return Client(asked.entry, declared=asked.declared)
    if asks and len(expr.arguments) == 1 and (not member or expr.callee.text in _GIVING):
        told = _by_argument(evaluator, path, expr, scope)
        if told is not None:
            return told
    match callee:
        case External():
            return External(callee.specifier, (*callee.names, "()"), (path, expr, scope))
        case Global():
            return Global((*callee.names, "()"))
    if member and expr.callee.text in ("then", "catch", "finally"):
        return evaluator.value(path, expr.callee.children[0], scope)
    return carried.asked(evaluator, path, expr, scope) if callee is None else None


def _by_argument(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """What a container gives that is asked by a token, by the type argument: `container.get<Users>(TYPES.Users)`."""
    types = type_list(expr.text) if expr.text and expr.arguments[0].kind in ("string", "name", "member") else ()
    told = evaluator.type_value(path, types[0].text, scope) if len(types) == 1 else None
    works = isinstance(told, ShapeRef) and any("=>" in text for _, text in told.shape.members)
    return told if works or isinstance(told, Client | Instance) else None


def _is_closure(evaluator: Evaluator, function: FunctionRef, result: Value) -> bool:
    """Whether a function gives a function that is written inside it."""
    facts = evaluator.store.facts(function.path)
    if facts is None or not isinstance(result, FunctionRef) or result.path != function.path:
        return False
    outer, inner = facts.functions[function.index], facts.functions[result.index]
    return outer.start < inner.start < outer.end


def _wrapped(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Value | None:
    """`remember("prisma", () => new PrismaClient())`, `cache(fn)`, `withAuth(fn)`: a wrapper gives what its function
    gives, when that is a client; around another function it is taken for that function."""
    functions = []
    for argument in expr.arguments:
        if argument.kind in ("function", "name", "member"):
            inner = evaluator.value(path, argument, scope)
            if isinstance(inner, FunctionRef):
                result = evaluator.returned(inner)
                if isinstance(result, Client):
                    return result
                functions.append(inner)
    return functions[0] if len(functions) == 1 else None


def returned(evaluator: Evaluator, function: Value | None) -> Value | None:
    """What a call of a function gives; for an `async` one what its promise gives."""
    match function:
        case FunctionRef():
            return evaluator.once(("returned", function.path, function.index), lambda: _body(evaluator, function))
        case Signature():
            return evaluator.type_value(function.path, function.returns, function.scope, function.variables)
        case OneOf():
            results = [returned(evaluator, option) for option in function.options]
            if not all(isinstance(result, _KNOWN) for result in results):
                return None
            found: Value | None = None
            for result in results:
                found = merge(found, result)
            return found
    return None


def _either(expr: Expr) -> tuple[Expr, ...]:
    """An expression, and what it stands back for: `store.get("tx") ?? this`."""
    return (expr, expr.children[0]) if expr.kind == "binary" and expr.text in ("??", "||") else (expr,)


def _body(evaluator: Evaluator, function: FunctionRef) -> Value | None:
    facts = evaluator.store.facts(function.path)
    if facts is None:
        return None
    declared = facts.functions[function.index]
    given = [
        evaluator.value(function.path, expr, root.scope)
        for root in facts.roots_of(function.index)
        if root.role == "return"
        for expr in _either(root.expr)
    ]
    found = functools.reduce(lambda one, other: merge(one, other) if one is not None else other, given, None)
    if not declared.return_type:
        return found
    if isinstance(found, Client) and found.kind == "outer" and None in given:
        told = evaluator.type_value(function.path, declared.return_type, declared.scope)
        if isinstance(told, Client) and told.kind == "transaction":
            return replace(found, kind="either")  # `this.store.get("tx") ?? this`: that of whoever asks
    return evaluator.typed(found, function.path, declared.return_type, declared.scope)
