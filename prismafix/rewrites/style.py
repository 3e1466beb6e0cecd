"""How the author of a file writes, so that what is inserted looks like the rest."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.source import HasRead, Source, code, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tree_sitter import Node

_TERMINATED = frozenset(
    {
        "expression_statement",
        "lexical_declaration",
        "variable_declaration",
        "return_statement",
        "import_statement",
        "throw_statement",
        "type_alias_declaration",
    }
)
_LISTS = frozenset(
    {"object", "array", "arguments", "named_imports", "export_clause", "object_pattern", "formal_parameters"}
)
_SOURCE_SUFFIX = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)$")
_WIDTHS = (80, 100, 120)


@dataclass(frozen=True, slots=True)
class Style:
    """Habits of a file. `indent` is one level (spaces or a tab), `newline` `\\n` or `\\r\\n`, `width` in columns;
    `width_is_set` when the project's configuration says it and it is no guess.

    `trailing_commas` is about lists over several lines; `arrow_parens` about `(x) => …` against `x => …`; `extension`
    is what the specifiers of project files end in: "", `.js`, `.ts` ….
    """

    quote: str = '"'
    semicolons: bool = True
    indent: str = "  "
    newline: str = "\n"
    trailing_commas: bool = True
    arrow_parens: bool = True
    width: int = 80
    width_is_set: bool = False
    extension: str = ""

    @property
    def end(self) -> str:
        """What a statement ends with."""
        return ";" if self.semicolons else ""

    def string(self, text: str) -> str:
        """`text` as a string literal; `text` holds no quotes."""
        return f"{self.quote}{text}{self.quote}"

    def lines(self, text: str) -> bytes:
        """Text with `\\n` and two-space levels at the start of lines, as bytes with the file's newline and
        indentation.
        """
        out = []
        for line in text.split("\n"):
            body = line.lstrip(" ")
            levels, rest = divmod(len(line) - len(body), 2)
            out.append(self.indent * levels + " " * rest + body)
        return self.newline.join(out).encode()


def style_of(source: Source, neighbours: Iterable[Source] = (), files: HasRead | None = None) -> Style:
    """The style of `source`; for a habit that the file does not show, that of the neighbours, else prettier's
    configuration (read through `files`, nearest folder first), else prettier's defaults.
    """
    sources: list[Source] = [source, *neighbours]
    options = prettier_options(source.path, files) if files is not None else {}

    def habit(votes: Callable[[Source], Counter[str]], default: str) -> str:
        for one in sources:
            counted = votes(one)
            if counted:
                return counted.most_common(1)[0][0]
        return default

    semi_default = "no" if options.get("semi") is False else "yes"
    quote_default = "'" if options.get("singleQuote") is True else '"'
    unit = options.get("tabWidth")
    indent_default = "\t" if options.get("useTabs") is True else " " * (unit if isinstance(unit, int) else 2)
    commas_default = "no" if options.get("trailingComma") == "none" else "yes"
    parens_default = "no" if options.get("arrowParens") == "avoid" else "yes"
    width = options.get("printWidth")
    return Style(
        quote=habit(_quotes, quote_default),
        semicolons=habit(_semicolons, semi_default) == "yes",
        indent=habit(_indents, indent_default),
        newline=habit(_newlines, "\n"),
        trailing_commas=habit(_trailing_commas, commas_default) == "yes",
        arrow_parens=habit(_arrow_parens, parens_default) == "yes",
        width=width if isinstance(width, int) else _width(sources),
        width_is_set=isinstance(width, int),
        extension=habit(_extensions, ""),
    )


def prettier_options(path: str, files: HasRead) -> dict[str, object]:
    """The options of the nearest `.prettierrc`, `.prettierrc.json` or `package.json` that has any; {} when none
    can be read.
    """
    folder = path.rpartition("/")[0]
    while True:
        prefix = f"{folder}/" if folder else ""
        for name in (".prettierrc", ".prettierrc.json", "package.json"):
            try:
                parsed = json.loads(files.read(prefix + name))
            except (OSError, ValueError, KeyError):
                continue
            options = parsed.get("prettier") if name == "package.json" and isinstance(parsed, dict) else parsed
            if isinstance(options, dict):
                return options
        if not folder:
            return {}
        folder = folder.rpartition("/")[0]


def project_imports(source: Source) -> list[tuple[Node, str]]:
    """(string node, specifier) of every static import, re-export and `require` of the file, packages included."""
    found = []
    for node in walk(source.root):
        literal: Node | None = None
        if node.type in ("import_statement", "export_statement"):
            literal = node.child_by_field_name("source")
        elif node.type == "call_expression":
            function = node.child_by_field_name("function")
            arguments = node.child_by_field_name("arguments")
            if function is not None and arguments is not None and source.text(function) in ("require", "import"):
                values = code(arguments)
                literal = values[0] if len(values) == 1 and values[0].type == "string" else None
        if literal is not None:
            found.append((literal, source.text(literal)[1:-1]))
    return found


def kind_of_specifier(specifier: str) -> str:
    """`relative`, `node`, `alias` (as `@/`, `~/`, `#x`) or `package`."""
    if specifier.startswith("."):
        return "relative"
    if specifier.startswith("node:"):
        return "node"
    if specifier.startswith(("@/", "~", "#", "$")):
        return "alias"
    return "package"


def _quotes(source: Source) -> Counter[str]:
    imports = Counter(source.text(node)[0] for node, _ in project_imports(source))
    if imports:
        return imports
    return Counter(
        source.text(node)[0]
        for node in walk(source.root)
        if node.type == "string" and (node.parent is None or node.parent.type != "jsx_attribute")
    )


def _semicolons(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in walk(source.root):
        if node.type in _TERMINATED and node.parent is not None and node.parent.type in ("program", "statement_block"):
            votes["yes" if source.data[node.end_byte - 1 : node.end_byte] == b";" else "no"] += 1
    return votes


def _indents(source: Source) -> Counter[str]:
    units: Counter[str] = Counter()
    for node in walk(source.root):
        if node.type in ("statement_block", "class_body", "object") and node.parent is not None:
            first = node.named_children[0] if node.named_children else None
            if first is None or first.start_point[0] == node.start_point[0] or not source.starts_line(first.start_byte):
                continue
            outer, inner = source.indent(node.start_byte), source.indent(first.start_byte)
            if inner.startswith(outer) and inner != outer:
                units[inner[len(outer) :]] += 1
    return units


def _newlines(source: Source) -> Counter[str]:
    crlf = source.data.count(b"\r\n")
    lf = source.data.count(b"\n") - crlf
    return +Counter({"\r\n": crlf, "\n": lf})


def _trailing_commas(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in walk(source.root):
        if node.type in _LISTS and node.named_child_count and node.start_point[0] != node.end_point[0]:
            last = node.children[-2] if len(node.children) > 2 else None
            if last is None or last.end_point[0] == node.end_point[0]:
                continue
            votes["yes" if last.type == "," else "no"] += 1
    return votes


def _arrow_parens(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in walk(source.root):
        if node.type != "arrow_function":
            continue
        if node.child_by_field_name("parameter") is not None:
            votes["no"] += 1
        else:
            parameters = node.child_by_field_name("parameters")
            only = code(parameters) if parameters is not None else []
            if len(only) == 1 and source.text(only[0]).isidentifier():
                votes["yes"] += 1
    return votes


def _extensions(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for _, specifier in project_imports(source):
        if specifier.startswith("."):
            suffix = _SOURCE_SUFFIX.search(specifier)
            votes[suffix[0] if suffix else ""] += 1
    return votes


def _width(sources: Sequence[Source]) -> int:
    """The smallest usual width that nearly all code lines of the first file keep to; 80 for short files."""
    lengths = sorted(len(line.decode("utf-8", "replace").rstrip()) for line in sources[0].data.splitlines())
    if not lengths:
        return _WIDTHS[0]
    usual = lengths[min(len(lengths) - 1, len(lengths) * 97 // 100)]
    return next((width for width in _WIDTHS if usual <= width), _WIDTHS[-1])
