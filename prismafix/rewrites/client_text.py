"""The text around one client: the `globalThis` guard, the factory, the memoised getter.

Forms of EXAMPLES.md ("The guard").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.rewrites.model import Edit
from prismafix.rewrites.source import Source, code, unwrap

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.style import Style

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True, slots=True)
class Client:
    """How a client is built. `setup` are statements that come first (pool, adapter), `expression` is the initialiser;
    both without indentation, lines separated by the style's newline. `class_name` is the type of a client built
    without options and extensions, "" otherwise.
    """

    setup: tuple[str, ...]
    expression: str
    class_name: str

    @property
    def plain(self) -> bool:
        return not self.setup and bool(self.class_name)


@dataclass(frozen=True, slots=True)
class Guarded:
    """The three parts around the declaration: what stands before it, its initialiser, what stands behind it."""

    before: str
    value: str
    after: str


# Marks a line that begins inside a template literal: indentation is content there. Never written out.
_FIXED = "\0"


def outdented(source: Source, node: Node, style: Style) -> str:
    """The text of a node as if its first line stood at column 0, with the style's newline.

    Lines inside template literals are marked.
    """
    base = source.indent(node.start_byte)
    fixed = source.fixed_lines(node.start_byte, node.end_byte)
    lines = [source.slice(node.start_byte, min(node.end_byte, source.line_end(node.start_byte)))]
    at = source.line_end(node.start_byte)
    while at < node.end_byte:
        line = source.slice(at, min(node.end_byte, source.line_end(at)))
        lines.append(_FIXED + line if at in fixed else line.removeprefix(base))
        at = source.line_end(at)
    return style.newline.join(line.rstrip("\r\n") for line in lines)


def indented(text: str, style: Style) -> str:
    """One level deeper, but for lines inside template literals and empty lines."""
    lines = text.split(style.newline)
    return style.newline.join(
        line if not line.strip() or line.startswith(_FIXED) else style.indent + line for line in lines
    )


def finished(text: str) -> str:
    """The text without its marks."""
    return text.replace(_FIXED, "")


def initialiser(new: Node) -> Node:
    """The whole expression that builds the client: `new X(…)` with its `$extends` chain, parentheses and casts."""
    node = new
    while node.parent is not None:
        parent = node.parent
        if parent.type in ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"):
            node = parent
        elif parent.type == "member_expression" and parent.child_by_field_name("object") == node:
            prop, call = parent.child_by_field_name("property"), parent.parent
            if prop is None or prop.text != b"$extends" or call is None or call.type != "call_expression":
                return node
            node = call
        else:
            return node
    return node


def plain_class(source: Source, init: Node) -> str:
    """The class when the initialiser is `new X()` without arguments, type arguments and extensions; else ""."""
    new = unwrap(init)
    if new.type != "new_expression" or init.type in ("as_expression", "satisfies_expression"):
        return ""
    arguments, constructor = new.child_by_field_name("arguments"), new.child_by_field_name("constructor")
    if constructor is None or (arguments is not None and code(arguments)) or new.child_by_field_name("type_arguments"):
        return ""
    return source.text(constructor)


def guarded(
    client: Client, local: str, key: str, style: Style, *, typescript: bool, names: tuple[str, str] = ("", "")
) -> Guarded:
    """The `globalThis` guard. `names` are those of the typed global and of the factory, if not the usual ones."""
    holder, factory = names[0] or "globalForPrisma", names[1] or "createPrismaClient"
    nl = style.newline
    paragraphs = []
    build = client.expression
    if not client.plain:
        paragraphs.append(factory_text(client, factory, style))
        build = f"{factory}()"
    if typescript:
        kept = client.class_name if client.plain else f"ReturnType<typeof {factory}>"
        paragraphs.append(_typed_global(holder, key, kept, style))
    slot = _slot(holder if typescript else "globalThis", key)
    condition = f"if (process.env.NODE_ENV !== {style.string('production')})"
    assignment = f"{slot} = {local}{style.end}"
    after = f"{condition} {assignment}"
    if len(after) > style.width:
        after = f"{condition}{nl}{style.indent}{assignment}"
    return Guarded((nl + nl).join(paragraphs), f"{slot} ?? {build}", after)


def factory_text(client: Client, factory: str, style: Style) -> str:
    """`function createPrismaClient() { … }`."""
    nl = style.newline
    body = nl.join(client.setup)
    result = f"return {client.expression}{style.end}"
    inner = indented((body + nl + nl if body else "") + result, style)
    return f"function {factory}() {{{nl}{inner}{nl}}}"


def module_text(
    client: Client,
    local: str,
    export: str,
    key: str,
    style: Style,
    *,
    typescript: bool,
    commonjs: bool,
    guard: bool,
    lazy: bool,
) -> str:
    """What stands below the imports of a new shared module, without a final newline."""
    nl = style.newline
    keyword = "" if commonjs or export == "default" else "export "
    if lazy:
        paragraphs = _lazy(client, local, key, style, typescript=typescript, guard=guard, keyword=keyword)
    elif guard:
        parts = guarded(client, local, key, style, typescript=typescript)
        declaration = f"{keyword}const {local} = {parts.value}{style.end}"
        paragraphs = [p for p in (parts.before, declaration, parts.after) if p]
    else:
        setup = nl.join(client.setup)
        paragraphs = [p for p in (setup, f"{keyword}const {local} = {client.expression}{style.end}") if p]
    if commonjs:
        exported = local if export == "default" else f"{{ {local} }}"
        paragraphs.append(f"module.exports = {exported}{style.end}")
    elif export == "default":
        paragraphs.append(f"export default {local}{style.end}")
    return finished((nl + nl).join(paragraphs))


def _lazy(
    client: Client, local: str, key: str, style: Style, *, typescript: bool, guard: bool, keyword: str
) -> list[str]:
    nl, factory = style.newline, "createPrismaClient"
    paragraphs = [] if client.plain else [factory_text(client, factory, style)]
    build = client.expression if client.plain else f"{factory}()"
    kept = client.class_name if client.plain else f"ReturnType<typeof {factory}>"
    if guard and typescript:
        paragraphs.append(_typed_global("globalForPrisma", key, kept, style))
        slot = _slot("globalForPrisma", key)
    elif guard:
        slot = _slot("globalThis", key)
    else:
        slot = "client"
        paragraphs.append(f"let client{f': {kept} | undefined' if typescript else ''}{style.end}")
    result = f"{style.indent}return ({slot} ??= {build}){style.end}"
    return [*paragraphs, f"{keyword}function {local}() {{{nl}{result}{nl}}}"]


def _typed_global(holder: str, key: str, kept: str, style: Style) -> str:
    name = key if _IDENTIFIER.fullmatch(key) else style.string(key)
    line = f"const {holder} = globalThis as unknown as {{ {name}?: {kept} }}{style.end}"
    if len(line) <= style.width or not style.width_is_set:
        return line
    nl = style.newline
    return f"const {holder} = globalThis as unknown as {{{nl}{style.indent}{name}?: {kept}{style.end}{nl}}}{style.end}"


def _slot(holder: str, key: str) -> str:
    return f"{holder}.{key}" if _IDENTIFIER.fullmatch(key) else f'{holder}["{key}"]'


def in_place_of(source: Source, expression: Node, text: str) -> Edit:
    """Write `text` where the expression stands; `{ prisma: new PrismaClient() }` becomes `{ prisma }` for the text
    `prisma`.
    """
    pair = expression.parent
    if pair is not None and pair.type == "pair":
        key = pair.child_by_field_name("key")
        if key is not None and source.text(key) == text:
            return Edit(source.path, pair.start_byte, pair.end_byte, text.encode())
    return Edit(source.path, expression.start_byte, expression.end_byte, text.encode())
