"""What a client is asked, how it is disconnected, and the functions that the outside calls for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .hoisting_model import Build, Entry, Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from .hoisting_text import Module


_QUERIES = (
    ('{db}.user.findMany({ orderBy: { id: "asc" } })', True),
    ("{db}.user.findUnique({ where: { id }, include: { orders: true } })", True),
    ("{db}.user.findUniqueOrThrow({ where: { id } })", True),
    ("{db}.order.count({ where: { userId: id } })", True),
    ("{db}.$queryRaw`select current_setting('application_name') as name`", True),
    ("Promise.all([{db}.user.count(), {db}.order.count()])", True),
    ("{db}.$transaction([{db}.user.count(), {db}.order.count()])", True),
    ("{db}.user.create({ data: { email: `new${id}@example.com` } })", False),
    ('{db}.user.update({ where: { id }, data: { plan: "team" } })', False),
    ("{db}.order.deleteMany({ where: { userId: id } })", False),
    (
        "{db}.$transaction(async (tx) => { await tx.log.create({ data: { message: `seen ${id}` } }); "
        "return tx.user.findUniqueOrThrow({ where: { id } }); })",
        False,
    ),
)


def query(b: Build, db: str, extension: str = "") -> tuple[str, bool]:
    """(expression, pure) for a promise of something."""
    if extension == "model" and b.chance(60):
        return f"{db}.user.loud()", True
    if extension == "result" and b.chance(60):
        return f'{db}.user.findMany({{ select: {{ label: true }}, orderBy: {{ id: "asc" }} }})', True
    text, pure = b.pick(*_QUERIES)
    return text.replace("{db}", db), pure


def indented(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def body(b: Build, db: str, made: Made, give: Callable[[str], str], extension: str = "") -> tuple[list[str], bool]:
    """The lines behind the construction, up to the `return`, and whether they only read."""
    asked, pure = query(b, db, extension)
    off = [f"await {db}.$disconnect();", *made.releases]
    form = b.pick(
        *("none", "none", "none", "direct", "end", "finally", "finally", "finally-more", "catch", "chain"),
        *("early", "nested", "connect", "both", "dispose", "then", "loop", "void", "reuse", "switch"),
    )
    b.note(f"body-{form}")
    done = f"return {give('result')};"
    match form:
        case "direct":
            return [f"return {give('await ' + asked)};"], pure
        case "end":
            return [f"const result = await {asked};", *off, done], pure
        case "finally":
            return ["try {", f"  return {give('await ' + asked)};", "} finally {", *indented(off), "}"], pure
        case "finally-more":
            extra = ['console.log("done", id);']
            inside = [*extra, *off] if b.chance(50) else [*off, *extra]
            lines = ["try {", f"  const result = await {asked};", f"  {done}", "} finally {", *indented(inside), "}"]
            return lines, pure
        case "catch":
            return [
                "try {",
                f"  const result = await {asked};",
                *indented(off),
                f"  {done}",
                "} catch (error) {",
                *indented(off),
                '  console.log("failed", id);',
                "  throw error;",
                "}",
            ], pure
        case "chain":
            link = b.pick(f"finally(() => {db}.$disconnect())", f"finally(async () => {{ await {db}.$disconnect(); }})")
            return [f"const result = await {asked}.{link};", *made.releases, done], pure
        case "then":
            return [f"const result = await {asked};", f"await {db}.$disconnect().catch(() => {{}});", done], pure
        case "early":
            return [
                f"if (id > 50) {{ await {db}.$disconnect(); return {give('null')}; }}",
                f"const result = await {asked};",
                *off,
                done,
            ], pure
        case "nested":
            return [
                f"const ask = async () => {asked};",
                "const result = await ask();",
                "await ask().catch(() => null);",
                *(off if b.chance(50) else []),
                done,
            ], pure
        case "connect":
            return [f"await {db}.$connect();", f"const result = await {asked};", *off, done], pure
        case "both":
            return [
                f"const [result, count] = await Promise.all([{asked}, {db}.log.count()]);",
                'console.log("logs", count >= 0);',
                *off,
                done,
            ], pure
        case "dispose":
            if not b.kind.typescript:
                return [f"const result = await {asked};", done], pure
            return [
                f"await using closing = {{ [Symbol.asyncDispose]: () => {db}.$disconnect() }};",
                f"const result = await {asked};",
                "console.log(typeof closing);",
                done,
            ], pure
        case "loop":
            return [
                "const found = [];",
                "for (let round = 0; round < 2; round++) {",
                f"  found.push(await {db}.user.count({{ where: {{ id }} }}));",
                "}",
                *off,
                f"return {give('found.length')};",
            ], True
        case "void":
            return [f"const result = await {asked};", f"void {db}.$disconnect();", done], pure
        case "reuse":
            return [
                f"const first = await {db}.user.count();",
                f"await {db}.$disconnect();",
                f"const result = await {asked};",
                'console.log("first", first > 0);',
                *off,
                done,
            ], pure
        case "switch":
            return [
                "switch (id) {",
                "  case 1: {",
                f"    const result = await {asked};",
                *indented(indented(off)),
                f"    {done}",
                "  }",
                "  default:",
                f"    return {give(f'await {db}.log.count()')};",
                "}",
            ], pure
    return [f"const result = await {asked};", done], pure


def plain(text: str) -> str:
    return text


def shell(b: Build, m: Module) -> tuple[str, list[str], list[str], Callable[[str], str], str]:
    """A function that the outside calls: (its head, lines that begin it, lines behind it, how it gives a value, the
    call)."""
    n = m.typed
    if b.framework == "next":
        verb = next((v for v in ("GET", "POST", "PUT", "DELETE") if not any(f" {v}(" in line for line in m.body)), "")
        if verb:
            call = f'm.{verb}(new Request("http://localhost/?id=$", {{ method: "{verb}" }}))'
            begin = ['const id = Number(new URL(request.url).searchParams.get("id"));']
            head = f"async function {verb}(request{n(': Request')}) {{"
            return head, begin, ["}"], lambda text: f"Response.json({text})", call
    if b.framework == "lambda" and not any("handler" in line for line in m.body):
        begin = ["const id = event.id;"]
        head = f"const handler = async (event{n(': { id: number }')}) => {{"
        wrap: Callable[[str], str] = lambda text: f"{{ statusCode: 200, body: JSON.stringify({text}) }}"  # noqa: E731
        return head, begin, ["};"], wrap, "m.handler({ id: $ })"
    name = b.unused("list", "report", "load", "total", "summary")
    call = f"m.{name}($)"
    match b.pick("function", "function", "arrow", "expression"):
        case "arrow":
            return f"const {name} = async (id{n(': number')}) => {{", [], ["};"], plain, call
        case "expression":
            return f"const {name} = async function (id{n(': number')}) {{", [], ["};"], plain, call
    return f"async function {name}(id{n(': number')}) {{", [], ["}"], plain, call


def exported_name(head: str) -> str:
    words = head.replace("(", " ").split()
    return words[1] if words[0] == "const" else words[words.index("function") + 1]


def write(b: Build, m: Module, lines: list[str], *, pure: bool, shape: Any = None) -> None:
    """Export a function with these lines, which see `id`."""
    head, begin, end, _, call = shape or shell(b, m)
    pure = pure and "console.log" not in "\n".join(lines)  # who prints first when several run is not determined
    if not re.search(r"\bid\b(?!:)", "\n".join(lines)):
        begin = []
    m.declare("\n".join([head, *indented([*begin, *lines]), *end]), exported_name(head))
    b.entries.append(Entry(m.path, call, pure))
