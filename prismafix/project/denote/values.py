"""What an expression denotes, as far as it can be known. None stands for unknown everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
class Choice:
    """A parameter, by its function's index and its place there, and the `steps` into what it receives."""

    path: str
    function: int
    position: int
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `kind`: the outer one, that of an interactive transaction, or possibly either. `origin` is (module,
    byte offset) of the `new` expression it comes from, None when only its type is known. `declared` as in
    `PrismaClass`. `choice`: the parameter that decides between the two, the outer one being for want of another.
    `extensions`: (module, expression, scope) of what `$extends` was called with."""

    entry: str
    kind: ClientKind = "outer"
    origin: tuple[str, int] | None = None
    extended: bool = False
    declared: tuple[str, int] | None = None
    choice: Choice | None = field(default=None, compare=False, repr=False)
    extensions: tuple[tuple[str, Expr, int], ...] = field(default=(), compare=False, repr=False)


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
    """A value known by its interface or object type only. `variables`: what its type parameters stand for. `holder`:
    the value, known so itself, and the name of the member that it is. `given`: the parameter whose type it is."""

    path: str
    shape: TypeShape
    variables: Variables = ()
    holder: tuple[ShapeRef, str] | None = field(default=None, compare=False, repr=False)
    given: Choice | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function known by its type only. `returns` is the text of what it gives, in a module and scope, `takes` the
    texts of the types of its parameters ("" for none)."""

    path: str
    returns: str
    scope: int
    variables: Variables = ()
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handed:
    """An object that a framework makes and hands over: (name, value) of the members that are known."""

    members: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class External:
    """Something of a package outside the workspace: `specifier` and the names from there; a call adds `()`, a
    construction `new()`. `source` is the last of these: (module, expression, scope)."""

    specifier: str
    names: tuple[str, ...] = ()
    source: tuple[str, Expr, int] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Global:
    """A global of the runtime: `("globalThis", "prisma")`, `("process", "env")`, `("Promise", "all")`; a call adds
    `()`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """An object that is one of several, each with the same kind of members: what `a ? x : y` gives; or a function
    that is one of several: what a method of an interface with several implementations is."""

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
    | Signature
    | Handed
    | External
    | Global
    | OneOf
)
Variables = tuple[tuple[str, "Value | None"], ...]


def merge(first: Value | None, second: Value | None) -> Value | None:
    """What a value is that may be one or the other: a client of mixed kinds is `either`, a model of a client is
    any; objects and functions are one of several; else the first that is known."""
    if isinstance(first, Client) and isinstance(second, Client):
        kind: ClientKind = first.kind if first.kind == second.kind else "either"
        known = first if first.origin is not None else second
        choice = first.choice or second.choice if kind == "either" else None
        return replace(known, kind=kind, extended=first.extended or second.extended, choice=choice)
    if isinstance(second, Client) and not isinstance(first, Client):
        return second
    if isinstance(first, Delegate) and isinstance(second, Delegate) and first.model != second.model:
        client = merge(first.client, second.client)
        return Delegate(client, "[…]") if isinstance(client, Client) else first
    if isinstance(first, Signature) and isinstance(second, FunctionRef | OneOf):
        return second  # known by more than its type
    for kinds in (_HOLDERS, _FUNCTIONS):
        both = [option for value in (first, second) for option in options(value) if isinstance(option, kinds)]
        if first != second and len(both) == len(options(first)) + len(options(second)):
            return OneOf(tuple(dict.fromkeys(both))[:_MOST])
    return first if first is not None else second


_HOLDERS = (ObjectRef, Instance, ShapeRef, Handed)
_FUNCTIONS = (FunctionRef,)
_MOST = 12


def options(value: Value | None) -> tuple[Value | None, ...]:
    """What a value may be: itself, or one of several."""
    return value.options if isinstance(value, OneOf) else (value,)
