"""What is found out about a call: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.project.denote.handed import Asked
    from prismafix.project.denote.values import FunctionRef
    from prismafix.project.reach.queries import Query


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way: the called function's name, and where it is declared (1-based line)."""

    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A query and the calls that lead to it. `text` is how it is written: `prisma.order.findMany`. `batched`: an
    element of `$transaction([…])`. `rescue`: only when something failed, in a `catch`. `dropped`: a call on the way is
    one that nobody waits for. `start` is its byte offset."""

    query: Query
    path: str
    start: int
    line: int
    text: str
    steps: tuple[Step, ...] = ()
    batched: bool = False
    limited: bool = False
    rescue: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something else that a call does or may do: "calls sendMail, which is not known". `asked`: what is called is a
    parameter, which whoever calls the function fills; with so many further calls deep `left`."""

    text: str
    path: str
    line: int
    asked: Asked | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Throw:
    """A `throw` statement. `stage` is what has surely been waited for by then, as its module and the byte offset of the
    call; None: nothing. Two that come after the same are thrown in no order that anybody could count on."""

    path: str
    line: int
    stage: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """`queries` reached, `unknown` calls, other `effects`, and `repeated`: functions that call themselves again.
    `deeper`: the limit of depth was met. `entered`: every function of the project that is called on the way.
    `together`: where several queries, or calls of what a function is handed, are started at once: bounded or not.
    `throws`: the `throw` statements on the way."""

    queries: tuple[Reached, ...] = ()
    unknown: tuple[Note, ...] = ()
    effects: tuple[Note, ...] = ()
    repeated: tuple[FunctionRef, ...] = ()
    deeper: bool = False
    entered: frozenset[FunctionRef] = frozenset()
    together: tuple[Note, ...] = ()
    throws: tuple[Throw, ...] = ()

    def __add__(self, other: Effects) -> Effects:
        return Effects(
            self.queries + other.queries,
            self.unknown + other.unknown,
            self.effects + other.effects,
            self.repeated + other.repeated,
            self.deeper or other.deeper,
            self.entered | other.entered,
            self.together + other.together,
            self.throws + other.throws,
        )
