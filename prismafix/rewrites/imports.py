"""Imports: adding names where the author would, and removing those that nothing uses any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import delete_statements
from prismafix.rewrites.model import Edit
from prismafix.rewrites.names import declarations, is_use, resolve
from prismafix.rewrites.source import Source, code, unwrap, walk
from prismafix.rewrites.style import Style, kind_of_specifier

if TYPE_CHECKING:
    from tree_sitter import Node

Spans = Sequence[tuple[int, int]]

_STYLE_SHEET = re.compile(r"\.(?:css|scss|sass|less|styl)$")
_PRAGMA = re.compile(
    r"@ts-|eslint-|prismafix-ignore-file|<reference|@jsx|biome-ignore-all|@vitest|@jest|istanbul|prettier-ignore-start|!"
)
_NAMES = ("identifier", "type_identifier", "shorthand_property_identifier")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name to import: `imported` is the exported name or `default`, `local` what it is called in the file."""

    specifier: str
    imported: str
    local: str


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported name as it stands in the file.

    `holder` is the specifier, clause or pattern that goes when the name goes.
    """

    local: str
    imported: str
    name: Node
    holder: Node


@dataclass(frozen=True, slots=True)
class Statement:
    """One import: an ES `import`, or a declaration over one `require("…")`/`await import("…")`.

    `names` is empty for side effects.
    """

    node: Node
    specifier: str
    form: str
    type_only: bool
    names: tuple[Imported, ...]
    top: bool


_STATEMENTS = frozenset({"import_statement", "lexical_declaration", "variable_declaration"})


def import_statements(source: Source) -> list[Statement]:
    """Every import of the file, in order; `require` and `await import` also inside functions."""
    found = []
    for node in source.nodes(_STATEMENTS):
        if node.type == "import_statement":
            equals = next((c for c in node.named_children if c.type == "import_require_clause"), None)
            literal = (equals or node).child_by_field_name("source")
            if literal is not None:
                type_only = any(child.type in ("type", "typeof") for child in node.children)
                names = tuple(_es_names(source, node))
                found.append(Statement(node, source.text(literal)[1:-1], "es", type_only, names, True))
        else:
            statement = _required(source, node)
            if statement is not None:
                found.append(statement)
    return found


def is_commonjs(source: Source, package_system: str = "esm") -> bool:
    """Whether the file's imports are `require` calls.

    A file that shows neither follows its suffix, then its package.
    """
    statements = import_statements(source)
    if any(s.form == "es" for s in statements) or any(n.type == "export_statement" for n in source.root.named_children):
        return False
    if source.path.endswith((".mjs", ".mts", ".ts", ".tsx")):
        return False
    if any(s.form == "require" and s.top for s in statements) or b"module.exports" in source.data:
        return True
    return source.path.endswith(".cjs") or package_system == "commonjs"


def change_imports(
    source: Source, style: Style, wanted: Iterable[Wanted] = (), gone: Spans = (), *, commonjs: bool = False
) -> list[Edit]:
    """The edits that add `wanted` and remove every imported name whose uses all lie in `gone` (spans of code that
    goes).

    A name that was unused before stays: it is not ours. An import that becomes empty goes with its line, or gives its
    place to the new import.
    """
    statements = import_statements(source)
    mentioned = {source.text(n) for start, end in gone for n in walk(source.root, start, end) if n.type in _NAMES}
    unused = {s.node.id: _unused(source, s, gone, mentioned) for s in statements}
    empty = [s for s in statements if s.names and len(unused[s.node.id]) == len(s.names) and not _within(s.node, gone)]
    edits: list[Edit] = []
    new: dict[str, list[Wanted]] = {}
    grown: dict[int, list[Wanted]] = {}
    for want in dict.fromkeys(wanted):
        host = next((s for s in statements if s not in empty and _can_host(s, want, commonjs)), None)
        if host is None:
            new.setdefault(want.specifier, []).append(want)
        elif not any(n.local == want.local and n.imported == want.imported for n in host.names):
            grown.setdefault(host.node.id, []).append(want)
    taken: list[Statement] = []
    for specifier, wants in new.items():
        text = _statement_text(style, specifier, wants, commonjs)
        place = _place(source, statements, empty, taken, specifier, commonjs)
        if isinstance(place, Statement):
            taken.append(place)
            edits.append(Edit(source.path, *_with_comment(source, place.node), text.encode()))
        else:
            offset, before, after = place
            filled = before.replace("\n", style.newline) + text + after.replace("\n", style.newline)
            edits.append(Edit(source.path, offset, offset, filled.encode()))
    edits += delete_statements(source, [_with_comment(source, s.node) for s in empty if s not in taken])
    for statement in statements:
        if statement in empty:
            continue
        drop, add = unused[statement.node.id], grown.get(statement.node.id, [])
        if drop or add:
            edits += _resize(source, style, statement, drop, add)
    return edits


def free_name(source: Source, name: str, taken: Iterable[str] = ()) -> str:
    """`name`, or a variation of it that neither the file nor `taken` uses."""
    used = {source.text(n) for n in walk(source.root) if n.type in ("identifier", "type_identifier")} | set(taken)
    if name not in used:
        return name
    shared = "shared" + name[:1].upper() + name[1:]
    candidates = [shared, *(f"{shared}{n}" for n in range(2, 100))]
    return next(c for c in candidates if c not in used)


def module_binding(source: Source, name: str) -> Node | None:
    """What declares `name` at module level, or None."""
    return next((d.holder for d in declarations(source, source.root) if d.name == name), None)


def _es_names(source: Source, statement: Node) -> Iterator[Imported]:
    equals = next((c for c in statement.named_children if c.type == "import_require_clause"), None)
    if equals is not None:  # `import orm = require("…")`
        whole = code(equals)[0]
        yield Imported(source.text(whole), "*", whole, equals)
    clause = next((c for c in statement.named_children if c.type == "import_clause"), None)
    for child in clause.named_children if clause is not None else ():
        if child.type == "identifier":
            yield Imported(source.text(child), "default", child, child)
        elif child.type == "namespace_import":
            yield Imported(source.text(code(child)[0]), "*", code(child)[0], child)
        elif child.type == "named_imports":
            for spec in code(child):
                name = spec.child_by_field_name("name")
                local = spec.child_by_field_name("alias") or name
                if name is not None and local is not None:
                    yield Imported(source.text(local), source.text(name), local, spec)


def _required(source: Source, node: Node) -> Statement | None:
    declarators = [c for c in node.named_children if c.type == "variable_declarator"]
    if len(declarators) != 1:
        return None
    value, name = declarators[0].child_by_field_name("value"), declarators[0].child_by_field_name("name")
    if value is None or name is None:
        return None
    call = unwrap(value, through_await=True)
    imported_member = ""
    if call.type == "member_expression":
        inner, prop = call.child_by_field_name("object"), call.child_by_field_name("property")
        if inner is None or prop is None:
            return None
        imported_member, call = source.text(prop), unwrap(inner, through_await=True)
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if call.type != "call_expression" or function is None or arguments is None:
        return None
    form = source.text(function)
    literal = code(arguments)
    if form not in ("require", "import") or len(literal) != 1 or literal[0].type != "string":
        return None
    names: list[Imported] = []
    if name.type == "identifier":
        names.append(Imported(source.text(name), imported_member or "default", name, declarators[0]))
    elif name.type == "object_pattern" and not imported_member:
        for child in code(name):
            if child.type == "shorthand_property_identifier_pattern":
                names.append(Imported(source.text(child), source.text(child), child, child))
            elif child.type == "pair_pattern":
                key, local = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is None or local is None or local.type != "identifier":
                    return None
                name_there = source.text(key)
                if form == "require" and name_there == "default":
                    name_there = "exports.default"  # a property: `default` is what `require` itself gives
                names.append(Imported(source.text(local), name_there, local, child))
            else:
                return None
    else:
        return None
    top = node.parent is not None and node.parent.type == "program"
    return Statement(
        node, source.text(literal[0])[1:-1], "require" if form == "require" else "dynamic", False, tuple(names), top
    )


def _within(node: Node, spans: Spans) -> bool:
    return any(start <= node.start_byte and node.end_byte <= end for start, end in spans)


def _unused(source: Source, statement: Statement, gone: Spans, mentioned: set[str]) -> list[Imported]:
    out = []
    for name in statement.names:
        if name.local not in mentioned:
            continue
        inside = outside = 0
        for node in walk(source.root):
            if node.type in _NAMES and node != name.name:
                if source.text(node) != name.local or not is_use(node):
                    continue
                declared = resolve(source, node)
                if declared is not None and declared.node != name.name:
                    continue
                if _within(node, gone):
                    inside += 1
                else:
                    outside += 1
        if inside and not outside:
            out.append(name)
    return out


def _can_host(statement: Statement, want: Wanted, commonjs: bool) -> bool:
    if statement.specifier != want.specifier or not statement.top or statement.type_only or not statement.names:
        return False
    if any(name.imported == "*" for name in statement.names):
        return False
    if statement.form == "es":
        return not commonjs and not (
            want.imported == "default" and any(n.imported == "default" for n in statement.names)
        )
    return commonjs and statement.names[0].holder.type != "variable_declarator" and want.imported != "default"


def _specifier_text(want: Wanted, commonjs: bool) -> str:
    if want.imported == want.local:
        return want.local
    return f"{want.imported}: {want.local}" if commonjs else f"{want.imported} as {want.local}"


def _statement_text(style: Style, specifier: str, wants: Sequence[Wanted], commonjs: bool) -> str:
    defaults = [w.local for w in wants if w.imported == "default"]
    # what `require` gives is no property `default` of itself: each such name has a line of its own
    kept = defaults if commonjs else defaults[:1]
    named = [_specifier_text(w, commonjs) for w in wants if not (w.imported == "default" and w.local in kept)]
    braces = "{ " + ", ".join(named) + " }" if named else ""
    if commonjs:
        target = f"require({style.string(specifier)}){style.end}"
        return style.newline.join(f"const {name} = {target}" for name in (*kept, braces) if name)
    default = next(iter(kept), "")
    names = ", ".join(part for part in (default, braces) if part)
    return f"import {names} from {style.string(specifier)}{style.end}"


def _place(
    source: Source,
    statements: Sequence[Statement],
    empty: Sequence[Statement],
    taken: Sequence[Statement],
    specifier: str,
    commonjs: bool,
) -> Statement | tuple[int, str, str]:
    """The import whose place the new one takes, or (offset, text before, text after) for an insertion."""
    form = "require" if commonjs else "es"
    top = [s for s in statements if s.top and s.form == form]
    effects = [s for s in top if not s.names and not _STYLE_SHEET.search(s.specifier)]
    floor = max((s.node.end_byte for s in effects), default=0)
    kind = kind_of_specifier(specifier)
    kin = [s for s in top if s not in empty and s.names and kind_of_specifier(s.specifier) == kind]
    free = [s for s in empty if s.top and s.form == form and s not in taken and s.node.start_byte >= floor]
    if kin:
        beside = next((s for s in free if kind_of_specifier(s.specifier) == kind), None)
        beside = beside or next((s for s in free if _same_group(source, s, kin)), None)
        nearest = max(kin, key=lambda s: (_common(s.specifier, specifier), s.node.start_byte))
        run = _run(source, [s for s in top if s.names and kind_of_specifier(s.specifier) == kind], nearest)
        shows_order = len(run) > 1 or (beside is None and kind != "relative")
        order = _order([s.specifier for s in run]) if shows_order else None
        behind = [] if order is None else [s for s in run if s in kin and order(s.specifier) > order(specifier)]
        following = behind[0] if behind else None
        if following is not None and following.node.start_byte >= floor:
            return source.line_start(following.node.start_byte), "", "\n"
        if beside is not None and order is None:
            return beside
        last = [s for s in run if s in kin][-1] if order is not None else nearest
        for candidate in (last, kin[-1]):
            if candidate.node.end_byte >= floor:
                return _after(source, candidate.node)
    if free:
        return free[0]
    kept = [s for s in top if s not in empty] or top
    if kept:
        neighbour = _neighbour(kept, kind)
        offset, before, after = _after(source, neighbour.node)
        return offset, before * (1 if kin or _is_one_group(source, kept) else 2), after
    return _first_place(source)


def _neighbour(top: Sequence[Statement], kind: str) -> Statement:
    """The import that one of a kind which the file does not have yet goes behind: the last one, or the last that is not
    relative where the relative ones come last.
    """
    others = [s for s in top if kind_of_specifier(s.specifier) != "relative"]
    relative_last = bool(others) and all(s in others for s in top[: len(others)])
    return others[-1] if relative_last and kind != "relative" else top[-1]


def _common(one: str, other: str) -> int:
    """How many leading path segments two specifiers share."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((n for n, (mine, theirs) in enumerate(pairs) if mine != theirs), min(one.count("/"), other.count("/")))


