"""What evaluating an expression does, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.source import FUNCTIONS, Source, code

if TYPE_CHECKING:
    from tree_sitter import Node

_TRANSPARENT = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "spread_element",
        "return_statement",
        "throw_statement",
        "expression_statement",
        "template_substitution",
        "unary_expression",
        "variable_declarator",
        "if_statement",
        "switch_statement",
    }
)
_IN_ORDER = frozenset(
    {"arguments", "array", "object", "template_string", "lexical_declaration", "variable_declaration", "pair"}
)


def first_evaluated(source: Source, node: Node, statement: Node) -> bool:
    """Whether `node` is evaluated exactly once whenever `statement` runs, with nothing before it that has an effect."""
    child = node
    while child != statement:
        parent = child.parent
        if parent is None:
            return False
        kind = parent.type
        before = [sibling for sibling in code(parent) if sibling.end_byte <= child.start_byte]
        if kind in _TRANSPARENT or kind in ("member_expression",):
            if kind in ("if_statement", "switch_statement") and before:
                return False
        elif kind in _IN_ORDER or kind in (
            "call_expression",
            "new_expression",
            "subscript_expression",
            "assignment_expression",
        ):
            if any(token.type in ("optional_chain", "?.") for token in parent.children):
                return False
            if before and _may_stop(before[0]):
                return False
            if not all(is_pure(source, sibling) for sibling in before if sibling.type != "type_arguments"):
                return False
        elif kind == "binary_expression":
            operator = parent.child_by_field_name("operator")
            logical = operator is not None and source.text(operator) in ("&&", "||", "??")
            if before and (logical or not is_pure(source, before[0])):
                return False
        elif kind == "ternary_expression":
            if before:
                return False
        elif kind == "for_in_statement":
            if child != parent.child_by_field_name("right"):
                return False
        else:
            return False
        child = parent
    return True


def _may_stop(node: Node | None) -> bool:
    """Whether what follows in a chain is left out where an object is missing: `a?.b` in front of `.c(x)`."""
    while node is not None and node.type in ("member_expression", "subscript_expression", "call_expression"):
        if any(token.type in ("optional_chain", "?.") for token in node.children):
            return True
        node = node.named_child(0)
    return False


_PURE_LEAVES = frozenset(
    {
        "identifier",
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier",
        "this",
        "super",
        "string",
        "number",
        "true",
        "false",
        "null",
        "undefined",
        "regex",
        "string_fragment",
        "escape_sequence",
        "function_expression",
        "arrow_function",
        "object_pattern",
        "array_pattern",
    }
)
_PURE_TREES = frozenset(
    {
        "member_expression",
        "subscript_expression",
        "array",
        "object",
        "pair",
        "template_string",
        "template_substitution",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "binary_expression",
        "ternary_expression",
        "spread_element",
        "lexical_declaration",
        "variable_declarator",
        "optional_chain",
        "computed_property_name",
    }
)


def is_pure(source: Source, node: Node) -> bool:
    """Whether evaluating the expression cannot have an effect (getters are taken to have none)."""
    if node.type in _PURE_LEAVES or node.type.endswith(("_type", "type_identifier", "type_annotation")):
        return True
    return node.type in _PURE_TREES and all(is_pure(source, child) for child in code(node))


def suspends(node: Node) -> bool:
    """Whether the expression itself awaits or yields, functions in it not counted."""
    if node.type in ("await_expression", "yield_expression"):
        return True
    return node.type not in FUNCTIONS and any(suspends(child) for child in node.named_children)
