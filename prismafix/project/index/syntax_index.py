"""An index over the expressions of one module: what is passed where, what is assigned, what is called."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.facts.model import record

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts, Root

_PLAIN = frozenset(("string", "number", "literal"))
"""Nothing is asked about where these stand."""


@record()
class Use:
    """Where an expression stands: the root, and the expressions around it, innermost first."""

    expr: Expr
    root: Root
    around: tuple[Expr, ...]


@dataclass(slots=True)
class ModuleIndex:
    """`calls`: every call, tagged template and construction, by start; `news`: the constructions. `functions`: where
    each function expression stands. `assignments`: name of
    the target (last segment) to the assignments. `names`: identifier to its uses as a value. `changes`: what assigns,
    counts up or deletes. `throws`: the roots of `throw` statements."""

    calls: list[Use] = field(default_factory=list)
    news: list[Use] = field(default_factory=list)
    functions: dict[int, Use] = field(default_factory=dict)
    assignments: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    members: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    changes: list[Use] = field(default_factory=list)
    throws: list[Root] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def calls_within(self, start: int, end: int) -> list[Use]:
        """The calls, tagged templates and constructions that start between two byte offsets, in order."""
        return self.calls[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


_CHANGING = frozenset(("update_expression", "delete"))


def build_index(facts: ModuleFacts) -> ModuleIndex:
    """Walk all roots once."""
    index = ModuleIndex()
    for root in facts.roots:
        _add(index, root.expr, root, ())
        if root.role == "throw":
            index.throws.append(root)
    index.calls.sort(key=lambda use: (use.expr.start, -use.expr.end))
    index._starts.extend(use.expr.start for use in index.calls)
    return index


def _add(index: ModuleIndex, expr: Expr, root: Root, around: tuple[Expr, ...]) -> None:
    """An expression and all below it, outermost first. Called for every expression of a file: kept plain."""
    kind, children = expr.kind, expr.children
    if kind == "name":
        index.names[expr.text].append(Use(expr, root, around))
    elif kind == "member":
        index.members[expr.text].append(Use(expr, root, around))
    elif kind in ("call", "tagged"):
        index.calls.append(Use(expr, root, around))
    elif kind == "new":
        use = Use(expr, root, around)
        index.calls.append(use)
        index.news.append(use)
    elif kind == "function":
        index.functions[expr.function] = Use(expr, root, around)
    elif kind == "assign":
        use = Use(expr, root, around)
        index.assignments[children[0].text].append(use)
        index.changes.append(use)
    elif expr.text in _CHANGING and kind in ("other", "unary"):
        index.changes.append(Use(expr, root, around))
    if children:
        inner = (expr, *around)
        for child in children:
            if child.children or child.kind not in _PLAIN:
                _add(index, child, root, inner)