def _run(source: Source, statements: Sequence[Statement], member: Statement) -> list[Statement]:
    """Those of the statements that stand around `member` without a blank line between them."""
    at = statements.index(member)
    first = last = at
    while first > 0 and _same_group(source, statements[first - 1], [statements[first]]):
        first -= 1
    while last + 1 < len(statements) and _same_group(source, statements[last + 1], [statements[last]]):
        last += 1
    return list(statements[first : last + 1])


def _order(specifiers: Sequence[str]) -> Callable[[str], str] | None:
    """By what the specifiers are sorted: their text without case, or as it is; None when they are not."""
    keys: tuple[Callable[[str], str], ...] = (str.lower, str)
    return next((key for key in keys if list(specifiers) == sorted(specifiers, key=key)), None)


def _is_one_group(source: Source, statements: Sequence[Statement]) -> bool:
    """Whether no blank line stands between imports that follow each other."""
    return all(_same_group(source, one, [other]) for one, other in pairwise(statements))


def _same_group(source: Source, one: Statement, others: Sequence[Statement]) -> bool:
    """Whether no blank line stands between an import and one of the others."""
    for other in others:
        start = min(one.node.end_byte, other.node.end_byte)
        end = max(one.node.start_byte, other.node.start_byte)
        if b"\n\n" not in source.data[start:end].replace(b"\r", b""):
            return True
    return False


