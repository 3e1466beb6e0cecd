"""How the author of a file writes, so that what is inserted looks like the rest."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.source import HasRead, Source, code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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
_BRACED = frozenset({"statement_block", "class_body", "object"})
_IMPORTING = frozenset({"import_statement", "export_statement", "call_expression"})
_ARROWS = frozenset({"arrow_function"})
_STRINGS = frozenset({"string"})
_SOURCE_SUFFIX = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)$")
_WIDTHS = (80, 100, 120)
_PRETTIER = (
    ".prettierrc",
    *(f".prettierrc.{suffix}" for suffix in ("json", "yaml", "yml", "json5", "js", "mjs", "cjs", "ts", "toml")),
    *(f"prettier.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts")),
    "package.json",
)
_OPTION = re.compile(
    r"""\b(printWidth|tabWidth|semi|singleQuote|useTabs|trailingComma|arrowParens)["']?\s*[:=]\s*"""
    r"""(\d+|true|false|["']?\w+["']?)"""
)
_ELSEWHERE = re.compile(r"\.\.\.|\brequire\(|\bimport\s+(?!type\b)[\w{*]")
_UNBREAKABLE = re.compile(rb"""["'`]|//|^\s*/?\*|^\s*<|/>?\s*$""")


@dataclass(frozen=True, slots=True)
class Style:
    """Habits of a file. `indent` is one level (spaces or a tab), `newline` `\\n` or `\\r\\n`, `width` in columns;
    `width_is_set` when the project's configuration says it and it is no guess.

    `trailing_commas` is about lists over several lines, `argument_commas` about arguments and parameters alone;
    `arrow_parens` about `(x) => …` against `x => …`; `extension` is what the specifiers of project files end in: "",
    `.js`, `.ts` ….
    """

    quote: str = '"'
    semicolons: bool = True
    indent: str = "  "
    newline: str = "\n"
    trailing_commas: bool = True
    argument_commas: bool = True
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
            counted = one.known.get(votes.__name__)
            if counted is None:
                counted = one.known[votes.__name__] = votes(one)
            if counted:
                return counted.most_common(1)[0][0]
        return default

    semi_default = "no" if options.get("semi") is False else "yes"
    quote_default = "'" if options.get("singleQuote") is True else '"'
    unit = options.get("tabWidth")
    indent_default = "\t" if options.get("useTabs") is True else " " * (unit if isinstance(unit, int) else 2)
    commas_default = "no" if options.get("trailingComma") == "none" else "yes"
    arguments_default = "yes" if options.get("trailingComma", "all") == "all" else "no"
    parens_default = "no" if options.get("arrowParens") == "avoid" else "yes"
    width = options.get("printWidth")
    return Style(
        quote=habit(_quotes, quote_default),
        semicolons=habit(_semicolons, semi_default) == "yes",
        indent=habit(_indents, indent_default),
        newline=habit(_newlines, "\n"),
        trailing_commas=habit(_trailing_commas, commas_default) == "yes",
        argument_commas=habit(_argument_commas, arguments_default) == "yes",
        arrow_parens=habit(_arrow_parens, parens_default) == "yes",
        width=width if isinstance(width, int) else _width(sources),
        width_is_set=isinstance(width, int),
        extension=habit(_extensions, ""),
    )


def prettier_options(path: str, files: HasRead) -> dict[str, object]:
    """The options of the nearest configuration of prettier that can be read; {} when there is none.

    A file of another form than JSON is not evaluated: options that stand in it as plain values are taken. `printWidth`
    is prettier's default where the file does not say it and takes nothing from elsewhere.
    """
    folder = path.rpartition("/")[0]
    while True:
        prefix = f"{folder}/" if folder else ""
        for name in _PRETTIER:
            try:
                data = files.read(prefix + name)
            except (OSError, ValueError, KeyError):
                continue
            options = _options(name, data.decode("utf-8", "replace"))
            if options is not None:
                return options
        if not folder:
            return {}
        folder = folder.rpartition("/")[0]


