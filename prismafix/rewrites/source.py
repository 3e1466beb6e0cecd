"""One file as a rewrite sees it: bytes, tree, lines, and the node helpers that every pass needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from tree_sitter import Query

from prismafix.syntax import queries
from prismafix.syntax.dialect import Dialect, dialect_of, language
from prismafix.syntax.parsing import parse_again

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tree_sitter import Node, Tree

    from prismafix.rewrites.model import Reader
    from prismafix.workspace.model import Package, TsConfig


class HasRead(Protocol):
    """Anything that reads files of the workspace by their relative path. Raises FileNotFoundError."""

    def read(self, path: str) -> bytes: ...


class Files(HasRead, Protocol):
    """What a rewrite asks of a `Workspace`."""

    @property
    def source_files(self) -> Iterable[str]: ...

    def exists(self, path: str) -> bool: ...

    def package_of(self, path: str) -> Package | None: ...

    def tsconfig_for(self, path: str) -> TsConfig | None: ...


WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion"}
)
"""Expressions that change a type or nothing, never the value."""

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "arrow_function",
        "method_definition",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, parsed when its tree is first asked for.

    Offsets are bytes, 0-based. Texts are read from `data`: the tree may come from a copy with blanked bytes.
    """

    path: str
    data: bytes
    dialect: Dialect
    scopes: dict[int, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)
    """What `names.resolve` remembers: the declarations of a scope, by the id of its node."""
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was found out about the file as a whole, by what it is."""

    @staticmethod
    @lru_cache(maxsize=64)
    def of(path: str, data: bytes) -> Source:
        """`data` as the file `path`; the same object for the same bytes, so that fixes that look at the same neighbours
        parse them once. Raises KeyError when the suffix is not that of a source file.
        """
        return Source(path, data, dialect_of(path))

    @staticmethod
    def open(path: str, files: HasRead | Reader) -> Source:
        """Read it. Raises FileNotFoundError for a missing file, KeyError for a suffix that is no source file."""
        read = files if callable(files) else files.read
        return Source.of(path, read(path))

    @property
    def tree(self) -> Tree:
        tree: Tree | None = self.known.get("tree")
        if tree is None:
            tree = self.known["tree"] = parse_again(self.data, self.dialect)
        return tree

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def nodes(self, types: frozenset[str]) -> list[Node]:
        """The named nodes of these types, in document order: `walk` with a filter, many times as fast."""
        found = queries.captures(_nodes_query(types, self.dialect), self.root).get("node", [])
        return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))

    @property
    def is_typescript(self) -> bool:
        """Whether types may be written here."""
        return self.path.endswith((".ts", ".tsx", ".mts", ".cts"))

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        """The source text between two byte offsets."""
        return self.data[start:end].decode("utf-8", "replace")

    def node_at(self, start: int, end: int, types: Collection[str] = ()) -> Node | None:
        """The outermost node that covers exactly these bytes (and has one of `types`, if any are given), or None."""
        node = self.root.descendant_for_byte_range(start, end)
        found: Node | None = None
        while node is not None and node.start_byte <= start and node.end_byte >= end:
            exact = node.start_byte == start and node.end_byte == end
            if exact and (not types or node.type in types):
                found = node
            if not exact:
                break
            node = node.parent
        return found

    def line_start(self, offset: int) -> int:
        """Where the line of `offset` starts (after a BOM)."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        return 3 if start == 0 and self.data.startswith(b"\xef\xbb\xbf") and offset >= 3 else start

    def line_end(self, offset: int) -> int:
        """Where the next line starts: after the line break, or the end of the file."""
        at = self.data.find(b"\n", offset)
        return len(self.data) if at < 0 else at + 1

    def indent(self, offset: int) -> str:
        """The white space that the line of `offset` starts with."""
        start = self.line_start(offset)
        end = start
        while end < len(self.data) and self.data[end] in b" \t":
            end += 1
        return self.slice(start, end)

    def is_blank(self, start: int, end: int) -> bool:
        """Whether there is nothing but white space between two offsets."""
        return not self.data[start:end].strip()

    def starts_line(self, offset: int) -> bool:
        """Whether only white space stands before `offset` on its line."""
        return self.is_blank(self.line_start(offset), offset)

    def ends_line(self, offset: int) -> bool:
        """Whether only white space stands behind `offset` on its line."""
        return self.is_blank(offset, self.line_end(offset))

    def fixed_lines(self, start: int, end: int) -> set[int]:
        """The starts of lines in `start..end` whose white space is content: they begin inside a template literal
        or a string.
        """
        fixed: set[int] = set()
        for node in walk(self.root, start, end):
            if node.type in ("template_string", "string") and node.end_point[0] > node.start_point[0]:
                at = self.line_end(node.start_byte)
                while at < node.end_byte:
                    fixed.add(at)
                    at = self.line_end(at)
        return fixed