def _after(source: Source, node: Node) -> tuple[int, str, str]:
    end = node.end_byte
    line_end = source.line_end(end)
    rest = source.slice(end, line_end)
    if rest.strip() and not rest.strip().startswith(("//", "/*")):
        return end, "\n", ""
    offset = end + len(rest.rstrip("\r\n").encode())
    return offset, "\n", ""


def _first_place(source: Source) -> tuple[int, str, str]:
    """Before the first statement: behind shebang, directives, header and pragma comments."""
    at = 0
    children = source.root.children
    last: Node | None = None
    for index, node in enumerate(children):
        following = children[index + 1] if index + 1 < len(children) else None
        if node.type == "hash_bang_line" or _is_directive(node):
            last = node
        elif node.type == "comment":
            blank_line = following is None or following.start_point[0] - node.end_point[0] > 1
            if (
                not blank_line
                and not _PRAGMA.search(source.text(node))
                and not (following is not None and _is_directive(following))
            ):
                break
            last = node
        else:
            break
    if last is None:
        at = 3 if source.data.startswith(b"\xef\xbb\xbf") else 0
        return at, "", "\n\n" if source.data[at:].strip() else "\n"
    at = last.end_byte
    following_break = source.is_blank(at, source.line_end(at)) and source.line_end(at) < len(source.data)
    blank_after = following_break and source.is_blank(source.line_end(at), source.line_end(source.line_end(at)))
    return at, "\n" if last.type == "hash_bang_line" else "\n\n", "" if blank_after else "\n"


