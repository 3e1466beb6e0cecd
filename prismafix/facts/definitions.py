"""Functions, classes, enums and type shapes of one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.facts.model import Class, Function, Member, Parameter, TypeShape
from prismafix.facts.patterns import pattern_names

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.facts.extract import _Extraction

_KINDS = {
    "function_declaration": "declaration",
    "generator_function_declaration": "declaration",
    "function_expression": "expression",
    "generator_function": "expression",
    "arrow_function": "arrow",
    "method_definition": "method",
}


def functions(extraction: _Extraction) -> list[Function]:
    """All functions by start; binds their names and parameters."""
    owners = _owners(extraction)
    found = []
    for index, node in enumerate(extraction.function_nodes):
        scope = extraction.regions.by_function[index]
        outer = extraction.regions.outside(scope)
        name_node = node.child_by_field_name("name")
        name = extraction.text(name_node)
        kind = _KINDS[node.type]
        tokens = {child.type for child in node.children if not child.is_named}
        if kind == "method":
            kind = "getter" if "get" in tokens else "setter" if "set" in tokens else kind
            kind = "constructor" if name == "constructor" else kind
        elif kind == "declaration":
            extraction.bind(
                name, "function", name_node.start_byte if name_node else node.start_byte, outer, target=index
            )
        elif name and name_node is not None:
            extraction.bind(name, "function", name_node.start_byte, scope, target=index)
        body = node.child_by_field_name("body")
        return_type = extraction.type_text(node.child_by_field_name("return_type"))
        found.append(
            Function(
                index,
                name,
                kind,
                node.start_byte,
                node.end_byte,
                body.start_byte if body is not None else node.end_byte,
                body.end_byte if body is not None else node.end_byte,
                _parameters(extraction, node, index, scope),
                "async" in tokens,
                "*" in tokens,
                node.type == "arrow_function" and body is not None and body.type != "statement_block",
                scope,
                extraction.regions.function_of(outer),
                owners.get((node.start_byte, node.end_byte), (-1, ()))[0],
                return_type,
                owners.get((node.start_byte, node.end_byte), (-1, ()))[1],
                "static" in tokens,
                _type_parameters(extraction, node),
                name.startswith("#") or _is_private(extraction, node),
            )
        )
    return found


def _is_private(extraction: _Extraction, node: Node) -> bool:
    modifiers = [child for child in node.children if child.type == "accessibility_modifier"]
    return any(extraction.text(child) == "private" for child in modifiers)


def _owners(extraction: _Extraction) -> dict[tuple[int, int], tuple[int, tuple[str, ...]]]:
    """Span of a method to (class index, decorators)."""
    owners = {}
    for index, node in enumerate(extraction.class_nodes):
        body = node.child_by_field_name("body")
        decorators: list[str] = []
        for child in body.named_children if body is not None else ():
            if child.type == "decorator":
                decorators.append(extraction.text(child))
                continue
            if child.type == "method_definition":
                owners[child.start_byte, child.end_byte] = (index, tuple(decorators))
            if child.type != "comment":
                decorators = []
    return owners


def _parameters(extraction: _Extraction, node: Node, index: int, scope: int) -> tuple[Parameter, ...]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        name = extraction.text(single)
        extraction.bind(name, "param", single.start_byte, scope, function=index, position=0)
        return (Parameter(name, single.start_byte, single.end_byte, names=(name,)),)
    holder = node.child_by_field_name("parameters")
    found: list[Parameter] = []
    for child in holder.named_children if holder is not None else ():
        if child.type in ("required_parameter", "optional_parameter"):
            found.append(_parameter(extraction, child, index, len(found), scope))
    return tuple(found)


def _parameter(extraction: _Extraction, node: Node, index: int, position: int, scope: int) -> Parameter:
    pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
    type_text = extraction.type_text(node.child_by_field_name("type"))
    default = extraction.root(value, "default") if value is not None else -1
    names = []
    rest = False
    if pattern is not None:
        rest = pattern.type == "rest_pattern"
        inner = pattern.named_children[0] if rest and pattern.named_children else pattern
        for name, path, start in pattern_names(extraction, inner):
            names.append(name)
            extraction.bind(
                name,
                "param",
                start,
                scope,
                value=default,
                path=("...", *path) if rest else path,
                type_text=type_text,
                function=index,
                position=position,
            )
    simple = extraction.text(pattern) if pattern is not None and pattern.type == "identifier" else ""
    decorators = tuple(extraction.text(child) for child in node.named_children if child.type == "decorator")
    return Parameter(
        simple,
        node.start_byte,
        node.end_byte,
        type_text,
        node.type == "optional_parameter" or value is not None,
        rest,
        default,
        tuple(names),
        decorators,
    )


def classes(extraction: _Extraction) -> list[Class]:
    """All classes by start; binds their names."""
    found = []
    for index, node in enumerate(extraction.class_nodes):
        scope = extraction.regions.by_class[node.start_byte, node.end_byte]
        name_node = node.child_by_field_name("name")
        name = extraction.text(name_node)
        if name_node is not None:
            outer = scope if node.type == "class" else extraction.regions.outside(scope)
            extraction.bind(name, "class", name_node.start_byte, outer, target=index)
        extends, implements = _heritage(extraction, node)
        body = node.child_by_field_name("body")
        found.append(
            Class(
                index,
                name,
                node.start_byte,
                node.end_byte,
                extends,
                implements,
                tuple(_members(extraction, body, scope)) if body is not None else (),
                tuple(extraction.text(child) for child in _decorators(node)),
                scope,
                _type_parameters(extraction, node),
            )
        )
    return found


def _type_parameters(extraction: _Extraction, node: Node) -> tuple[tuple[str, str], ...]:
    holder = node.child_by_field_name("type_parameters")
    if holder is None:
        return ()
    found = []
    for child in holder.named_children:
        if child.type == "type_parameter":
            constraint = extraction.text(child.child_by_field_name("constraint"))
            found.append(
                (extraction.text(child.child_by_field_name("name")), constraint.removeprefix("extends").strip())
            )
    return tuple(found)


def _decorators(node: Node) -> list[Node]:
    own = [child for child in node.named_children if child.type == "decorator"]
    parent = node.parent
    if parent is not None and parent.type == "export_statement":
        own += [child for child in parent.named_children if child.type == "decorator"]
    return own


def _heritage(extraction: _Extraction, node: Node) -> tuple[int, tuple[str, ...]]:
    extends, implements = -1, []
    for heritage in node.named_children:
        if heritage.type != "class_heritage":
            continue
        for clause in heritage.named_children:
            if clause.type == "extends_clause":
                value = clause.child_by_field_name("value")
                if value is not None:
                    extends = extraction.root(value, "extends")
            elif clause.type == "implements_clause":
                implements += [extraction.text(child) for child in clause.named_children]
            elif extends < 0:
                extends = extraction.root(clause, "extends")
    return extends, tuple(implements)


def _members(extraction: _Extraction, body: Node, scope: int) -> list[Member]:
    found = []
    for child in body.named_children:
        tokens = {c.type for c in child.children if not c.is_named}
        key = child.child_by_field_name("name")
        if key is not None and key.type == "computed_property_name":
            extraction.computed(key, scope)
        if child.type == "method_definition":
            name = extraction.text(key)
            index = extraction.lowering.functions[child.start_byte, child.end_byte]
            kind = "getter" if "get" in tokens else "setter" if "set" in tokens else "method"
            found.append(Member(name, kind, index, is_static="static" in tokens, start=child.start_byte))
            if name == "constructor":
                found += _parameter_properties(extraction, child)
        elif child.type == "abstract_method_signature":
            found.append(Member(extraction.text(key), "abstract", type_text=_signature(extraction, child)))
        elif child.type == "public_field_definition":
            name = extraction.text(key)
            value = child.child_by_field_name("value")
            root = extraction.root(value, "field", child, name) if value is not None else -1
            type_text = extraction.type_text(child.child_by_field_name("type"))
            function = -1
            if root >= 0 and extraction.roots[root].expr.kind == "function":
                function = extraction.roots[root].expr.function
            found.append(Member(name, "field", function, root, type_text, "static" in tokens, child.start_byte))
    return found


def _parameter_properties(extraction: _Extraction, constructor: Node) -> list[Member]:
    holder = constructor.child_by_field_name("parameters")
    found = []
    for child in holder.named_children if holder is not None else ():
        marked = any(c.type in ("accessibility_modifier", "override_modifier", "readonly") for c in child.children)
        pattern = child.child_by_field_name("pattern")
        if marked and pattern is not None:
            type_text = extraction.type_text(child.child_by_field_name("type"))
            found.append(
                Member(extraction.text(pattern), "parameter-property", type_text=type_text, start=child.start_byte)
            )
    return found


def enums(extraction: _Extraction) -> None:
    """Bind the names of enums and namespaces; the values of enum members are roots."""
    for node in extraction.statements.get("enum", []):
        body = node.parent.child_by_field_name("body") if node.parent is not None else None
        values = [child for child in body.named_children if child.type != "comment"] if body is not None else []
        names = tuple(extraction.text(value.child_by_field_name("name") or value) for value in values)
        scope = extraction.regions.at(node.start_byte)
        extraction.bind(extraction.text(node), "enum", node.start_byte, scope, path=names)
    for node in extraction.statements.get("enum-value", []):
        extraction.root(node, "other")
    for node in extraction.statements.get("namespace", []):
        outer = extraction.regions.outside(extraction.regions.at(node.start_byte))
        extraction.bind(extraction.text(node), "namespace", node.start_byte, outer)


def type_shapes(extraction: _Extraction) -> list[TypeShape]:
    """Interfaces and type aliases of the file."""
    found = []
    for node in extraction.statements.get("interface", []):
        body = node.child_by_field_name("body")
        extends = tuple(
            extraction.text(item)
            for clause in node.named_children
            if clause.type == "extends_type_clause"
            for item in clause.named_children
        )
        members = _type_members(extraction, body)
        name = extraction.text(node.child_by_field_name("name"))
        variables = _type_parameters(extraction, node)
        found.append(TypeShape(name, members, extends, "", node.start_byte, variables))
    for node in extraction.statements.get("alias", []):
        value = node.child_by_field_name("value")
        members = _type_members(extraction, value) if value is not None and value.type == "object_type" else ()
        name = extraction.text(node.child_by_field_name("name"))
        variables = _type_parameters(extraction, node)
        found.append(TypeShape(name, members, (), extraction.text(value), node.start_byte, variables))
    return found


def _type_members(extraction: _Extraction, body: Node | None) -> tuple[tuple[str, str], ...]:
    members = []
    for child in body.named_children if body is not None else ():
        if child.type == "property_signature":
            name = extraction.text(child.child_by_field_name("name"))
            members.append((name, extraction.type_text(child.child_by_field_name("type"))))
        elif child.type == "method_signature":
            name = extraction.text(child.child_by_field_name("name"))
            members.append((name, _signature(extraction, child)))
    return tuple(members)


def _signature(extraction: _Extraction, node: Node) -> str:
    """The type of a method that is only declared, as that of a function."""
    given = extraction.text(node.child_by_field_name("parameters"))
    return f"{given} => {extraction.type_text(node.child_by_field_name('return_type')) or 'any'}"
