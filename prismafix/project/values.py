"""What an expression denotes, as far as it can be known. None stands for unknown everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, TypeShape

ClientKind = Literal["outer", "transaction", "either"]


@dataclass(frozen=True, slots=True)
class PrismaModule:
    """The namespace of a generated client. `entry`: the generator's output folder, or "" for `@prisma/client`."""

    entry: str
    subpath: str = ""


@dataclass(frozen=True, slots=True)
class PrismaNamespace:
    """`Prisma`, which holds types and helpers."""

    entry: str


@dataclass(frozen=True, slots=True)
class PrismaClass:
    """A client class. `declared` is (module, class index) of a subclass of the project."""

    entry: str
    subpath: str = ""
    declared: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `kind`: the outer one, that of an interactive transaction, or possibly either. `origin` is (module,
    byte offset)
    of the `new` expression it comes from, None when only its type is known. `declared` as in `PrismaClass`."""

    entry: str
    kind: ClientKind = "outer"
    origin: tuple[str, int] | None = None
    extended: bool = False
    declared: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Delegate:
    """`client.<model>`."""

    client: Client
    model: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`client.<model>.<name>`, or `client.<name>` with model "" for `$transaction`, `$queryRaw` …"""

    client: Client
    model: str
    name: str


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the project that is no client."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the project."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class NamespaceRef:
    """All exports of a module."""

    path: str


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object literal."""

    path: str
    expr: Expr
    scope: int


@dataclass(frozen=True, slots=True)
class ShapeRef:
    """A value known by its interface or object type only."""

    path: str
    shape: TypeShape


@dataclass(frozen=True, slots=True)
class External:
    """Something of a package outside the workspace: `specifier` and the names from there; a call adds `()`."""

    specifier: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Global:
    """A global of the runtime: `("globalThis", "prisma")`, `("process", "env")`, `("Promise", "all")`; a call adds
    `()`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """An object that is one of several, each with the same kind of members: what `a ? x : y` gives."""

    options: tuple[Value, ...]


Value = (
    PrismaModule
    | PrismaNamespace
    | PrismaClass
    | Client
    | Delegate
    | Operation
    | FunctionRef
    | ClassRef
    | Instance
    | NamespaceRef
    | ObjectRef
    | ShapeRef
    | External
    | Global
    | OneOf
)


def merge(first: Value | None, second: Value | None) -> Value | None:
    """What a value is that may be one or the other: a client of mixed kinds is `either`; else the first that is
    known."""
    if isinstance(first, Client) and isinstance(second, Client):
        kind: ClientKind = first.kind if first.kind == second.kind else "either"
        known = first if first.origin is not None else second
        return replace(known, kind=kind, extended=first.extended or second.extended)
    if isinstance(second, Client) and not isinstance(first, Client):
        return second
    if isinstance(first, _HOLDERS) and isinstance(second, _HOLDERS) and first != second:
        return OneOf((*_options(first), *_options(second))[:_MOST])
    return first if first is not None else second


_HOLDERS = (ObjectRef, Instance, ShapeRef, OneOf)
_MOST = 6


def _options(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, OneOf) else (value,)