def _is_directive(node: Node) -> bool:
    return node.type == "expression_statement" and len(code(node)) == 1 and code(node)[0].type == "string"


def _with_comment(source: Source, node: Node) -> tuple[int, int]:
    """The statement with a comment behind it on its line: that one speaks of it."""
    sibling = node.next_sibling
    if sibling is not None and sibling.type == "comment" and sibling.start_point[0] == node.end_point[0]:
        return node.start_byte, sibling.end_byte
    return node.start_byte, node.end_byte


def _resize(
    source: Source, style: Style, statement: Statement, drop: Sequence[Imported], add: Sequence[Wanted]
) -> list[Edit]:
    """Remove and add names of an import that stays."""
    edits: list[Edit] = []
    commonjs = statement.form != "es"
    container = next((n for n in walk(statement.node) if n.type in ("named_imports", "object_pattern")), None)
    default = next((n for n in statement.names if n.imported == "default" and n.holder == n.name), None)
    specifiers = code(container) if container is not None else []
    dropped = [n.holder for n in drop]
    kept = [s for s in specifiers if s not in dropped]
    named = [w for w in add if w.imported != "default" or default is not None]
    new_default = next((w.local for w in add if w.imported == "default" and w not in named), "")
    if default is not None and default.holder in dropped:
        following = container.start_byte if container is not None else default.name.end_byte
        edits.append(Edit(source.path, default.name.start_byte, following, b""))
    if new_default and container is not None:
        edits.append(Edit(source.path, container.start_byte, container.start_byte, f"{new_default}, ".encode()))
    texts = [_specifier_text(w, commonjs) for w in named]
    if container is None:
        if texts and default is not None:
            edits.append(
                Edit(source.path, default.name.end_byte, default.name.end_byte, f", {{ {', '.join(texts)} }}".encode())
            )
        return edits
    if not kept and not texts:
        start = default.name.end_byte if default is not None else container.start_byte
        edits.append(Edit(source.path, start, container.end_byte, b""))
        return edits
    edits += _change_list(source, style, container, specifiers, [s for s in specifiers if s in dropped], texts)
    return edits


