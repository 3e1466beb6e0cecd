"""Where new statements can go, which names are free there, and what a collection's text must become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.fanout import strip_parens
from prismafix.rewrites.model import Edit
from prismafix.rewrites.names import Declared, resolve, uses
from prismafix.rewrites.source import FUNCTIONS, Source, callee, code, enclosing, inside, statement_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_NAMES = frozenset(
    {
        "identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
        "type_identifier",
    }
)
_MUTATING = frozenset({"push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"})
_FRESH = frozenset(
    {
        "map",
        "filter",
        "slice",
        "concat",
        "flat",
        "flatMap",
        "toSorted",
        "toReversed",
        "split",
        "keys",
        "values",
        "entries",
        "from",
        "of",
    }
)
"""Methods whose result is an array that nobody else has."""
_ANSWERS = frozenset({"findMany", "groupBy", "$queryRaw", "$queryRawUnsafe", "all", "allSettled", "parse", "json"})
"""What waiting for gives one: queries, `Promise.all`, parsed text."""


def block_statement(node: Node) -> Node | None:
    """The statement of `node` when it is in a block or at module level, where others can stand before it; else None."""
    statement = statement_of(node)
    parent = statement.parent if statement is not None else None
    if statement is None or parent is None or parent.type not in ("statement_block", "program"):
        return None
    holder, own = enclosing(node, FUNCTIONS), enclosing(statement, FUNCTIONS)
    return statement if holder == own else None


class Names:
    """Names that are free where a statement stands. What is handed out is not handed out again."""

    def __init__(self, source: Source, statement: Node) -> None:
        block = statement.parent or statement
        function = block.parent if block.parent is not None and block.parent.type in FUNCTIONS else None
        region = function if function is not None else block
        self._source, self._statement = source, statement
        self._taken = {source.text(node) for node in walk(region) if node.type in _NAMES}

    def free(self, *candidates: str) -> str:
        """The first candidate that collides with nothing, else the first one with a number."""
        numbered = (f"{candidates[0]}{number}" for number in range(2, 1000))
        name = next(name for name in (*candidates, *numbered) if self.is_free(name))
        self._taken.add(name)
        return name

    def is_free(self, name: str) -> bool:
        return name not in self._taken and resolve(self._source, self._statement, name) is None


def claim(source: Source, statement: Node) -> Edit | None:
    """An edit that changes nothing and touches the brace of the statement's block.

    Two fixes that declare names in one block chose them without each other: they must be taken one after the other.
    """
    block = statement.parent
    if block is None or block.type != "statement_block":
        return None
    return Edit(source.path, block.start_byte, block.start_byte + 1, b"{")


def is_steady(source: Source, node: Node) -> bool:
    """Whether a collection that is read by its name keeps its elements while its own function waits.

    What a parameter holds, or what a call gave that is not known to make a new list, others may hold and change.
    """
    declared = resolve(source, node) if node.type == "identifier" else None
    if declared is None or declared.holder.type != "variable_declarator":
        return False
    value = declared.holder.child_by_field_name("value")
    if declared.node != declared.holder.child_by_field_name("name") or value is None or not is_own(source, value):
        return False
    owner = _owner(declared)
    if owner is None or owner != enclosing(node, FUNCTIONS):
        return _is_private(source, declared)
    return not any(_may_change(source, use) for use in uses(source, declared) if enclosing(use, FUNCTIONS) != owner)


def is_left_alone(source: Source, node: Node) -> bool:
    """Whether nothing behind `node` in the file changes the collection that it names, or hands it on."""
    declared = resolve(source, node) if node.type == "identifier" else None
    if declared is None:
        return False
    return not any(use.start_byte > node.end_byte and _may_change(source, use) for use in uses(source, declared))


def is_unchanged(source: Source, node: Node) -> bool:
    """The same, where a parameter is taken to be the function's own."""
    declared = resolve(source, node) if node.type == "identifier" else None
    if declared is not None and declared.holder.type != "variable_declarator":
        owner = _owner(declared)
        if owner is not None and owner == enclosing(node, FUNCTIONS):
            inner = (use for use in uses(source, declared) if enclosing(use, FUNCTIONS) != owner)
            return not any(_may_change(source, use) for use in inner)
    return is_steady(source, node)


