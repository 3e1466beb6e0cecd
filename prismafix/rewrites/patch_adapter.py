"""Options of a driver adapter's pool (PF501, PF505), and URLs without the parameters that it ignores."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from prismafix.connection.adapters import ADAPTERS
from prismafix.connection.url import without_parameters
from prismafix.rewrites.edits import apply_edits, breaks, join_edits
from prismafix.rewrites.layout import Page
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.source import Source, code, outermost
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import style_of
from prismafix.rewrites.url_text import changed_in_setting, setting_at, without_in_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prismafix.rules.model import Intent, PatchAdapter, PoolOptions
    from prismafix.workspace.workspace import Workspace

_NUMBERS = frozenset({"number"})
_LONG = re.compile(r"\d{4,}")
_LIMITS = frozenset(one.options["limit"].name for one in ADAPTERS.values() if one.options)
_TIMEOUTS = frozenset(
    option.name for one in ADAPTERS.values() for role, option in one.options.items() if role != "limit"
)
_PROCESS = "process.env."

_MOVED = "the adapter's options are not where they were"


def patch_adapter(action: PatchAdapter, intent: Intent, workspace: Workspace) -> Fix | Refusal:
    """Write the options in the file's style, and take the parameters out.

    Raises FileNotFoundError when a file has gone.
    """
    edits: dict[str, list[Edit]] = defaultdict(list)
    for span in action.urls:
        source = Source.open(span.path, workspace)
        node = source.node_at(span.start, span.end)
        made = without_in_code(source, node, action.names) if node is not None else None
        if made is None:
            return Refusal("the URL is put together in a way that cannot be taken apart: move its parameters by hand")
        edits[span.path] += made
    for span in action.settings:
        setting = setting_at(span, workspace)
        change = partial(without_parameters, names=action.names)
        edit = changed_in_setting(setting, change, workspace) if setting is not None else None
        if edit is None:
            return Refusal(f"the value in {span.path} is not where it was")
        edits[span.path].append(edit)
    for pool in action.pools:
        path = pool.holds.path
        source = Source.open(path, workspace)
        page = Page.of(source, style_of(source, neighbours_of(path, workspace), workspace))
        node = source.node_at(pool.holds.start, pool.holds.end)
        options = None if node is None else _options(page, node, pool, edits[path])
        if options is None:
            return Refusal(_MOVED)
        edits[path] = options
    joined = {path: join_edits(found) for path, found in edits.items() if found}
    for path, found in joined.items():
        if not _is_source(path):
            continue
        if breaks(Source.open(path, workspace), found):
            return Refusal(f"{path} would not parse afterwards")
    return Fix(intent.title, tuple(edit for found in joined.values() for edit in found), intent.doubts)


def _is_source(path: str) -> bool:
    try:
        Source.of(path, b"")
    except KeyError:
        return False
    return True


def _options(page: Page, node: Node, action: PoolOptions, others: list[Edit]) -> list[Edit] | None:
    """The edits that give the options to what holds them, with those of the same file that were made already."""
    source = page.source
    values = [
        (name, _value(page, action, name, value, is_first=n == 0)) for n, (name, value) in enumerate(action.options)
    ]
    if action.holder == "nothing":
        return _in_parentheses(page, node, values, others)
    if action.holder == "url":
        outer = outermost(node)
        inside = [edit for edit in others if outer.start_byte <= edit.start and edit.end <= outer.end_byte]
        text = _edited(source, outer, inside)
        kept = [edit for edit in others if edit not in inside]
        shorthand = text == "connectionString"
        properties = ["connectionString" if shorthand else f"connectionString: {text}", *_properties(page, values)]
        made = _object(page, properties, source.indent(outer.start_byte), source, outer)
        return [*kept, Edit(source.path, outer.start_byte, outer.end_byte, page.encode(made))]
    return _in_object(page, node, values, others) if node.type == "object" else None


def _value(page: Page, action: PoolOptions, name: str, value: int, *, is_first: bool) -> str:
    number = _number(page.source, value)
    if not (is_first and action.variable):
        return number
    return f"Number({_read(page.source, action)} ?? {number})"


def _number(source: Source, value: int) -> str:
    """`20_000` in a file that writes long numbers so, or that has none."""
    written = [source.text(node) for node in source.nodes(_NUMBERS)]
    plain = any(_LONG.fullmatch(text) for text in written) and not any("_" in text for text in written)
    return str(value) if plain else f"{value:_}"


def _read(source: Source, action: PoolOptions) -> str:
    """How the variable is read: as the file reads that of the URL, where this is a way for any other."""
    reader = action.reader
    text = source.slice(reader.start, reader.end) if reader is not None else ""
    for pattern in _READERS:
        found = pattern.fullmatch(text)
        if found is not None:
            return f"{found[1]}{action.variable}{found[2]}"
    return _PROCESS + action.variable


_READERS = (
    re.compile(r"((?:process|Bun)\.env\.)\w+()"),
    re.compile(r"""((?:process|Bun)\.env\[["'])\w+(["']\])""", re.DOTALL),
    re.compile(r"""([\w.]+\.get(?:<[\w\s|]+>)?\(["'])\w+(["']\))""", re.DOTALL),
)


def _properties(page: Page, values: Sequence[tuple[str, str]]) -> list[str]:
    """The options as properties; those in an inner object together in one."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name, text in values:
        outer, dot, inner = name.partition(".")
        grouped[outer].append(f"{inner}: {text}" if dot else text)
    nested = {name.partition(".")[0] for name, _ in values if "." in name}
    return [f"{name}: {{ {', '.join(v)} }}" if name in nested else f"{name}: {v[0]}" for name, v in grouped.items()]


def _in_parentheses(page: Page, node: Node, values: Sequence[tuple[str, str]], others: list[Edit]) -> list[Edit] | None:
    """`new Pool()` or `new Pool` with an object of options."""
    arguments = node.child_by_field_name("arguments")
    if node.type not in ("new_expression", "call_expression") or (arguments is not None and code(arguments)):
        return None
    source = page.source
    start = arguments.start_byte if arguments is not None else node.end_byte
    text = _object(page, _properties(page, values), source.indent(node.start_byte), source, node)
    return [*others, Edit(source.path, start, node.end_byte, page.encode(f"({text})"))]


def _object(page: Page, properties: Sequence[str], indent: str, source: Source, node: Node) -> str:
    """An object on one line where it fits in place of `node`, else over several."""
    flat = f"{{ {', '.join(properties)} }}"
    before = source.slice(source.line_start(node.start_byte), node.start_byte)
    behind = source.slice(node.end_byte, source.line_end(node.end_byte)).rstrip("\r\n")
    if "\n" not in flat and page.fits(before + flat + behind):
        return flat
    deeper = indent + page.style.indent
    lines = ",\n".join(deeper + text for text in properties)
    return f"{{\n{lines}{page.object_comma}\n{indent}}}"


def _edited(source: Source, node: Node, edits: Sequence[Edit]) -> str:
    """The text of a node with edits in it."""
    inside = [Edit(e.path, e.start - node.start_byte, e.end - node.start_byte, e.text) for e in edits]
    return apply_edits(source.data[node.start_byte : node.end_byte], inside).decode().replace("\r\n", "\n")


def _in_object(page: Page, node: Node, values: Sequence[tuple[str, str]], others: list[Edit]) -> list[Edit] | None:
    """Properties behind the last one of an object literal, on lines of their own where it has such or is too wide."""
    source, edits, new = page.source, list(others), list(values)
    for outer in dict.fromkeys(name.partition(".")[0] for name, _ in values if "." in name):
        pair = _pair(source, node, outer)
        held = pair.child_by_field_name("value") if pair is not None else None
        if held is not None and held.type == "object":
            inner = [(name.partition(".")[2], text) for name, text in new if name.startswith(f"{outer}.")]
            edits = _in_object(page, held, inner, edits) or edits
            new = [value for value in new if not value[0].startswith(f"{outer}.")]
    added, members = _properties(page, new), code(node)
    if not added:
        return edits
    if not members:
        text = _object(page, added, source.indent(node.start_byte), source, node)
        return [*edits, Edit(source.path, node.start_byte, node.end_byte, page.encode(text))]
    at = _before_timeouts(source, members, added)
    last = members[at - 1]
    if node.start_point[0] != members[0].start_point[0]:
        return [*edits, *_on_lines(page, node, last, added)]
    inside = [edit for edit in edits if node.start_byte <= edit.start and edit.end <= node.end_byte]
    kept = [edit for edit in edits if edit not in inside]
    texts = [
        _edited(source, m, [e for e in inside if m.start_byte <= e.start and e.end <= m.end_byte]) for m in members
    ]
    if any(child.type == "comment" for child in node.children):
        text = "".join(f", {one}" for one in added)
        return [*edits, Edit(source.path, last.end_byte, last.end_byte, page.encode(text))]
    texts[at:at] = added
    made = _object(page, texts, source.indent(node.start_byte), source, node)
    whole, made = _with_arguments(page, node, texts, made)
    inside = [edit for edit in edits if whole.start_byte <= edit.start and edit.end <= whole.end_byte]
    kept = [edit for edit in edits if edit not in inside]
    return [*kept, Edit(source.path, whole.start_byte, whole.end_byte, page.encode(made))]


def _before_timeouts(source: Source, members: Sequence[Node], added: Sequence[str]) -> int:
    """Behind how many properties the new ones go: a limit alone stands before a timeout, so that it does not matter
    which of both was there first."""
    names = [child.child_by_field_name("key") for child in members]
    late = [n for n, name in enumerate(names) if name is not None and source.text(name) in _TIMEOUTS]
    alone = len(added) == 1 and added[0].partition(":")[0] in _LIMITS
    return late[0] if alone and late and late[0] else len(members)


def _on_lines(page: Page, node: Node, last: Node, added: Sequence[str]) -> list[Edit]:
    """Properties on lines of their own behind the last one, and behind the comment that belongs to it."""
    source, indent = page.source, page.source.indent(last.start_byte)
    behind = [c for c in node.children if c.start_byte >= last.end_byte and c.start_point[0] == last.end_point[0]]
    comment = next((c for c in reversed(behind) if c.type == "comment"), None)
    if comment is None:  # a comma behind the last property, or none, is then behind the last of ours
        text = "".join(f",\n{indent}{one}" for one in added)
        return [Edit(source.path, last.end_byte, last.end_byte, page.encode(text))]
    has_comma = any(c.type == "," for c in behind)
    text = "".join(f"\n{indent}{one}," for one in added)
    comma = [] if has_comma else [Edit(source.path, last.end_byte, last.end_byte, b",")]
    text = text if has_comma else text.removesuffix(",")
    return [*comma, Edit(source.path, comment.end_byte, comment.end_byte, page.encode(text))]


def _with_arguments(page: Page, node: Node, properties: Sequence[str], made: str) -> tuple[Node, str]:
    """An object over several lines in front of other arguments on its line: then each has lines of its own."""
    source, arguments = page.source, node.parent
    others = code(arguments) if arguments is not None and arguments.type == "arguments" else [node]
    one_line = arguments is not None and arguments.start_point[0] == arguments.end_point[0]
    if "\n" not in made or arguments is None or len(others) < 2 or others[0] != node or not one_line:
        return node, made
    indent = source.indent(arguments.start_byte)
    deeper, inner = indent + page.style.indent, indent + page.style.indent * 2
    lines = ",\n".join(inner + text for text in properties)
    texts = [f"{{\n{lines}{page.object_comma}\n{deeper}}}", *(source.text(other) for other in others[1:])]
    return arguments, "(\n" + ",\n".join(deeper + text for text in texts) + f"{page.argument_comma}\n{indent})"


def _pair(source: Source, node: Node, key: str) -> Node | None:
    """The property of an object literal with this name."""
    for child in code(node):
        name = child.child_by_field_name("key") if child.type == "pair" else None
        if name is not None and source.text(name).strip("\"'") == key:
            return child
    return None