def _options(name: str, text: str) -> dict[str, object] | None:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if name == "package.json":
        options = parsed.get("prettier") if isinstance(parsed, dict) else None
        return None if options is None else {"printWidth": 80, **options} if isinstance(options, dict) else {}
    if isinstance(parsed, dict):
        return {"printWidth": 80, **parsed}
    written = re.sub(r"/\*[\s\S]*?\*/|//.*|^\s*#.*", "", text, flags=re.MULTILINE)
    found: dict[str, object] = {} if _ELSEWHERE.search(written) else {"printWidth": 80}
    for option, value in _OPTION.findall(written):
        found[option] = int(value) if value.isdigit() else {"true": True, "false": False}.get(value, value.strip("\"'"))
    return found


def project_imports(source: Source) -> list[tuple[Node, str]]:
    """(string node, specifier) of every static import, re-export and `require` of the file, packages included."""
    found: list[tuple[Node, str]] | None = source.known.get("project_imports")
    if found is None:
        found = source.known["project_imports"] = list(_imports(source))
    return found


def _imports(source: Source) -> Iterator[tuple[Node, str]]:
    for node in source.nodes(_IMPORTING):
        literal: Node | None = None
        if node.type != "call_expression":
            literal = node.child_by_field_name("source")
        else:
            function = node.child_by_field_name("function")
            arguments = node.child_by_field_name("arguments")
            if function is not None and arguments is not None and source.text(function) in ("require", "import"):
                values = code(arguments)
                literal = values[0] if len(values) == 1 and values[0].type == "string" else None
        if literal is not None:
            yield literal, source.text(literal)[1:-1]


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
        for node in source.nodes(_STRINGS)
        if node.parent is None or node.parent.type != "jsx_attribute"
    )


def _semicolons(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in source.nodes(_TERMINATED):
        if node.parent is not None and node.parent.type in ("program", "statement_block"):
            votes["yes" if source.data[node.end_byte - 1 : node.end_byte] == b";" else "no"] += 1
    return votes


def _indents(source: Source) -> Counter[str]:
    units: Counter[str] = Counter()
    for node in source.nodes(_BRACED):
        if node.parent is not None:
            first = node.named_children[0] if node.named_children else None
            if first is None or first.start_point[0] == node.start_point[0] or not source.starts_line(first.start_byte):
                continue
            outer, inner = source.indent(node.start_byte), source.indent(first.start_byte)
            if inner.startswith(outer) and inner != outer:
                units[inner[len(outer) :]] += 1
    return units or _continuations(source)


def _continuations(source: Source) -> Counter[str]:
    """The white space of statements that go on in the next line, for files without a block."""
    units: Counter[str] = Counter()
    for node in source.root.named_children:
        if node.type != "comment" and node.end_point[0] > node.start_point[0]:
            at = source.line_end(node.start_byte)
            if at not in source.fixed_lines(node.start_byte, node.end_byte) and source.indent(at):
                units[source.indent(at)] += 1
    return units


def _newlines(source: Source) -> Counter[str]:
    crlf = source.data.count(b"\r\n")
    lf = source.data.count(b"\n") - crlf
    return +Counter({"\r\n": crlf, "\n": lf})


def _trailing_commas(source: Source, kinds: frozenset[str] = _LISTS) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in source.nodes(kinds):
        if node.named_child_count and node.start_point[0] != node.end_point[0]:
            last = node.children[-2] if len(node.children) > 2 else None
            if last is None or last.end_point[0] == node.end_point[0]:
                continue
            votes["yes" if last.type == "," else "no"] += 1
    return votes


def _argument_commas(source: Source) -> Counter[str]:
    return _trailing_commas(source, frozenset({"arguments", "formal_parameters"}))


def _arrow_parens(source: Source) -> Counter[str]:
    votes: Counter[str] = Counter()
    for node in source.nodes(_ARROWS):
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
    """The smallest usual width that nearly all code lines keep to; 80 where there are few.

    Lines with a string, a comment or JSX do not count: a formatter leaves those too wide.
    """
    lengths = sorted(
        len(line.decode("utf-8", "replace").rstrip().expandtabs(2))
        for source in sources
        for line in source.data.splitlines()
        if not _UNBREAKABLE.search(line)
    )
    if not lengths:
        return _WIDTHS[0]
    usual = lengths[min(len(lengths) - 1, len(lengths) * 99 // 100)]
    return next((width for width in _WIDTHS if usual <= width), _WIDTHS[-1])
