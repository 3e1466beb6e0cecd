"""Scopes of a file, from the captured regions."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from prismafix.facts.model import Binding, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_HEADED = frozenset(
    (
        "for_in_statement",
        "for_statement",
        "while_statement",
        "do_statement",
        "if_statement",
        "switch_case",
        "switch_default",
        "catch_clause",
    )
)
_BODIES = frozenset(("internal_module", "module", "ambient_declaration", "class_static_block"))
_LOOPS = {"for_statement": "for", "while_statement": "while", "do_statement": "do"}


class Regions:
    """The scopes while they are built. Sorted by start; scope 0 is the module."""

    def __init__(self, size: int, captured: dict[str, list[Node]], functions: list[Node]) -> None:
        spans: list[tuple[int, int, str, Node | None]] = [(0, size + 1, "module", None)]
        for capture in ("function", "class", "loop", "case"):
            spans += [(n.start_byte, n.end_byte, capture, n) for n in captured.get(capture, [])]
        spans += [(n.start_byte, n.end_byte, _block_kind(n), n) for n in captured.get("block", [])]
        for node in captured.get("if", []):
            for name, kind in (("consequence", "if"), ("alternative", "else")):
                branch = node.child_by_field_name(name)
                if branch is not None:
                    spans.append((branch.start_byte, branch.end_byte, kind, node))
        for node in captured.get("try", []):
            spans += _try_parts(node)
        spans.sort(key=lambda span: (span[0], -span[1], span[2] == "block"))
        self._spans = spans
        self._starts = [span[0] for span in spans]
        self._parents = self._nesting()
        numbers = {(n.start_byte, n.end_byte): i for i, n in enumerate(functions)}
        self._functions: list[int] = []
        self.by_function: dict[int, int] = {}
        self.by_class: dict[tuple[int, int], int] = {}
        for index, (start, end, kind, _) in enumerate(spans):
            if kind == "function":
                self._functions.append(numbers[start, end])
                self.by_function[numbers[start, end]] = index
            else:
                self._functions.append(self._functions[self._parents[index]] if index else -1)
                if kind == "class":
                    self.by_class[start, end] = index
        self._heads: dict[int, int] = {}
        self._shared: dict[int, int] = {}
        self._loops: dict[int, tuple[str, bool]] = {}

    def _nesting(self) -> list[int]:
        parents: list[int] = []
        stack: list[int] = []
        for index, (start, end, _, _) in enumerate(self._spans):
            while stack and self._spans[stack[-1]][1] <= start:
                stack.pop()
            while stack and self._spans[stack[-1]][1] < end:
                stack.pop()
            parents.append(stack[-1] if stack else -1)
            stack.append(index)
        return parents

    def at(self, offset: int) -> int:
        """The innermost scope that holds `offset`."""
        found = bisect_right(self._starts, offset) - 1
        while found > 0 and self._spans[found][1] <= offset:
            found = self._parents[found]
        return found

    def around(self, offset: int) -> int:
        """The scope that an expression starting at `offset` stands in: not that of a function or class that it is."""
        found = self.at(offset)
        while found > 0 and self._spans[found][0] == offset and self._spans[found][2] in ("function", "class"):
            found = self._parents[found]
        return found

    def outside(self, scope: int) -> int:
        """The parent scope."""
        return self._parents[scope]

    def function_of(self, scope: int) -> int:
        """The index of the innermost function around a scope; -1 at module level."""
        return self._functions[scope]

    def var_scope(self, scope: int) -> int:
        """The scope that a `var` in `scope` belongs to: a function, the body of a namespace or static block, or the
        module.

        `declare global { var prisma: PrismaClient }` says something about `globalThis`; it binds nothing in its module.
        """
        while scope > 0 and not _holds_vars(*self._spans[scope][2:]):
            scope = self._parents[scope]
        return scope

    def headed(self) -> Iterator[tuple[int, Node]]:
        """The scopes whose node has a condition, an iterated value or a `catch` parameter."""
        for index, (_, _, _, node) in enumerate(self._spans):
            if node is not None and node.type in _HEADED:
                yield index, node

    def shared_head(self, node: Node) -> int:
        """The root of a condition that both branches of an `if` share; -1 if it is not made yet."""
        return self._shared.get(node.start_byte, -1) if node.type == "if_statement" else -1

    def share_head(self, node: Node, head: int) -> None:
        """Remember the root of an `if`'s condition."""
        self._shared[node.start_byte] = head

    def set_head(self, scope: int, head: int) -> None:
        """The root that is the head of a scope."""
        self._heads[scope] = head

    def set_loop(self, scope: int, operator: str, awaits: bool) -> None:
        """The form of a `for … of/in` loop."""
        self._loops[scope] = (operator, awaits)

    def scopes(self, bindings: list[Binding]) -> tuple[Scope, ...]:
        """The finished scopes with the names that they declare. The first declaration of a name counts."""
        names: list[dict[str, int]] = [{} for _ in self._spans]
        for index in sorted(range(len(bindings)), key=lambda index: bindings[index].start):
            names[bindings[index].scope].setdefault(bindings[index].name, index)
        made = []
        for index, (start, end, kind, node) in enumerate(self._spans):
            loop, awaits = self._loops.get(index, (_LOOPS.get(node.type, "") if node is not None else "", False))
            made.append(
                Scope(
                    kind,
                    start,
                    end,
                    self._parents[index],
                    self._functions[index],
                    self._heads.get(index, -1),
                    loop if kind == "loop" else "",
                    awaits,
                    names[index],
                )
            )
        return tuple(made)


def _block_kind(node: Node) -> str:
    before = node.prev_sibling
    return "global" if before is not None and before.type == "global" else "block"


def _holds_vars(kind: str, node: Node | None) -> bool:
    if kind in ("function", "global"):
        return True
    return kind == "block" and node is not None and node.parent is not None and node.parent.type in _BODIES


def _try_parts(node: Node) -> list[tuple[int, int, str, Node | None]]:
    parts: list[tuple[int, int, str, Node | None]] = []
    for name, kind in (("body", "try"), ("handler", "catch"), ("finalizer", "finally")):
        part = node.child_by_field_name(name)
        if part is not None:
            parts.append((part.start_byte, part.end_byte, kind, part))
    return parts
