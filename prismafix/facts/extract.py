"""From the bytes of one file to `ModuleFacts`."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from prismafix.facts.lower import CLASS_TYPES, FUNCTION_TYPES, Lowering
from prismafix.facts.model import Binding, Export, Import, ModuleFacts, Root, Suppression, TypeShape
from prismafix.facts.patterns import pattern_names
from prismafix.facts.regions import Regions
from prismafix.facts.suppressions import suppression_in
from prismafix.syntax import queries
from prismafix.syntax.dialect import DIALECTS
from prismafix.syntax.parsing import error_spans, parse

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

    from prismafix.syntax.dialect import Dialect

SCOPE_CAPTURES = frozenset(("function", "class", "block", "loop", "if", "try", "case"))
STATEMENT_CAPTURES = frozenset(
    (
        "import",
        "export",
        "declarator",
        "statement",
        "return",
        "throw",
        "switch",
        "arrow-body",
        "interface",
        "alias",
        "enum",
        "enum-value",
        "namespace",
        "import-alias",
        "decorator",
        "comment",
    )
)
_TYPE_STAR = re.compile(rb"export\s+type\s*\*")
_LINE_END = re.compile(rb"\n")


def extract(data: bytes, suffix: str) -> ModuleFacts:
    """The facts of one file. `data` is UTF-8, with or without a byte order mark; `suffix` is that of its name, such
    as `.ts`.

    Raises UnicodeDecodeError when it is not UTF-8 and RecursionError when its expressions are nested too deeply.
    """
    data.decode("utf-8")
    dialect = DIALECTS[suffix]
    return _Extraction(data, parse(data, dialect), dialect).run()


class _Extraction:
    """One file in the making: the lists that `ModuleFacts` will hold."""

    def __init__(self, data: bytes, tree: Tree, dialect: Dialect) -> None:
        self.data = data
        self.tree = tree
        query = queries.load("scopes", dialect, SCOPE_CAPTURES | STATEMENT_CAPTURES, also="statements")
        regions = self.statements = queries.captures(query, tree.root_node)  # no capture is in both
        self.function_nodes = _in_order(regions.get("function", []))
        self.class_nodes = _in_order(regions.get("class", []))
        self.lowering = Lowering(
            data,
            {(n.start_byte, n.end_byte): i for i, n in enumerate(self.function_nodes)},
            {(n.start_byte, n.end_byte): i for i, n in enumerate(self.class_nodes)},
        )
        self.regions = Regions(len(data), regions, self.function_nodes)
        self.roots: list[Root] = []
        self.bindings: list[Binding] = []
        self.imports: list[Import] = []
        self.exports: list[Export] = []
        self._names: dict[int, list[str]] = {}  # of a declared pattern, by its start
        self.defaults: dict[int, int] = {}  # start of a name in a pattern to the root that stands in for it

    def run(self) -> ModuleFacts:
        from prismafix.facts.definitions import classes, enums, functions, type_shapes

        for node in self.statements.get("import", []):
            self._import(node)
        for node in self.statements.get("declarator", []):
            self._declarator(node)
        self._heads()
        for capture, role in (("statement", "statement"), ("return", "return"), ("throw", "throw")):
            for node in self.statements.get(capture, []):
                self._statement(node, role)
        for node in self.statements.get("arrow-body", []):
            if node.type != "statement_block":
                self.root(node, "return")
        for node in self.statements.get("decorator", []):
            self._decorator(node)
        for node in self.statements.get("import-alias", []):
            self._import_alias(node)
        shapes = type_shapes(self)
        function_list = functions(self)
        class_list = classes(self)
        enums(self)
        for node in self.statements.get("export", []):
            self._export(node)
        self._commonjs_exports()
        return self._facts(function_list, class_list, shapes)

    def _facts(self, function_list: list, class_list: list, shapes: list[TypeShape]) -> ModuleFacts:  # type: ignore[type-arg]
        from dataclasses import replace

        lowering = self.lowering
        named = tuple(replace(f, name=f.name or lowering.function_names.get(f.index, "")) for f in function_list)
        named_classes = tuple(replace(c, name=c.name or lowering.class_names.get(c.index, "")) for c in class_list)
        return ModuleFacts(
            size=len(self.data),
            imports=tuple(self.imports),
            exports=tuple(self.exports),
            bindings=tuple(self.bindings),
            scopes=self.regions.scopes(self.bindings),
            functions=named,
            classes=named_classes,
            roots=tuple(self.roots),
            directives=self._directives(),
            suppressions=self._suppressions(),
            errors=tuple(error_spans(self.tree)),
            line_starts=_line_starts(self.data),
            interfaces=tuple(shapes),
        )

    def text(self, node: Node | None) -> str:
        """The source of a node; "" for None."""
        return self.lowering.text(node) if node is not None else ""

    def type_text(self, node: Node | None) -> str:
        """The text of a type annotation without its colon."""
        return self.text(node).removeprefix(":").strip()

    def root(
        self, node: Node, role: str, statement: Node | None = None, hint: str = "", scope: int | None = None
    ) -> int:
        """Lower a maximal expression; the index of its root. `scope`: where it is evaluated, if that is not where it
        stands."""
        expr = self.lowering.lower(node, hint)
        span = statement or node
        if scope is None:
            scope = self.regions.around(span.start_byte)
        self.roots.append(
            Root(
                expr,
                role,
                span.start_byte,
                span.end_byte,
                scope,
                self.regions.function_of(scope),
                expr.kind == "await",
            )
        )
        return len(self.roots) - 1

    def bind(self, name: str, kind: str, start: int, scope: int, **more: object) -> None:
        """Declare a name in a scope."""
        default = self.defaults.get(start, -1)
        self.bindings.append(Binding(name, kind, scope, start, default=default, **more))  # type: ignore[arg-type]

    def computed(self, key: Node, scope: int | None = None) -> None:
        """Make a root of the expression in a computed key."""
        for child in key.named_children:
            if child.type != "comment":
                self.root(child, "other", scope=scope)

    def _decorator(self, node: Node) -> None:
        if not node.named_children:
            return
        of_parameter = node.parent is not None and node.parent.type in ("required_parameter", "optional_parameter")
        scope = self.regions.outside(self.regions.at(node.start_byte)) if of_parameter else None
        self.root(node.named_children[0], "decorator", scope=scope)

    def _import_alias(self, node: Node) -> None:
        """`import Decimal = Prisma.Decimal`."""
        parts = [child for child in node.named_children if child.type != "comment"]
        if len(parts) == 2:
            scope = self.regions.at(node.start_byte)
            value = self.root(parts[1], "declarator", node)
            self.bind(self.text(parts[0]), "const", parts[0].start_byte, scope, value=value)

    def _declarator(self, node: Node) -> None:
        pattern, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if pattern is None:
            return
        keyword = self.data[node.parent.start_byte : node.parent.start_byte + 5] if node.parent else b""
        kind = "const" if keyword == b"const" else "let" if keyword.startswith(b"let") else "var"
        scope = self.regions.at(node.start_byte)
        if kind == "var":
            scope = self.regions.var_scope(scope)
        index = -1
        if value is not None:
            index = self.root(value, "declarator", node, self.text(pattern) if pattern.type == "identifier" else "")
        type_text = self.type_text(node.child_by_field_name("type"))
        names = self._names[pattern.start_byte] = []
        for name, path, start in pattern_names(self, pattern):
            names.append(name)
            self.bind(name, kind, start, scope, value=index, path=path, type_text=type_text)

    def _heads(self) -> None:
        """Conditions and iterated values: the roots of loops, branches and switches, and what loops and `catch`
        declare."""
        for scope, node in self.regions.headed():
            head = -1
            if node.type == "for_in_statement":
                head = self._for_in(scope, node)
            elif node.type in ("switch_case", "switch_default"):
                value = node.child_by_field_name("value")
                if value is not None:
                    head = self.root(value, "condition")
            elif node.type == "catch_clause":
                parameter = node.child_by_field_name("parameter")
                if parameter is not None:
                    for name, path, start in pattern_names(self, parameter):
                        self.bind(name, "catch", start, scope, path=path)
            elif node.type == "for_statement":
                for name in ("condition", "increment"):
                    part = node.child_by_field_name(name)
                    if part is not None and part.type not in ("expression_statement", "empty_statement"):
                        index = self.root(part, "condition")
                        head = index if name == "condition" else head
                initializer = node.child_by_field_name("initializer")
                if initializer is not None and initializer.type not in (
                    "lexical_declaration",
                    "variable_declaration",
                    "expression_statement",
                    "empty_statement",
                ):
                    self.root(initializer, "statement")
            elif node.type in ("if_statement", "while_statement", "do_statement"):
                condition = node.child_by_field_name("condition")
                head = self.regions.shared_head(node)
                if head < 0 and condition is not None:
                    head = self.root(condition, "condition")
                    self.regions.share_head(node, head)
            self.regions.set_head(scope, head)
        for node in self.statements.get("switch", []):
            value = node.child_by_field_name("value")
            if value is not None:
                self.root(value, "condition")

    def _for_in(self, scope: int, node: Node) -> int:
        right, left, kind = (node.child_by_field_name(name) for name in ("right", "left", "kind"))
        if right is None or left is None:
            return -1
        head = self.root(right, "iterated")
        operator = self.text(node.child_by_field_name("operator"))
        self.regions.set_loop(scope, operator, any(child.type == "await" for child in node.children))
        if kind is not None:
            step = "[]" if operator == "of" else "[key]"
            for name, path, start in pattern_names(self, left):
                self.bind(name, self.text(kind), start, scope, value=head, path=(step, *path))
        return head

    def _statement(self, node: Node, role: str) -> None:
        child = first_expression(node)
        if child is None or child.type == "internal_module":  # to the grammar, `namespace A {}` is an expression
            return
        using = _using(child)
        if using is None:
            self.root(child, role, node)
            return
        left, right = using.child_by_field_name("left"), using.child_by_field_name("right")
        if left is not None and right is not None:
            value = self.root(right, "declarator", using, self.text(left))
            self.bind(self.text(left), "const", left.start_byte, self.regions.at(node.start_byte), value=value)

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        start, end = node.start_byte, node.end_byte
        type_only = any(child.type == "type" for child in node.children)
        clauses = [child for child in node.named_children if child.type in ("import_clause", "import_require_clause")]
        module = self.regions.at(node.start_byte)

        def add(imported: str, local: Node | None, form: str, only: bool, specifier: str) -> None:
            name = self.text(local)
            if local is not None:
                self.bind(name, "import", local.start_byte, module, target=len(self.imports))
            self.imports.append(Import(specifier, imported, name, form, only, start, end))

        if clauses and clauses[0].type == "import_require_clause":
            string = clauses[0].child_by_field_name("source")
            local = next((c for c in clauses[0].named_children if c.type == "identifier"), None)
            add("*", local, "import-equals", type_only, self.text(string)[1:-1])
            return
        specifier = self.text(source)[1:-1]
        if not clauses:
            add("", None, "es", False, specifier)
            return
        for child in clauses[0].named_children:
            if child.type == "identifier":
                add("default", child, "es", type_only, specifier)
            elif child.type == "namespace_import":
                add("*", child.named_children[0] if child.named_children else None, "es", type_only, specifier)
            elif child.type == "named_imports":
                for item in child.named_children:
                    if item.type != "import_specifier":
                        continue
                    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                    only = type_only or any(c.type == "type" for c in item.children)
                    imported = self.text(name)
                    add(imported.strip("'\""), alias or name, "es", only, specifier)

    def _export(self, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        source = node.child_by_field_name("source")
        specifier = self.text(source)[1:-1] if source is not None else ""
        # The `type` of `export type * from` is a space to the grammar.
        type_only = any(child.type == "type" for child in node.children) or bool(_TYPE_STAR.match(self.data, start))
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        is_default = any(child.type == "default" for child in node.children)

        of_namespace = node.parent is not None and node.parent.type == "statement_block"

        def add(name: str, local: str = "", root: int = -1, imported: str = "", only: bool = False) -> None:
            if of_namespace:  # a name of the namespace, not of the module
                return
            self.exports.append(Export(name, local, root, specifier, imported, type_only or only, start, end))

        if declaration is not None:
            for name in self._declared(declaration):
                add("default" if is_default else name, name)
            return
        if is_default and value is not None:
            add("default", root=self.root(value, "export-default", node, "default"))
            return
        clause = next((child for child in node.named_children if child.type == "export_clause"), None)
        if clause is not None:
            for item in clause.named_children:
                if item.type != "export_specifier":
                    continue
                name, alias = self.text(item.child_by_field_name("name")), item.child_by_field_name("alias")
                only = any(c.type == "type" for c in item.children)
                exported = self.text(alias) if alias is not None else name
                add(exported.strip("'\""), "" if specifier else name, -1, name if specifier else "", only)
            return
        namespace = next((child for child in node.named_children if child.type == "namespace_export"), None)
        if namespace is not None:
            add(self.text(namespace.named_children[0]), imported="*")
        elif specifier:
            add("*", imported="*")
        elif any(child.type == "=" for child in node.children) and node.named_children:
            add("module.exports", root=self.root(node.named_children[-1], "export-default", node))

    def _declared(self, declaration: Node) -> list[str]:
        if declaration.type in ("lexical_declaration", "variable_declaration"):
            names = []
            for child in declaration.named_children:
                pattern = child.child_by_field_name("name") if child.type == "variable_declarator" else None
                if pattern is not None:
                    names += self._names.get(pattern.start_byte, [])
            return names
        if declaration.type == "import_alias":
            return [self.text(declaration.named_children[0])]
        if declaration.type == "ambient_declaration":
            return []
        name = declaration.child_by_field_name("name")
        if name is None and declaration.type in FUNCTION_TYPES | CLASS_TYPES:
            return ["default"]
        return [self.text(name)] if name is not None else []

    def _commonjs_exports(self) -> None:
        """`module.exports = …`, `exports.a = …`, `module.exports.a = …` anywhere at module level."""
        for index, root in enumerate(self.roots):
            if root.function >= 0 or root.role != "statement" or root.expr.kind != "assign":
                continue
            expr = root.expr
            while expr.kind == "assign":  # `exports.a = exports.b = …`
                target = expr.children[0].chain() or ()
                if target == ("module", "exports"):
                    self.exports.append(Export("module.exports", value=index, start=root.start, end=root.end))
                elif target[:-1] in (("exports",), ("module", "exports")):
                    self.exports.append(Export(target[-1], value=index, start=root.start, end=root.end))
                expr = expr.children[1]

    def _directives(self) -> tuple[str, ...]:
        found = []
        for child in self.tree.root_node.named_children:
            if child.type in ("comment", "hash_bang_line"):
                continue
            if child.type != "expression_statement" or child.named_children[0].type != "string":
                break
            found.append(self.text(child.named_children[0])[1:-1])
        return tuple(found)

    def _suppressions(self) -> tuple[Suppression, ...]:
        spans = ((node.start_byte, node.end_byte) for node in self.statements.get("comment", []))
        found = (suppression_in(self.data, start, end) for start, end in spans)
        return tuple(sorted((one for one in found if one is not None), key=lambda s: s.start))


def first_expression(node: Node) -> Node | None:
    """The first named child that is no comment."""
    return next((child for child in node.named_children if child.type != "comment"), None)


def _using(node: Node) -> Node | None:
    """The assignment that the grammar makes of `using a = b` and `await using a = b`; None for anything else."""
    inner = first_expression(node) if node.type == "await_expression" else node
    if inner is None or inner.type != "assignment_expression":
        return None
    return inner if inner.child_count and inner.children[0].type == "using" else None


def _in_order(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


def _line_starts(data: bytes) -> array[int]:
    return array("I", (0, *[found.end() for found in _LINE_END.finditer(data)]))