def _is_private(source: Source, declared: Declared) -> bool:
    """A constant of an enclosing scope that nothing in the file changes or hands out."""
    declaration = declared.holder.parent
    if declaration is None or not source.text(declaration).startswith("const"):
        return False
    if declaration.parent is not None and declaration.parent.type == "export_statement":
        return False
    return not any(_may_change(source, use) for use in uses(source, declared))


def _owner(declared: Declared) -> Node | None:
    return declared.scope if declared.scope.type in FUNCTIONS else enclosing(declared.node, FUNCTIONS)


def is_own(source: Source, value: Node) -> bool:
    """Whether the expression gives a list that nobody else has: written out, or made by a method or a query."""
    value = strip_parens(value)
    while value.type in ("await_expression", "as_expression", "satisfies_expression") and code(value):
        value = strip_parens(code(value)[0])
    if value.type == "array":
        return True
    function = callee(value) if value.type == "call_expression" else None
    if function is None or function.type != "member_expression":
        return False
    name = source.text(code(function)[-1])
    return name in _FRESH or name in _ANSWERS or (name in _MUTATING and is_own(source, code(function)[0]))


def _may_change(source: Source, use: Node) -> bool:
    """Whether this mention of an array may change it: a mutating method, an assignment, or handing it on."""
    parent = use.parent
    if parent is None:
        return True
    if parent.type == "member_expression":
        name = source.text(code(parent)[-1])
        grand = parent.parent
        return (
            name in _MUTATING
            or grand is None
            or grand.type in ("assignment_expression", "augmented_assignment_expression", "update_expression")
        )
    if parent.type == "subscript_expression":
        grand = parent.parent
        left = grand.child_by_field_name("left") if grand is not None else None
        return left == parent or (grand is not None and grand.type in ("update_expression", "unary_expression"))
    return parent.type not in (
        "spread_element",
        "for_in_statement",
        "binary_expression",
        "parenthesized_expression",
        "as_expression",
    )


def changes_or_hands_on(source: Source, use: Node) -> bool:
    """Whether this mention of an array is more than reading elements of it."""
    parent = use.parent
    return (
        parent is None or parent.type not in ("member_expression", "subscript_expression") or _may_change(source, use)
    )


def needs_copy(node: Node) -> bool:
    """Whether an expression that is no name gives an array that others can hold, and change while it is waited for."""
    return strip_parens(node).type in (
        "member_expression",
        "subscript_expression",
        "ternary_expression",
        "binary_expression",
        "identifier",
    )


def collection_name(source: Source, node: Node) -> str:
    """A name for the value of a collection expression, from the words in it."""
    node = strip_parens(node)
    if node.type == "member_expression":
        name = source.text(code(node)[-1])
        return name if name.isidentifier() else "items"
    if node.type == "identifier":
        return "all"
    return "items"


def is_readonly(source: Source, node: Node) -> bool:
    """Whether the array is visibly readonly (`readonly T[]`, `as const` …), which Prisma's arguments do not take."""
    node = strip_parens(node)
    if node.type == "as_expression":
        return source.text(node).endswith("as const")
    declared = resolve(source, node) if node.type == "identifier" else None
    if declared is None:
        return False
    holder = declared.holder if declared.holder.type == "variable_declarator" else declared.node.parent
    if holder is None:
        return False
    annotation, value = holder.child_by_field_name("type"), holder.child_by_field_name("value")
    if annotation is not None:
        return "readonly" in source.text(annotation).lower()
    return value is not None and source.text(value).endswith("as const")


def captured(source: Source, declared: Declared) -> bool:
    """Whether a function other than the one that declares the name mentions it."""
    return any(enclosing(use, FUNCTIONS) != enclosing(declared.node, FUNCTIONS) for use in uses(source, declared))


def mentions(source: Source, node: Node, names: set[str]) -> bool:
    """Whether any identifier below `node` is one of `names`."""
    return any(child.type in _NAMES and source.text(child) in names for child in walk(node) if inside(child, node))


def parameter_nodes(function: Node) -> list[Node]:
    """The parameters of a function: patterns of TypeScript's parameter nodes, or the one name of `x => …`."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [single]
    parameters = function.child_by_field_name("parameters")
    return code(parameters) if parameters is not None else []


def pattern_names(source: Source, node: Node) -> Iterator[str]:
    """Every name that a parameter's pattern binds (and names in its defaults, which does no harm here)."""
    for child in walk(node):
        if child.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield source.text(child)
