"""Parameters that are glued onto a connection string are set with `URL` instead (PF504)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from prismafix.rewrites.edits import breaks, join_edits
from prismafix.rewrites.imports import free_name
from prismafix.rewrites.layout import Page
from prismafix.rewrites.model import Edit, Fix, Refusal
from prismafix.rewrites.source import Source, ancestors, outermost
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import project_imports, style_of
from prismafix.rules.model import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.source import Files
    from prismafix.rules.model import GluedParameters, Intent, SetUrlParameters

_TYPESCRIPT = """\
/** `url` with `parameters` in its query string; `undefined` stays `undefined`. */
function {name}(url: string | undefined, parameters: Record<string, string>): string | undefined {{
"""
_TYPESCRIPT_BROKEN = """\
/** `url` with `parameters` in its query string; `undefined` stays `undefined`. */
function {name}(
  url: string | undefined,
  parameters: Record<string, string>{comma}
): string | undefined {{
"""
_JAVASCRIPT = """\
/**
 * `url` with `parameters` in its query string; `undefined` stays `undefined`.
 *
 * @param {{string | undefined}} url
 * @param {{Record<string, string>}} parameters
 */
function {name}(url, parameters) {{
"""
_BODY = """\
  if (!url) return url;
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    changed.searchParams.set(name, value);
  }
  return changed.toString();
}
"""
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_TIGHT = frozenset(("binary_expression", "member_expression", "await_expression", "unary_expression"))


def set_url_parameters(action: SetUrlParameters, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Edit the places, and put the function that they use behind the imports.

    Raises FileNotFoundError when the file has gone.
    """
    path = action.glued[0].whole.path
    source = Source.open(path, workspace)
    page = Page.of(source, style_of(source, neighbours_of(path, workspace), workspace))
    name = free_name(source, "withUrlParameters")
    edits = [_helper(page, name)]
    for glued in action.glued:
        made = _call(page, name, glued)
        if made is None:
            return Refusal("the connection string is put together in a way that cannot be rewritten")
        edits += made
    joined = join_edits(edits)
    if breaks(source, joined):
        return Refusal(f"{path} would not parse afterwards")
    return Fix(intent.title, joined, intent.doubts)


def _helper(page: Page, name: str) -> Edit:
    source, style = page.source, page.style
    head = (_TYPESCRIPT if source.is_typescript else _JAVASCRIPT).format(name=name)
    if not page.fits(head.rstrip("\n")):
        comma = "," if style.argument_commas else ""
        head = _TYPESCRIPT_BROKEN.format(name=name, comma=comma)
    text = head + _BODY
    if not style.semicolons:
        text = "".join(line.removesuffix(";") + "\n" for line in text.splitlines())
    last = _last_import(source)
    if last is None:
        at = _after_directives(source)
        return Edit(source.path, at, at, style.lines(text + "\n"))
    at = source.line_end(last.end_byte)
    begins = "\n" if source.data[at - 1 : at] == b"\n" else "\n\n"
    follows = "" if at >= len(source.data) or source.is_blank(at, source.line_end(at)) else "\n"
    return Edit(source.path, at, at, style.lines(begins + text + follows))


def _last_import(source: Source) -> Node | None:
    """The last statement of the module that imports something, as long as only such come before it."""
    wanted = {node.id for literal, _ in project_imports(source) for node in ancestors(literal)}
    found = None
    for child in source.root.named_children:
        if child.type in ("import_statement", "lexical_declaration", "variable_declaration", "expression_statement"):
            if child.id in wanted:
                found = child
            elif child.type != "expression_statement":
                break
        elif child.type not in ("comment", "hash_bang_line"):
            break
    return found


def _after_directives(source: Source) -> int:
    at = 3 if source.data.startswith(b"\xef\xbb\xbf") else 0
    for child in source.root.named_children:
        directive = child.type == "expression_statement" and child.named_children[0].type == "string"
        if child.type != "hash_bang_line" and not directive:
            break
        at = source.line_end(child.end_byte)
    return at


def _call(page: Page, name: str, glued: GluedParameters) -> list[Edit] | None:
    source = page.source
    node = source.node_at(glued.whole.start, glued.whole.end)
    base = source.node_at(glued.base.start, glued.base.end)
    if node is None or base is None:
        return None
    whole, target = outermost(node), source.text(base)
    parent = whole.parent
    assigned = parent if parent is not None and parent.type == "assignment_expression" else None
    before = ""
    if node.type in ("augmented_assignment_expression", "assignment_expression"):
        whole, assigned, before = node, node, f"{target} = "
    if assigned is not None and _is_environment(source, assigned):
        return _in_environment(page, assigned, f"{name}({target}, ", target, glued)
    text = before + _text(page, whole, _line(source, whole, before), f"{name}({target}, ", glued)
    if glued.as_text:
        text += f" ?? {page.style.string('')}"
        if whole.parent is not None and whole.parent.type in _TIGHT:
            text = f"({text})"
    return [Edit(source.path, whole.start_byte, whole.end_byte, page.encode(text))]


def _in_environment(page: Page, assignment: Node, opens: str, target: str, glued: GluedParameters) -> list[Edit] | None:
    """An assignment to `process.env`, where `undefined` would become a text: it is made only where there is a value."""
    source, statement = page.source, assignment.parent
    if statement is None or statement.type != "expression_statement":
        return None
    indent = source.indent(statement.start_byte)
    if _is_checked(source, assignment, target):
        text = f"{target} = {_text(page, assignment, _line(source, assignment, f'{target} = '), opens, glued)}"
        return [Edit(source.path, assignment.start_byte, assignment.end_byte, page.encode(text))]
    deeper = indent + page.style.indent
    call = _text(page, assignment, f"{deeper}{target} = ", opens, glued, deeper)
    text = f"if ({target}) {{\n{deeper}{target} = {call}{page.style.end}\n{indent}}}"
    return [Edit(source.path, statement.start_byte, statement.end_byte, page.encode(text))]


def _line(source: Source, whole: Node, before: str) -> str:
    """What stands before a call on its line."""
    return source.slice(source.line_start(whole.start_byte), whole.start_byte) + before


def _is_environment(source: Source, assignment: Node) -> bool:
    left = assignment.child_by_field_name("left")
    return left is not None and source.text(left).startswith("process.env")


def _is_checked(source: Source, node: Node, target: str) -> bool:
    """Whether an `if` around asks for the variable."""
    for parent in ancestors(node):
        condition = parent.child_by_field_name("condition") if parent.type == "if_statement" else None
        if condition is not None and source.text(condition).strip("() ") == target:
            return True
    return False


def _text(page: Page, whole: Node, line: str, opens: str, glued: GluedParameters, indent: str | None = None) -> str:
    """The call in place of `whole`, behind `line`: its parameters on that line where they fit."""
    source = page.source
    properties = [f"{_key(page, name)}: {_value(page, parts)}" for name, parts in glued.values]
    flat = f"{opens}{{ {', '.join(properties)} }})"
    behind = source.slice(whole.end_byte, source.line_end(whole.end_byte)).rstrip("\r\n")
    if page.fits(line + flat + behind) or _is_inside(line) or behind.count("}") > behind.count("{"):
        return flat  # inside of something on the same line, breaking this one alone would look odd
    indent = source.indent(whole.start_byte) if indent is None else indent
    lines = ",\n".join(indent + page.style.indent + text for text in properties)
    return f"{opens}{{\n{lines}{page.object_comma}\n{indent}}})"


def _is_inside(line: str) -> bool:
    """Whether something is opened on a line and not closed again."""
    return any(line.count(opens) > line.count(closes) for opens, closes in ("()", "{}", "[]"))


def _key(page: Page, name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else page.style.string(name)


def _value(page: Page, parts: tuple[str | Span, ...]) -> str:
    if all(isinstance(part, str) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return page.style.string(text) if not set(text) & set("\"'\\`") else json.dumps(text)
    texts = [page.source.slice(part.start, part.end) if isinstance(part, Span) else part for part in parts]
    if len(parts) == 1:
        return f"String({texts[0]})"
    return "`" + "".join(f"${{{t}}}" if isinstance(p, Span) else t for p, t in zip(parts, texts, strict=True)) + "`"
