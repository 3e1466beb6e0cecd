"""Where the connection string of a client comes from: what an expression in the code is put together from.

A value that is not followed (a parameter, what a package gives, a parsed and changed URL) is an origin of the kind
`unknown`, about which nothing may be said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import FunctionRef
from prismafix.project.fan_out import lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Binding, Expr, ModuleFacts, Root
    from prismafix.project.denote.evaluate import Evaluator

_DEPTH = 8
"""So many names, calls and choices are looked through."""
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
_READERS = frozenset(("get", "getOrThrow", "env"))
_SCHEME = re.compile(r"[a-z][a-z0-9+]*:(?://|(?=[./]))")
PLACEHOLDER = "${_}"
"""Stands for a computed piece in a text, in a form that `connection.url.parse` takes for an interpolation."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An expression, and where it is evaluated."""

    path: str
    expr: Expr
    scope: int


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece of a text: literal `text` as it is written (escapes and all), or an expression."""

    text: str = ""
    expr: Expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What a connection string comes from.

    `variable`: the value of the environment variable `name`. `text`: a literal with its scheme, perhaps with computed
    `pieces` in it. `glued`: the first piece is an expression (of `bases`), and behind it parameters are appended;
    `place` is the whole, an assignment for `+=`. `unknown`: anything else."""

    kind: Literal["variable", "text", "glued", "unknown"]
    place: Place
    name: str = ""
    pieces: tuple[Piece, ...] = ()
    bases: tuple[Origin, ...] = ()

    @property
    def written(self) -> str:
        """The text of a literal, or of what is glued on, with `PLACEHOLDER` for what is computed."""
        pieces = self.pieces[1:] if self.kind == "glued" else self.pieces
        return "".join(PLACEHOLDER if piece.expr is not None else piece.text for piece in pieces)


def origins(evaluator: Evaluator, place: Place) -> tuple[Origin, ...]:
    """Everything that the value of an expression may come from, in the order in which it is tried."""
    return tuple(_origins(evaluator, place, 0))


def _origins(evaluator: Evaluator, place: Place, depth: int) -> Iterator[Origin]:
    expr = place.expr
    if depth > _DEPTH:
        yield Origin("unknown", place)
        return
    name = _variable(expr)
    if name:
        yield Origin("variable", place, name)
        return
    if expr.kind == "await" and expr.children:
        yield from _origins(evaluator, Place(place.path, expr.children[0], place.scope), depth + 1)
    elif (expr.kind == "binary" and expr.text in ("??", "||")) or expr.kind == "ternary":
        for child in expr.children[-2:]:
            if child.kind != "literal":
                yield from _origins(evaluator, Place(place.path, child, place.scope), depth + 1)
    elif expr.kind == "name":
        yield from _named(evaluator, place, depth)
    elif expr.kind in ("string", "template") or _adds(expr):
        yield from _composed(evaluator, place, depth)
    elif expr.kind == "call":
        yield from _returned(evaluator, place, depth)
    else:
        yield Origin("unknown", place)


def _variable(expr: Expr) -> str:
    """The environment variable that an expression reads: `process.env.X`, `env.X`, `config.get("X")`; "" for none."""
    chain = expr.chain() if expr.kind == "member" else None
    if chain is not None and len(chain) > 1 and _VARIABLE.fullmatch(chain[-1]):
        return chain[-1]
    if expr.kind == "call" and expr.arguments and expr.arguments[0].kind == "string":
        reads = expr.callee.text in _READERS and expr.callee.kind in ("member", "name")
        text = expr.arguments[0].text
        return text if reads and _VARIABLE.fullmatch(text) else ""
    return ""


def _adds(expr: Expr) -> bool:
    if expr.kind == "binary":
        return expr.text == "+"
    return expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text == "concat"


def pieces_of(expr: Expr) -> list[Piece]:
    """The pieces that a text is put together from, adjacent literals joined."""
    found: list[Piece] = []
    for piece in _pieces(expr):
        if piece.expr is None and found and found[-1].expr is None:
            found[-1] = Piece(found[-1].text + piece.text)
        elif piece.expr is not None or piece.text:
            found.append(piece)
    return found


def _pieces(expr: Expr) -> Iterator[Piece]:
    if expr.kind == "string":
        yield Piece(expr.text)
    elif expr.kind == "template":
        yield from _of_template(expr)
    elif expr.kind == "binary" and expr.text == "+":
        for child in expr.children:
            yield from _pieces(child)
    elif _adds(expr):
        yield from _pieces(expr.callee.children[0])
        for argument in expr.arguments:
            yield from _pieces(argument)
    else:
        yield Piece(expr=expr)