@cache
def _nodes_query(types: frozenset[str], dialect: Dialect) -> Query:
    return Query(language(dialect), f"[{' '.join(f'({kind})' for kind in sorted(types))}] @node")


def walk(node: Node, start: int = 0, end: int | None = None) -> Iterator[Node]:
    """The node and everything below it that touches `start..end`, in document order."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.end_byte < start or (end is not None and current.start_byte > end):
            continue
        yield current
        stack.extend(reversed(current.children))


def ancestors(node: Node) -> Iterator[Node]:
    """The parents, from the nearest outwards."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def enclosing(node: Node, types: Collection[str]) -> Node | None:
    """The nearest ancestor of one of the types, or None."""
    return next((parent for parent in ancestors(node) if parent.type in types), None)


def inside(node: Node, outer: Node) -> bool:
    """Whether `node` lies in `outer` (or is it)."""
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def code(node: Node) -> list[Node]:
    """The named children that are not comments."""
    return [child for child in node.named_children if child.type != "comment"]


def unwrap(node: Node, *, through_await: bool = False) -> Node:
    """The expression behind parentheses, `as`, `satisfies`, `!` and `<T>`, and behind `await` if asked."""
    while True:
        if node.type in WRAPPERS:
            children = code(node)
            if not children:
                return node
            node = children[-1] if node.type == "type_assertion" else children[0]
        elif through_await and node.type == "await_expression":
            node = code(node)[0]
        else:
            return node


def outermost(node: Node) -> Node:
    """The largest expression that is `node` in parentheses, `as`, `satisfies` or `!`."""
    while node.parent is not None and node.parent.type in WRAPPERS and unwrap(node.parent) == unwrap(node):
        node = node.parent
    return node


def callee(call: Node) -> Node | None:
    """What a call or `new` calls, unwrapped.

    The grammar reads `await f<T>(x)` as `(await f)<T>(x)`: there the `await` belongs to the call, and is looked
    through.
    """
    name = "constructor" if call.type == "new_expression" else "function"
    node = call.child_by_field_name(name)
    if node is None:
        return None
    if node.type == "await_expression" and misplaced_await(call):
        return unwrap(code(node)[0])
    return unwrap(node)


def misplaced_await(call: Node) -> bool:
    """Whether this call is `await f<T>(x)`, which the grammar reads as `(await f)<T>(x)`."""
    function = call.child_by_field_name("function")
    return function is not None and function.type == "await_expression"


def is_awaited(node: Node) -> bool:
    """Whether the value of this expression is awaited on the spot."""
    inner: Node | None = node
    while inner is not None and inner.type in ("call_expression", "member_expression", "subscript_expression"):
        if inner.type == "call_expression" and misplaced_await(inner):
            return True  # the `await` of the whole chain, see `callee`
        inner = inner.child_by_field_name("function" if inner.type == "call_expression" else "object")
    outer = outermost(node)
    return outer.parent is not None and outer.parent.type == "await_expression"


def statement_of(node: Node) -> Node | None:
    """The statement that holds `node`: a child of a block or of the program (or the body of an `if` without
    braces), or None.
    """
    current: Node | None = node
    while current is not None and current.parent is not None:
        parent = current.parent
        if parent.type in ("program", "statement_block", "switch_case", "switch_default", "class_static_block"):
            return current
        if current.type.endswith(("_statement", "_declaration")) and parent.type in BODY_PARENTS:
            return current
        if current.type == "statement_block":
            return None
        current = parent
    return None


BODY_PARENTS = frozenset(
    {
        "if_statement",
        "else_clause",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "labeled_statement",
    }
)
"""Statements whose body may stand without braces."""
