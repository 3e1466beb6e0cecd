"""A fan-out and the work that it starts for each element: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.values import FunctionRef
    from prismafix.project.index.syntax_index import Use


@dataclass(frozen=True, slots=True)
class PerItem:
    """What runs for each item: a function (`callback`), or, for an array filled by a loop, the pushed expression.

    `form`: map, flatMap, from, pushed. `inline` when the form stands in the argument of `Promise.all` itself.
    `collection` is what is iterated; `times` how many items there are where a loop's head says so. `call` is what
    makes the list or adds to it. `thunk`: it gives a function, which somebody has to call before anything runs;
    `called` are the works behind the functions that this one calls: `tasks.map((task) => task())`."""

    form: str
    path: str
    call: Expr
    collection: Expr | None
    callback: FunctionRef | None
    pushed: Expr | None
    scope: int
    inline: bool
    times: int | None = None
    thunk: bool = False
    called: tuple[PerItem, ...] = ()


@dataclass(frozen=True, slots=True)
class FanOut:
    """One `Promise.<combinator>(…)`. `items`: the per-item works found in its argument; `elements`: those of a
    literal tuple. `started`: the work had started before a `map` in the argument, which is not what has to be bounded:
    `Promise.all(loading.map((one) => one.catch(ignore)))`. `apart`: some of the work is not made in a function that the
    call stands in, but in another one, or in another module.
    `bounded` says in words why it is bounded already; "" when it is not."""

    path: str
    use: Use
    combinator: str
    items: tuple[PerItem, ...]
    elements: tuple[Expr, ...]
    started: bool = False
    apart: bool = False
    bounded: str = ""

    @property
    def call(self) -> Expr:
        """The `Promise.…(…)` expression."""
        return self.use.expr
