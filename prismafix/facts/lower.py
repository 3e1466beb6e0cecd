"""Expressions of the tree as `Expr`: one node kind per meaning, types and parentheses looked through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from sys import intern
from typing import TYPE_CHECKING

from prismafix.facts.model import Expr

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

FUNCTION_TYPES = frozenset(
    (
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    )
)
CLASS_TYPES = frozenset(("class_declaration", "abstract_class_declaration", "class"))
_WRAPPERS = frozenset(("parenthesized_expression", "non_null_expression", "instantiation_expression"))
_OPERATORS = frozenset(("await", "unary", "binary"))
_TEMPLATE_TEXT = 2_000
_LITERALS = frozenset(("true", "false", "null", "undefined", "regex"))
_SKIPPED = frozenset(
    (
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "comment",
        "property_identifier",
        "private_property_identifier",
        "jsx_text",
        "statement_block",
        "string_fragment",
        "predefined_type",
        "type_identifier",
    )
)


@dataclass(slots=True)
class Lowering:
    """The state of one file's lowering. `functions`/`classes` map the span of a node to its index;
    `names` collects the name that a function or class gets from what it is assigned to."""

    data: bytes
    functions: dict[tuple[int, int], int]
    classes: dict[tuple[int, int], int]
    function_names: dict[int, str] = field(default_factory=dict)
    class_names: dict[int, str] = field(default_factory=dict)
    texts: dict[bytes, str] = field(default_factory=dict)

    def text(self, node: Node) -> str:
        """The source of a node, as characters."""
        data = self.data[node.start_byte : node.end_byte]
        found = self.texts.get(data)
        if found is None:
            found = self.texts[data] = intern(data.decode("utf-8", "replace"))
        return found

    def lower(self, node: Node, hint: str = "") -> Expr:
        """The `Expr` of an expression node. `hint` is the name that a function or class takes from its place."""
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            return handler(self, node, hint)
        kind = node.type
        if kind in FUNCTION_TYPES:
            index = self.functions.get((node.start_byte, node.end_byte), -1)
            if hint:
                self.function_names.setdefault(index, hint)
            return Expr("function", node.start_byte, node.end_byte, function=index)
        if kind in CLASS_TYPES:
            index = self.classes.get((node.start_byte, node.end_byte), -1)
            if hint:
                self.class_names.setdefault(index, hint)
            return Expr("class", node.start_byte, node.end_byte, function=index)
        return Expr("other", node.start_byte, node.end_byte, kind, tuple(self.below(node)))

    def below(self, node: Node) -> list[Expr]:
        """The expressions below a node that is no expression itself (JSX, patterns, templates)."""
        found = []
        for child in node.named_children:
            if child.type not in _SKIPPED:
                found.append(self.lower(child))
        return found


def _name(self: Lowering, node: Node, hint: str) -> Expr:
    return Expr("name", node.start_byte, node.end_byte, self.text(node))


def _wrapped(self: Lowering, node: Node, hint: str) -> Expr:
    inner = _first(node)
    return self.lower(inner, hint) if inner is not None else Expr("other", node.start_byte, node.end_byte, node.type)


def _first(node: Node) -> Node | None:
    for child in node.named_children:
        if child.type != "comment":
            return child
    return None


def _as(self: Lowering, node: Node, hint: str) -> Expr:
    parts = [child for child in node.named_children if child.type != "comment"]
    if not parts:
        return Expr("other", node.start_byte, node.end_byte, node.type)
    if node.type == "type_assertion":
        parts.reverse()
    inner = self.lower(parts[0], hint)
    if node.type == "satisfies_expression" or len(parts) < 2:
        return inner
    return Expr(  # `x as unknown as T`: the outer type is what it is taken for
        inner.kind, inner.start, inner.end, inner.text, inner.children, inner.function, self.text(parts[1])
    )


def _postfix(self: Lowering, node: Node, operand: Node, make: Callable[[Expr, int], Expr]) -> Expr:
    """A property, an index, arguments or a template behind an operand. `make` gets the operand and where the whole
    starts.

    Upstream issue 282: a call with type arguments binds weaker than the operators before it. `await f<T>(x)` is
    parsed as `(await f)<T>(x)`, `a + f<T>(x)` as `(a + f)<T>(x)`, and what follows goes on from there. Only
    parentheses make an operator the operand of a postfix form, so without them the form belongs to the rightmost
    operand.
    """
    lowered = self.lower(operand)
    if lowered.kind not in _OPERATORS:
        return make(lowered, node.start_byte)
    operators, start = _operators(operand)
    return _onto_last(lowered, operators, lambda last: make(last, start))


def _operators(node: Node) -> tuple[int, int]:
    """How many operators stand before the rightmost operand without parentheses between, and the start byte of that
    operand."""
    count = 0
    following: Node | None = node
    while following is not None:
        node = following
        if node.type in ("await_expression", "non_null_expression"):
            following = _first(node)
            count += node.type == "await_expression"
        elif node.type in ("unary_expression", "binary_expression"):
            following = node.child_by_field_name("argument" if node.type == "unary_expression" else "right")
            count += 1
        else:  # operators below a postfix form were moved out when it was lowered
            following = node.child_by_field_name("object") or node.child_by_field_name("function")
    return count, node.start_byte


def _onto_last(expr: Expr, operators: int, make: Callable[[Expr], Expr]) -> Expr:
    """Apply `make` to the operand behind so many operators."""
    if operators == 0 or expr.kind not in _OPERATORS:
        return make(expr)
    last = _onto_last(expr.children[-1], operators - 1, make)
    return replace(expr, end=last.end, children=(*expr.children[:-1], last))


def _member(self: Lowering, node: Node, hint: str) -> Expr:
    value, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if value is None or name is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    text = self.text(name)
    return _postfix(self, node, value, lambda operand, start: Expr("member", start, node.end_byte, text, (operand,)))


def _index(self: Lowering, node: Node, hint: str) -> Expr:
    value, index = node.child_by_field_name("object"), node.child_by_field_name("index")
    if value is None or index is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    key, end = self.lower(index), node.end_byte
    if key.kind == "string":
        return _postfix(self, node, value, lambda operand, start: Expr("member", start, end, key.text, (operand,)))
    return _postfix(self, node, value, lambda operand, start: Expr("index", start, end, "", (operand, key)))


def _call(self: Lowering, node: Node, hint: str) -> Expr:
    callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if callee is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    if callee.type == "import":
        return Expr("import", node.start_byte, node.end_byte, "", tuple(_arguments(self, arguments)))
    end = node.end_byte
    if arguments is not None and arguments.type == "template_string":
        template = self.lower(arguments)
        text, values = template.text, template.children
        return _postfix(self, node, callee, lambda tag, start: Expr("tagged", start, end, text, (tag, *values)))
    given, types = _arguments(self, arguments), _type_arguments(self, node)
    return _postfix(self, node, callee, lambda called, start: Expr("call", start, end, types, (called, *given)))


def _type_arguments(self: Lowering, node: Node) -> str:
    types = node.child_by_field_name("type_arguments")
    return self.text(types)[1:-1].strip() if types is not None else ""


def _arguments(self: Lowering, arguments: Node | None) -> list[Expr]:
    if arguments is None:
        return []
    return [self.lower(child) for child in arguments.named_children if child.type != "comment"]


def _new(self: Lowering, node: Node, hint: str) -> Expr:
    callee = node.child_by_field_name("constructor")
    if callee is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    arguments = _arguments(self, node.child_by_field_name("arguments"))
    types = _type_arguments(self, node)
    return Expr("new", node.start_byte, node.end_byte, types, (self.lower(callee), *arguments))


def _one(kind: str) -> Callable[[Lowering, Node, str], Expr]:
    def handler(self: Lowering, node: Node, hint: str) -> Expr:
        inner = _first(node)
        children = (self.lower(inner),) if inner is not None else ()
        return Expr(kind, node.start_byte, node.end_byte, "", children)

    return handler


def _object(self: Lowering, node: Node, hint: str) -> Expr:
    members: list[Expr] = []
    for child in node.named_children:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is None or value is None:
                continue
            name = _key(self, key)
            parts = (self.lower(value, name), *_computed(self, key))
            members.append(Expr("property", child.start_byte, child.end_byte, name, parts))
        elif child.type == "shorthand_property_identifier":
            members.append(
                Expr("property", child.start_byte, child.end_byte, self.text(child), (_name(self, child, ""),))
            )
        elif child.type == "method_definition":
            key = child.child_by_field_name("name")
            name = _key(self, key) if key is not None else ""
            parts = (self.lower(child, name), *(_computed(self, key) if key is not None else ()))
            members.append(Expr("property", child.start_byte, child.end_byte, name, parts))
        elif child.type == "spread_element":
            members.append(self.lower(child))
    return Expr("object", node.start_byte, node.end_byte, "", tuple(members))


def _key(self: Lowering, node: Node) -> str:
    if node.type == "computed_property_name":
        return ""
    return _string_value(self, node) if node.type == "string" else self.text(node)


def _computed(self: Lowering, key: Node) -> tuple[Expr, ...]:
    inner = _first(key) if key.type == "computed_property_name" else None
    return (self.lower(inner),) if inner is not None else ()


def _string_value(self: Lowering, node: Node) -> str:
    return self.data[node.start_byte + 1 : node.end_byte - 1].decode("utf-8", "replace")


def _string(self: Lowering, node: Node, hint: str) -> Expr:
    return Expr("string", node.start_byte, node.end_byte, _string_value(self, node))


def _number(self: Lowering, node: Node, hint: str) -> Expr:
    return Expr("number", node.start_byte, node.end_byte, self.text(node))


def _literal(self: Lowering, node: Node, hint: str) -> Expr:
    return Expr("literal", node.start_byte, node.end_byte, node.type)


def _this(self: Lowering, node: Node, hint: str) -> Expr:
    return Expr(node.type, node.start_byte, node.end_byte)


def _array(self: Lowering, node: Node, hint: str) -> Expr:
    members = [self.lower(child) for child in node.named_children if child.type != "comment"]
    return Expr("array", node.start_byte, node.end_byte, "", tuple(members))


def _template(self: Lowering, node: Node, hint: str) -> Expr:
    parts = []
    for child in node.named_children:
        if child.type == "template_substitution":
            inner = _first(child)
            if inner is not None:
                parts.append(self.lower(inner))
    if not parts:
        return Expr("string", node.start_byte, node.end_byte, _string_value(self, node))
    return Expr("template", node.start_byte, node.end_byte, _string_value(self, node)[:_TEMPLATE_TEXT], tuple(parts))


def _binary(self: Lowering, node: Node, hint: str) -> Expr:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    text = self.text(operator) if operator is not None else ","
    return Expr("binary", node.start_byte, node.end_byte, text, (self.lower(left), self.lower(right, hint)))


def _sequence(self: Lowering, node: Node, hint: str) -> Expr:
    parts = [self.lower(child) for child in node.named_children if child.type != "comment"]
    if not parts:
        return Expr("other", node.start_byte, node.end_byte, node.type)
    whole = parts[0]
    for part in parts[1:]:
        whole = Expr("binary", node.start_byte, part.end, ",", (whole, part))
    return whole


def _unary(self: Lowering, node: Node, hint: str) -> Expr:
    operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    if operator is None or argument is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    return Expr("unary", node.start_byte, node.end_byte, self.text(operator), (self.lower(argument),))


def _ternary(self: Lowering, node: Node, hint: str) -> Expr:
    parts = [node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")]
    children = tuple(self.lower(part, hint) for part in parts if part is not None)
    if len(children) != 3:
        return Expr("other", node.start_byte, node.end_byte, node.type, children)
    return Expr("ternary", node.start_byte, node.end_byte, "", children)


def _assign(self: Lowering, node: Node, hint: str) -> Expr:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return Expr("other", node.start_byte, node.end_byte, node.type, tuple(self.below(node)))
    operator = node.child_by_field_name("operator")
    target = self.lower(left)
    name = target.text if target.kind in ("name", "member") else ""
    text = self.text(operator) if operator is not None else "="
    return Expr("assign", node.start_byte, node.end_byte, text, (target, self.lower(right, name)))


_HANDLERS: dict[str, Callable[[Lowering, Node, str], Expr]] = {
    "identifier": _name,
    "shorthand_property_identifier": _name,
    "shorthand_property_identifier_pattern": _name,
    "this": _this,
    "super": _this,
    "member_expression": _member,
    "nested_identifier": _member,
    "subscript_expression": _index,
    "call_expression": _call,
    "new_expression": _new,
    "await_expression": _one("await"),
    "yield_expression": _one("yield"),
    "spread_element": _one("spread"),
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "template_string": _template,
    "binary_expression": _binary,
    "sequence_expression": _sequence,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "assignment_expression": _assign,
    "augmented_assignment_expression": _assign,
    "as_expression": _as,
    "satisfies_expression": _as,
    "type_assertion": _as,
    **dict.fromkeys(_WRAPPERS, _wrapped),
    **dict.fromkeys(_LITERALS, _literal),
}