def _change_list(
    source: Source, style: Style, container: Node, items: Sequence[Node], dropped: Sequence[Node], texts: Sequence[str]
) -> list[Edit]:
    edits = []
    kept = [item for item in items if item not in dropped]
    pending = list(texts)
    for item in dropped:
        if pending:
            edits.append(Edit(source.path, item.start_byte, item.end_byte, pending.pop(0).encode()))
            continue
        edits.append(Edit(source.path, *_item_span(source, items, item, kept), b""))
    if pending and kept and not dropped and _is_sorted_list(source, kept, pending):
        placed: dict[int, Edit] = {}
        for text in sorted(pending, key=str.lower):
            one = _insert_in_order(source, style, kept, text, container)
            same = placed.get(one.start)
            placed[one.start] = one if same is None else Edit(one.path, one.start, one.end, same.text + one.text)
        edits += placed.values()
    elif pending:
        edits.append(_append(source, style, container, kept or items, pending))
    return edits


def _is_sorted_list(source: Source, items: Sequence[Node], texts: Sequence[str]) -> bool:
    """Whether the names stand in order, and one of the new ones would not come last anyway."""
    names = [source.text(item).lower() for item in items]
    return names == sorted(names) and any(text.lower() < names[-1] for text in texts)


def _insert_in_order(source: Source, style: Style, items: Sequence[Node], text: str, container: Node) -> Edit:
    following = next((item for item in items if source.text(item).lower() > text.lower()), None)
    if following is None:
        return _append(source, style, container, items, [text])
    behind = style.newline + source.indent(following.start_byte) if source.starts_line(following.start_byte) else " "
    return Edit(source.path, following.start_byte, following.start_byte, f"{text},{behind}".encode())


def _append(source: Source, style: Style, container: Node, items: Sequence[Node], texts: Sequence[str]) -> Edit:
    last = items[-1]
    comma = last.next_sibling
    if not (source.starts_line(last.start_byte) and container.start_point[0] != container.end_point[0]):
        return Edit(source.path, last.end_byte, last.end_byte, "".join(f", {text}" for text in texts).encode())
    indent = style.newline + source.indent(last.start_byte)
    trailing = comma is not None and comma.type == ","
    at = comma.end_byte if trailing and comma is not None else last.end_byte
    written = "".join(("" if trailing else ",") + indent + text + ("," if trailing else "") for text in texts)
    return Edit(source.path, at, at, written.encode())


def _item_span(source: Source, items: Sequence[Node], item: Node, kept: Sequence[Node]) -> tuple[int, int]:
    """The bytes that go with one item of a comma-separated list."""
    comma = item.next_sibling
    end = comma.end_byte if comma is not None and comma.type == "," else item.end_byte
    if source.starts_line(item.start_byte) and source.ends_line(end):
        return source.line_start(item.start_byte), source.line_end(end)
    if kept and item.start_byte > kept[-1].end_byte:  # the last ones: the comma before them goes
        before = item.prev_sibling
        while before is not None and before.type in ("comment",):
            before = before.prev_sibling
        start = before.start_byte if before is not None and before.type == "," else item.start_byte
        return start, item.end_byte
    while end < len(source.data) and source.data[end] in b" \t":
        end += 1
    return item.start_byte, end