def _of_template(expr: Expr) -> Iterator[Piece]:
    data, origin, at = expr.text.encode(), expr.start + 1, 0
    for child in expr.children:
        opens, closes = data.rfind(b"${", at, child.start - origin), data.find(b"}", child.end - origin)
        if opens < 0 or closes < 0:  # longer than what is kept of its text
            yield Piece(expr=expr)
            return
        yield Piece(data[at:opens].decode())
        yield Piece(expr=child)
        at = closes + 1
    yield Piece(data[at:].decode())


def _composed(evaluator: Evaluator, place: Place, depth: int) -> Iterator[Origin]:
    pieces = pieces_of(place.expr)
    first = pieces[0] if pieces else Piece()
    if first.expr is None:
        kind: Literal["text", "unknown"] = "text" if _SCHEME.match(first.text) else "unknown"
        yield Origin(kind, place, pieces=tuple(pieces))
        return
    bases = tuple(_origins(evaluator, Place(place.path, first.expr, place.scope), depth + 1))
    if len(pieces) == 1:
        yield from bases
    elif pieces[1].text.startswith(("?", "&")):
        yield Origin("glued", place, pieces=tuple(pieces), bases=bases)
    else:
        yield Origin("unknown", place)


def _named(evaluator: Evaluator, place: Place, depth: int) -> Iterator[Origin]:
    found = lists.origin(evaluator, place.path, place.expr.text, place.scope)
    if found is None:
        yield Origin("unknown", place)
        return
    path, facts, binding = found
    taken = _taken(facts, binding)
    if taken:
        yield Origin("variable", place, taken)
        return
    if binding.path or binding.kind not in ("const", "let", "var"):
        yield Origin("unknown", place)
        return
    bases: list[Origin] = []
    if binding.value >= 0:
        root = facts.roots[binding.value]
        bases += _origins(evaluator, Place(path, root.expr, root.scope), depth + 1)
    appended = []
    for use in evaluator.index(path).assignments.get(binding.name, ()) if binding.kind != "const" else ():
        if facts.lookup(binding.name, use.root.scope) is not binding or use.expr.children[0].kind != "name":
            continue
        if use.expr.text == "+=":
            appended.append((use.root, use.expr))
        elif use.expr.text in ("=", "??=", "||="):
            value = use.expr.children[1]
            if not any(part.kind == "name" and part.text == binding.name for part in value.walk()):
                bases += _origins(evaluator, Place(path, value, use.root.scope), depth + 1)
            else:
                appended.append((use.root, use.expr))
        else:
            yield Origin("unknown", place)
    yield from bases
    for root, assign in appended:
        yield _appended(path, root, assign, tuple(bases))


def _appended(path: str, root: Root, assign: Expr, bases: tuple[Origin, ...]) -> Origin:
    """What `url += "…"` and `url = url + "…"` make."""
    target, value = assign.children
    pieces = pieces_of(value)
    if assign.text == "+=":
        pieces = [Piece(expr=target), *pieces]
    place = Place(path, assign, root.scope)
    own = pieces[0].expr if pieces else None
    if len(pieces) > 1 and own is not None and own.text == target.text and pieces[1].text.startswith(("?", "&")):
        return Origin("glued", place, pieces=tuple(pieces), bases=bases)
    return Origin("unknown", place)


def _taken(facts: ModuleFacts, binding: Binding) -> str:
    """The variable that `const { DATABASE_URL } = process.env` takes."""
    if len(binding.path) != 1 or binding.value < 0 or not _VARIABLE.fullmatch(binding.path[0]):
        return ""
    chain = facts.roots[binding.value].expr.chain() or ()
    return binding.path[0] if chain[-1:] == ("env",) else ""


def _returned(evaluator: Evaluator, place: Place, depth: int) -> Iterator[Origin]:
    """What a function of the project gives back, where every `return` of it is seen."""
    called = evaluator.value(place.path, place.expr.callee, place.scope)
    facts = evaluator.facts(called.path) if isinstance(called, FunctionRef) else None
    if not isinstance(called, FunctionRef) or facts is None:
        yield Origin("unknown", place)
        return
    returns = [root for root in facts.roots_of(called.index) if root.role == "return"]
    if not returns:
        yield Origin("unknown", place)
    for root in returns:
        if root.expr.kind != "literal":
            yield from _origins(evaluator, Place(called.path, root.expr, root.scope), depth + 1)


def flattened(found: tuple[Origin, ...]) -> Iterator[Origin]:
    """The origins, and those of what parameters are glued onto."""
    for origin in found:
        yield origin
        yield from flattened(origin.bases)
