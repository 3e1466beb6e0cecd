"""One Prisma schema: text in, datasource, generators and models out. Line based, and forgiving: what cannot be read is
named.

The language: https://www.prisma.io/docs/orm/reference/prisma-schema-reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.workspace.model import Generator, Model, ModelField, Problem, Schema
from prismafix.workspace.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT_PROVIDERS = ("prisma-client-js", "prisma-client")
"""The generators that make a JavaScript client (FACTS.md)."""

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|[(){}\[\]]|\n', re.DOTALL)
_BLOCK = re.compile(r"(model|view|type|enum|generator|datasource)\s+([A-Za-z_]\w*)$")
_FIELD = re.compile(
    r"([A-Za-z_]\w*)\s*:?\s+([A-Za-z_]\w*)\s*(\(\s*\"(?:\\.|[^\"\\])*\"\s*\))?\s*(\[\])?\s*([?!])?\s*(@.*)?$", re.DOTALL
)
_SETTING = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.+)$", re.DOTALL)
_STRING = re.compile(r'"((?:\\.|[^"\\])*)"')
_ENV = re.compile(r'env\(\s*"([^"]+)"\s*\)$')
_NATIVE = re.compile(r"(?<!@)@[A-Za-z_]\w*\.([A-Za-z]\w*)")
_UNIQUE_SET = re.compile(
    r"@@(?:id|unique)\s*\(\s*(?:\w+\s*:\s*(?!\[)[^,\[]*,\s*)*(?:fields\s*:\s*)?\[(.*?)\]", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block as written. `lines` are its logical lines: (1-based line number, text without comments)."""

    kind: str
    name: str
    line: int
    lines: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Parsed:
    blocks: list[Block] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_blocks(text: str) -> tuple[list[Block], list[str]]:
    """The blocks of one schema file, and one sentence per thing that is malformed ("line 3: …")."""
    parsed = _Parsed()
    kind, name, start = "", "", 0
    inside = False
    lines: list[tuple[int, str]] = []
    for event, line, content in _logical_lines(text, parsed.problems):
        if event == "line" and inside:
            lines.append((line, content))
        elif event == "line":
            parsed.problems.append(f"line {line}: `{_short(content)}` belongs to no block")
        elif event == "close" and inside:
            parsed.blocks.append(Block(kind, name, start, tuple(lines)))
            inside = False
        elif event == "close":
            parsed.problems.append(f"line {line}: a closing brace without a block")
        else:
            if inside:
                parsed.problems.append(f"line {start}: the block `{kind} {name}` has no closing brace")
                parsed.blocks.append(Block(kind, name, start, tuple(lines)))
            header = _BLOCK.match(content)
            if header is None:
                parsed.problems.append(f"line {line}: `{_short(content)}` is no block that Prisma knows")
            kind, name = (header[1], header[2]) if header else ("", "")
            inside, start, lines = True, line, []
    if inside:
        parsed.problems.append(f"line {start}: the block `{kind} {name}` has no closing brace")
        parsed.blocks.append(Block(kind, name, start, tuple(lines)))
    return parsed.blocks, parsed.problems


def _logical_lines(text: str, problems: list[str]) -> Iterator[tuple[str, int, str]]:
    """("line" | "open" | "close", 1-based line, text): lines joined over open brackets, comments taken out, strings
    kept."""
    pieces: list[str] = []
    depth, line, started, at = 0, 1, 1, 0

    def flush() -> str:
        content = "".join(pieces).strip()
        pieces.clear()
        return content

    for token in _TOKEN.finditer(text):
        if not pieces or not "".join(pieces).strip():
            started = line
        pieces.append(text[at : token.start()])
        at = token.end()
        mark = token[0]
        if mark[0] == '"':
            pieces.append(mark)
        elif mark[0] == "/":
            line += mark.count("\n")
            pieces.append(" ")
        elif mark in "([":
            depth += 1
            pieces.append(mark)
        elif mark in ")]":
            depth = max(0, depth - 1)
            pieces.append(mark)
        elif mark == "\n":
            if depth == 0:
                content = flush()
                if content:
                    yield "line", started, content
            else:
                pieces.append("\n")
            line += 1
        else:  # a brace: never part of a line outside a string
            if depth:
                problems.append(f"line {started}: a bracket is not closed")
                depth = 0
                *whole, last = flush().splitlines() or [""]
                pieces.append(last)
                yield from (("line", started + index, one.strip()) for index, one in enumerate(whole) if one.strip())
            content = flush()
            if mark == "}" and content:
                yield "line", started, content
            yield ("open" if mark == "{" else "close"), line, "" if mark == "}" else content
    rest = ("".join(pieces) + text[at:]).strip()
    if rest:
        yield "line", line, rest


