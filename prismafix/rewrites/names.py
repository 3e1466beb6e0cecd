"""Which declaration a name means, on the tree of one file: JavaScript's scopes, with `var` and functions hoisted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.source import FUNCTIONS, Source, ancestors, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_SCOPES = FUNCTIONS | {
    "program",
    "statement_block",
    "for_statement",
    "for_in_statement",
    "catch_clause",
    "class_static_block",
    "switch_body",
    "class_declaration",
    "class",
    "internal_module",
    "module",
}
_USES = frozenset({"identifier", "shorthand_property_identifier", "type_identifier"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A name and where it is bound. `node` is the name's own node, `holder` what declares it (a
    `variable_declarator`, a function, a class, an import specifier or clause, a parameter …), `scope` the node of the
    scope.
    """

    name: str
    node: Node
    holder: Node
    scope: Node


def resolve(source: Source, node: Node, name: str | None = None) -> Declared | None:
    """What the name at `node` means (or what `name` would mean there); None for a global."""
    wanted = name if name is not None else source.text(node)
    for scope in ancestors(node):
        if scope.type in _SCOPES:
            names = source.scopes.get(scope.id)
            if names is None:
                names = source.scopes[scope.id] = {}
                for declared in declarations(source, scope):
                    names.setdefault(declared.name, declared)
            found: Declared | None = names.get(wanted)
            if found is not None:
                return found
    return None


def uses(source: Source, declared: Declared) -> Iterator[Node]:
    """Every mention of the declaration but the declaring one: values, types, JSX, shorthands and export specifiers."""
    for node in walk(declared.scope):
        if node.type in _USES and node != declared.node and is_use(node) and source.text(node) == declared.name:
            found = resolve(source, node)
            if found is not None and found.node == declared.node:
                yield node


def is_use(node: Node) -> bool:
    """Whether an identifier node reads or writes a name, and does not declare one or name an import or a label."""
    parent = node.parent
    if parent is None or node.type not in _USES:
        return False
    if parent.type in (
        "import_specifier",
        "import_clause",
        "namespace_import",
        "namespace_export",
        "import_require_clause",
    ):
        return False
    if parent.type == "export_specifier":
        name = parent.child_by_field_name("name")
        statement = parent.parent.parent if parent.parent else None
        return node == name and (statement is None or statement.child_by_field_name("source") is None)
    if parent.type in ("required_parameter", "optional_parameter"):
        return node != parent.child_by_field_name("pattern")
    if parent.type == "variable_declarator":
        return node != parent.child_by_field_name("name")
    return not any(node == bound for bound, _ in _bound_in(parent))


def free_names(source: Source, node: Node) -> list[Node]:
    """The identifiers in `node` that mean something declared outside of it (or a global), in document order."""
    found = []
    for child in walk(node):
        if child.type in _USES and is_use(child):
            declared = resolve(source, child)
            if declared is None or not (node.start_byte <= declared.node.start_byte < node.end_byte):
                found.append(child)
    return found


def declarations(source: Source, scope: Node) -> Iterator[Declared]:
    """The names that a scope binds, hoisted `var`s and functions included."""
    if scope.type in FUNCTIONS:
        for node in _parameters(scope):
            for name in _pattern_names(node):
                yield Declared(source.text(name), name, node, scope)
        body = scope.child_by_field_name("body")
        if body is not None:
            for name, holder in _vars(body):
                yield Declared(source.text(name), name, holder, scope)
        own = scope.child_by_field_name("name")
        if own is not None and scope.type in ("function_expression", "generator_function"):
            yield Declared(source.text(own), own, scope, scope)
        return
    if scope.type == "catch_clause":
        parameter = scope.child_by_field_name("parameter")
        if parameter is not None:
            for name in _pattern_names(parameter):
                yield Declared(source.text(name), name, scope, scope)
        return
    if scope.type in ("class_declaration", "class"):
        own = scope.child_by_field_name("name")
        if own is not None and scope.type == "class":
            yield Declared(source.text(own), own, scope, scope)
        return
    for child in _statements(scope):
        for name, holder in _bound_in(child):
            yield Declared(source.text(name), name, holder, scope)
    if scope.type == "program":
        for name, holder in _vars(scope):
            yield Declared(source.text(name), name, holder, scope)


def _statements(scope: Node) -> Iterator[Node]:
    nodes = list(scope.named_children)
    if scope.type == "switch_body":
        nodes = [child for case in nodes for child in case.named_children]
    if scope.type in ("internal_module", "module"):
        return
    for node in nodes:
        if node.type in ("export_statement", "ambient_declaration"):
            yield from node.named_children
        elif scope.type in ("for_statement", "for_in_statement") and node == scope.child_by_field_name("body"):
            continue
        else:
            yield node
    if scope.type == "for_in_statement":
        yield scope


def _bound_in(node: Node) -> Iterator[tuple[Node, Node]]:
    """(name, holder) of what a statement or declaration binds in its own scope."""
    kind = node.type
    if kind in ("lexical_declaration", "variable_declaration"):
        for declarator in node.named_children:
            name = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
            if name is not None:
                for bound in _pattern_names(name):
                    yield bound, declarator
    elif kind == "for_in_statement":
        left = node.child_by_field_name("left")
        if left is not None and node.child_by_field_name("kind") is not None:
            for bound in _pattern_names(left):
                yield bound, node
    elif kind in (
        "function_declaration",
        "generator_function_declaration",
        "function_signature",
        "class_declaration",
        "abstract_class_declaration",
        "enum_declaration",
        "interface_declaration",
        "type_alias_declaration",
        "internal_module",
        "module",
    ):
        name = node.child_by_field_name("name")
        if name is not None and name.type in ("identifier", "type_identifier"):
            yield name, node
    elif kind == "import_statement":
        yield from _imported(node)
    elif kind == "expression_statement" and node.named_children and node.named_children[0].type == "internal_module":
        yield from _bound_in(node.named_children[0])


def _imported(statement: Node) -> Iterator[tuple[Node, Node]]:
    for node in walk(statement):
        if node.type == "import_specifier":
            local = node.child_by_field_name("alias") or node.child_by_field_name("name")
            if local is not None:
                yield local, node
        elif node.type in ("import_clause", "namespace_import", "import_require_clause"):
            for child in node.named_children:
                if child.type == "identifier":
                    yield child, node


def _parameters(function: Node) -> Iterator[Node]:
    single = function.child_by_field_name("parameter")
    if single is not None:
        yield single
    parameters = function.child_by_field_name("parameters")
    if parameters is not None:
        for node in parameters.named_children:
            pattern = node.child_by_field_name("pattern")
            if pattern is not None:
                yield pattern


def _pattern_names(pattern: Node) -> Iterator[Node]:
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield pattern
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        left = pattern.child_by_field_name("left")
        if left is not None:
            yield from _pattern_names(left)
    elif pattern.type == "pair_pattern":
        value = pattern.child_by_field_name("value")
        if value is not None:
            yield from _pattern_names(value)
    elif pattern.type in ("object_pattern", "array_pattern", "rest_pattern"):
        for child in pattern.named_children:
            yield from _pattern_names(child)


def _vars(node: Node) -> Iterator[tuple[Node, Node]]:
    """`var` declarations below `node` that hoist to its function, nested blocks included."""
    stack = list(node.named_children)
    while stack:
        child = stack.pop(0)
        if child.type in FUNCTIONS or child.type in ("class", "class_declaration", "ambient_declaration"):
            continue
        if child.type == "variable_declaration":
            yield from _bound_in(child)
        stack[:0] = child.named_children
