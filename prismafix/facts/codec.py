"""`ModuleFacts` as bytes and back: to hand them from one process to another, and to keep them for the next run.

The form is msgpack, which holds data and no code: whoever can write it can make wrong facts, but run nothing.
"""

from __future__ import annotations

from array import array
from dataclasses import fields
from operator import attrgetter
from sys import intern
from typing import TYPE_CHECKING, Any, cast

import msgpack

from prismafix.facts.model import (
    Binding,
    Class,
    Export,
    Expr,
    Function,
    Import,
    Member,
    ModuleFacts,
    Parameter,
    Root,
    Scope,
    Suppression,
    TypeShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PLAIN = (
    *("name", "this", "super", "member", "index", "call", "new", "await", "yield", "spread", "object", "property"),
    *("array", "string", "number", "template", "tagged", "literal", "binary", "unary", "ternary", "assign"),
    *("import", "other"),
)
_KINDS = (*_PLAIN, "function", "class")
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_INDEXED = len(_PLAIN)
"""From this number on an expression has an index (`function`)."""
_NO_NAMES: dict[str, int] = {}
"""Of most scopes: one for all of them, since nobody writes into a finished scope."""
_TYPED = 128
"""Added to the number of an expression with a `type_text`."""


class Damaged(ValueError):
    """The bytes are no facts."""


def pack(facts: ModuleFacts) -> bytes:
    """Facts as bytes."""
    return cast(
        bytes,
        msgpack.packb(
            (
                facts.size,
                [_IMPORT(item) for item in facts.imports],
                [_EXPORT(item) for item in facts.exports],
                [_BINDING(item) for item in facts.bindings],
                [_SCOPE(item) for item in facts.scopes],
                [(*_FUNCTION(item), [_PARAMETER(one) for one in item.parameters]) for item in facts.functions],
                [(*_CLASS(item), [_MEMBER(one) for one in item.members]) for item in facts.classes],
                [(r.role, r.start, r.end, r.scope, r.function, r.awaited) for r in facts.roots],
                _pack_expressions(facts.roots),
                facts.directives,
                [_SUPPRESSION(item) for item in facts.suppressions],
                facts.errors,
                array("I", facts.line_starts).tobytes(),
                [_TYPE_SHAPE(item) for item in facts.interfaces],
            )
        ),
    )


def unpack(data: bytes) -> ModuleFacts:
    """The facts that `pack` made bytes of. Raises Damaged for bytes that are none."""
    try:
        return _unpack(data)
    except Exception as error:  # msgpack's own errors, and wrong numbers and types wherever they show
        raise Damaged(str(error)) from None


def _unpack(data: bytes) -> ModuleFacts:
    read = msgpack.unpackb(data, use_list=False)
    size, imports, exports, bindings, scopes, functions, classes, roots, expressions, *rest = read
    directives, suppressions, errors, lines, shapes = rest
    line_starts = array("I")
    line_starts.frombytes(lines)
    return ModuleFacts(
        size=size,
        imports=tuple([Import(*item) for item in imports]),
        exports=tuple([Export(*item) for item in exports]),
        bindings=tuple([Binding(intern(item[0]), *item[1:]) for item in bindings]),
        scopes=tuple([Scope(*(*item[:-1], item[-1] or _NO_NAMES)) for item in scopes]),
        functions=tuple([_function(item) for item in functions]),
        classes=tuple([_class(item) for item in classes]),
        roots=tuple(
            [
                Root(expr, *root)
                for expr, root in zip(_unpack_expressions(*expressions, count=len(roots)), roots, strict=True)
            ]
        ),
        directives=directives,
        suppressions=tuple([Suppression(*item) for item in suppressions]),
        errors=errors,
        line_starts=line_starts,
        interfaces=tuple([TypeShape(*item) for item in shapes]),
    )


def _values(kind: type, *without: str) -> Callable[[Any], tuple[Any, ...]]:
    """A function that takes the values of the fields out of a record, in their order."""
    return attrgetter(*(f.name for f in fields(kind) if f.name not in without))


_IMPORT, _EXPORT, _BINDING, _SCOPE = _values(Import), _values(Export), _values(Binding), _values(Scope)
_FUNCTION, _PARAMETER = _values(Function, "parameters"), _values(Parameter)
_CLASS, _MEMBER = _values(Class, "members"), _values(Member)
_SUPPRESSION, _TYPE_SHAPE = _values(Suppression), _values(TypeShape)
_PARAMETERS_AT = [f.name for f in fields(Function)].index("parameters")
_MEMBERS_AT = [f.name for f in fields(Class)].index("members")


def _function(item: Sequence[Any]) -> Function:
    parameters = tuple([Parameter(*one) for one in item[-1]])
    return Function(*(*item[:_PARAMETERS_AT], parameters, *item[_PARAMETERS_AT:-1]))


def _class(item: Sequence[Any]) -> Class:
    members = tuple([Member(*one) for one in item[-1]])
    return Class(*(*item[:_MEMBERS_AT], members, *item[_MEMBERS_AT:-1]))


# --- expressions: one column per field, children before their parents
# ---------------------------------------------------------------------------------------------------------------


def _pack_expressions(
    roots: Sequence[Root],
) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, list[str], list[object]]:
    kinds, starts, ends, sizes, texts = bytearray(), array("I"), array("I"), array("I"), array("I")
    table: dict[str, int] = {}
    offsets: dict[int, int] = {}
    extra: list[object] = []

    def add(expr: Expr) -> None:
        for child in expr.children:
            add(child)
        number = _NUMBERS[expr.kind]
        if number >= _INDEXED:
            extra.append(expr.function)
        if expr.type_text:
            number += _TYPED
            extra.append(expr.type_text)
        kinds.append(number)
        starts.append(offsets.setdefault(expr.start, len(offsets)))
        ends.append(offsets.setdefault(expr.end, len(offsets)))
        sizes.append(len(expr.children))
        texts.append(table.setdefault(expr.text, len(table)))

    for root in roots:
        add(root.expr)
    return (
        bytes(kinds),
        starts.tobytes(),
        ends.tobytes(),
        sizes.tobytes(),
        texts.tobytes(),
        array("I", offsets).tobytes(),
        list(table),
        extra,
    )


def _unpack_expressions(
    kinds: bytes,
    starts: bytes,
    ends: bytes,
    sizes: bytes,
    texts: bytes,
    offsets: bytes,
    table: Sequence[str],
    extra: Sequence[Any],
    *,
    count: int,
) -> list[Expr]:
    names = _KINDS
    at = _numbers(offsets).tolist()  # each offset and each text is one object, however often it stands there
    words = [intern(text) for text in table]
    left = iter(extra)
    stack: list[Expr] = []
    columns = zip(kinds, _numbers(starts), _numbers(ends), _numbers(sizes), _numbers(texts), strict=True)
    for number, start, end, size, text in columns:
        if size:
            children = tuple(stack[-size:])
            del stack[-size:]
        else:
            children = ()
        if number < _INDEXED:
            stack.append(Expr(names[number], at[start], at[end], words[text], children))
        else:
            kind = number & ~_TYPED
            index = next(left) if kind >= _INDEXED else -1
            type_text = next(left) if number >= _TYPED else ""
            stack.append(Expr(names[kind], at[start], at[end], words[text], children, index, type_text))
    if len(stack) != count:
        raise ValueError("expressions without their children")
    return stack


def _numbers(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    return numbers