def _short(text: str) -> str:
    first = (text.splitlines() or ["{"])[0]
    return first if len(first) <= 40 else first[:39] + "…"


def build_schema(files: Sequence[tuple[str, list[Block]]]) -> tuple[Schema, list[Problem], list[str]]:
    """One `Schema` of the blocks of its files, the main file first: the schema, what could not be read, and every
    folder or
    file that any generator writes (relative to the root). A model that an earlier file has is not taken again."""
    problems: list[Problem] = []
    outputs: list[str] = []
    generators: list[Generator] = []
    models: dict[str, Model] = {}
    enums: dict[str, int] = {}
    provider = url_env = None
    for path, blocks in files:
        for block in blocks:
            if block.kind in ("model", "view"):
                model, bad = _model(block)
                problems += [Problem(path, f"{sentence}; the field is left out") for sentence in bad]
                models.setdefault(model.name, model)
            elif block.kind == "enum":
                enums.setdefault(block.name, sum(not line.startswith("@@") for _, line in block.lines))
            elif block.kind == "datasource":
                settings = _settings(block)
                provider = provider or _provider(settings.get("provider", ""))
                url_env = url_env or _env_name(settings.get("url", ""))
            elif block.kind == "generator":
                settings = _settings(block)
                generator = _generator(block.name, settings, parent(path))
                if generator is not None:
                    generators.append(generator)
                outputs += _outputs(settings, generator, parent(path))
    main = files[0][0]
    paths = (main, *sorted(path for path, _ in files[1:]))
    read = Schema(main, paths, provider, url_env, tuple(generators), tuple(models.values()), tuple(enums.items()))
    return read, problems, outputs


def _settings(block: Block) -> dict[str, str]:
    found = (_SETTING.match(content) for _, content in block.lines)
    return {match[1]: match[2].strip() for match in found if match}


def _string(value: str) -> str | None:
    match = _STRING.match(value)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else None


def _env_name(value: str) -> str | None:
    match = _ENV.match(value)
    return match[1] if match else None


def _provider(value: str) -> str | None:
    match = _STRING.search(value) if not value.startswith("env") else None  # a list of providers was allowed in v2
    return {"postgres": "postgresql"}.get(match[1], match[1]) if match else None


def _generator(name: str, settings: dict[str, str], folder: str) -> Generator | None:
    provider = _string(settings.get("provider", ""))
    if provider not in CLIENT_PROVIDERS:
        return None
    output = _string(settings.get("output", ""))
    engine = _string(settings.get("engineType", ""))
    if engine is None and "queryCompiler" in settings.get("previewFeatures", ""):
        engine = "client"  # v6.7 to v6.15 said it this way
    return Generator(
        name, provider, join(folder, output) if output else None, engine, _env_name(settings.get("output", ""))
    )


def _outputs(settings: dict[str, str], generator: Generator | None, folder: str) -> list[str]:
    """What a generator owns. Others than the client's often write into a folder of the user's code: then only what is
    named so."""
    if generator is not None:
        return [generator.output] if generator.output else []
    output = _string(settings.get("output", ""))
    if not output:
        return []
    target = join(folder, output)
    file_name = _string(settings.get("fileName", ""))
    if file_name:
        return [join(target, file_name)]
    named = {"generated", "__generated__", ".generated"} & set(target.split("/"))
    return [target] if named or target.endswith((".ts", ".js")) else []


def _model(block: Block) -> tuple[Model, list[str]]:
    fields: list[ModelField] = []
    unique_sets: list[tuple[str, ...]] = []
    problems: list[str] = []
    for line, content in block.lines:
        if content.startswith("@@"):
            match = _UNIQUE_SET.match(content)
            if match:
                names = re.sub(r"\([^()]*\)", "", match[1])  # `email(length: 20, sort: Desc)`
                unique_sets.append(tuple(name.strip() for name in names.split(",") if name.strip()))
            continue
        match = _FIELD.match(content)
        if match is None:
            problems.append(f"line {line}: `{_short(content)}` in `{block.kind} {block.name}` is no field")
            continue
        attributes = _STRING.sub('""', match[6] or "")
        native = _NATIVE.search(attributes)
        fields.append(
            ModelField(
                name=match[1],
                type=match[2],
                is_list=bool(match[4]),
                is_optional=match[5] == "?",
                is_id=_has(attributes, "id"),
                is_unique=_has(attributes, "unique"),
                native_type=native[1] if native else None,
            )
        )
    return Model(block.name, tuple(fields), tuple(unique_sets)), problems


def _has(attributes: str, name: str) -> bool:
    return re.search(rf"(?<!@)@{name}\b(?!\.)", attributes) is not None
