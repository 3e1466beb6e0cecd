"""Where clients are built: per call, in classes, at module level; and what else has their names there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hoisting_bodies import body, indented, plain, query, shell, write
from .hoisting_clients import EXTENSIONS, construct, hook_lines, klass_in, once, site_options
from .hoisting_model import Build, Entry, Made, declares

if TYPE_CHECKING:
    from .hoisting_text import Module

_LOCALS = ("prisma", "db", "client", "p", "prismaClient", "database")
_CLASHES = ("", "", "", "", "parameter", "module", "block", "destructured", "global", "callback", "type", "import")


def per_call(b: Build, m: Module) -> None:
    """A client in a function that is called again and again."""
    db = b.pick(*_LOCALS)
    shape = shell(b, m)
    extension = b.pick("", "", "", "", "", "", "", "", "", "model", "query", "result")
    options = site_options(b)
    klass = ""
    late: list[str] = []
    if b.chance(6) and not b.entry.startswith("generated"):
        b.note("class-awaited")
        klass = "Late"
        late = [f'const {{ PrismaClient: Late }} = await import("{b.entry}");']
    made = construct(b, m, options, extension=extension, klass=klass)
    keyword = b.pick("const", "const", "const", "let", "late")
    lines = [*late, *made.setup]
    if keyword == "late" and klass:
        keyword = "const"
    if keyword == "late":
        lines += [f"let {db}{m.typed(': ' + klass_in(made)) if not extension else ''};"] if not extension else []
        lines += [f"{'' if not extension else 'const '}{db} = {made.new};"]
    else:
        lines += [f"{keyword} {db} = {made.new};"]
    lines += hook_lines(b, db, options, extension)
    user = db
    if not extension and b.chance(10):
        b.note("extended-at-use")
        extension = b.pick("model", "query", "result")
        user = "extended"
        lines += [f"const extended = {db}{EXTENSIONS[extension]};"]
    more, pure = body(b, user, made, shape[3], extension)
    write(b, m, [*lines, *clash(b, m, db), *more], pure=pure, shape=shape)


def clash(b: Build, m: Module, db: str) -> list[str]:
    """Other meanings of the client's name, or of the shared client's, in the module and in the function."""
    form = b.pick(*_CLASHES)
    name = b.pick(db, db, "prisma")
    if form:
        b.note(f"clash-{form}")
    free = not declares(m, name)
    match form:
        case "parameter":
            other = b.unused("describe", "label")
            m.declare(f"function {other}({name}{m.typed(': string')}) {{\n  return {name}.length;\n}}", other)
            b.entries.append(Entry(m.path, f'm.{other}("abc")'))
        case "module" if free:
            m.add(f'const {name} = "text";', f"console.log({name}.length);")
        case "import" if free and m.kind.typescript:
            words = f"{b.root}words"
            if all(one.stem != words for one in b.modules):
                made = b.module("words")
                made.declare('const words = ["a", "b"];', "words")
            m.take(m.specifier(words), f"words as {name}")
            m.add(f"console.log({name}.length);")
        case "block":
            return (
                ["if (id > 1) {", f"  const {name} = id * 2;", f'  console.log("twice", {name});', "}"]
                if name != "id"
                else []
            )
        case "destructured":
            return ["{", f"  const {{ {name} }} = {{ {name}: id }};", f'  console.log("same", {name} === id);', "}"]
        case "callback":
            return [f"console.log([id].map(({name}) => {name} + 1).join());"]
        case "global" if free and not m.kind.typescript:
            if b.shared is None or b.shared.export != name:
                m.add("// @ts-ignore", f'console.log("global", typeof {name});')
        case "type" if free and m.kind.typescript:
            m.add(f"type {name} = {{ id: number }};", f"export const wanted: {name} = {{ id: 1 }};")
    return []


def in_class(b: Build, m: Module) -> None:
    """A class that builds a client in its constructor, in a field or in a method."""
    n = m.typed
    form = b.pick("constructor", "field", "private", "method", "static", "parameter", "base", "getter")
    b.note(f"class-{form}")
    options = site_options(b)
    made = construct(b, m, options)
    name = "Repository" if all("class Repository" not in line for line in m.body) else b.unused("Store", "Orders")
    klass = klass_in(made)
    if form not in ("method", "constructor"):
        made = once(m, made)
    asked, pure = query(b, "this.db")
    ending = b.chance(40)
    off = ["await this.db.$disconnect();"] if ending else []
    ask = [f"const result = await {asked};", *off, "return result;"]
    head: list[str] = []
    match form:
        case "constructor":
            head = [f"{'db;' if not m.kind.typescript else f'db: {klass};'}", "constructor() {"]
            head += [*indented([*made.setup, f"this.db = {made.new};"]), "}"]
        case "private" if m.kind.typescript:
            head = [f"private readonly db = {made.new};"]
        case "parameter" if m.kind.typescript:
            head = [f"constructor(private readonly db = {made.new}) {{}}"]
        case "static":
            head = [f"static db = {made.new};"]
            ask = [line.replace("this.db", f"{name}.db") for line in ask]
        case "getter":
            head = ["get db() {", f"  return {made.new};", "}"]
        case "method":
            ask = [*made.setup, f"const db = {made.new};", *(line.replace("this.db", "db") for line in ask)]
        case "base":
            m.declare(f"class {name}Base {{\n  db = {made.new};\n}}", f"{name}Base", exported=False)
        case _:
            head = [f"db = {made.new};"]
    extends = f" extends {name}Base" if form == "base" else ""
    lines = [f"class {name}{extends} {{", *indented(head), f"  async find(id{n(': number')}) {{"]
    lines += [*indented(indented(ask)), "  }", "}"]
    exported = b.chance(50)
    m.declare("\n".join(lines), name, exported=exported)
    shape = shell(b, m)
    use = f"return {shape[3](f'await new {name}().find(id)')};"
    if b.chance(25):
        b.note("instance-kept")
        m.add(f"const kept = new {name}();") if all("const kept" not in line for line in m.body) else None
        use = f"return {shape[3]('await kept.find(id)')};"
    pure = pure and not ending
    write(b, m, [use], pure=pure, shape=shape)
    if exported and b.chance(40):
        b.entries.append(Entry(m.path, f"new m.{name}().find($)", pure))


def at_module_level(b: Build, m: Module) -> None:
    """A client of the module's own, used by its functions, exported or not."""
    db = b.pick(*_LOCALS)
    if declares(m, db):
        return per_call(b, m)
    options = site_options(b)
    extension = b.pick("", "", "", "", "model", "query")
    made = construct(b, m, options, extension=extension)
    form = b.pick("const", "const", "export", "default", "let", "object", "late")
    b.note(f"module-{form}")
    made = once(m, made)
    match form:
        case "export":
            m.declare(f"const {db} = {made.new};", db)
        case "default" if not m.kind.commonjs:
            m.add(f"const {db} = {made.new};")
            m.add(f"export default {db};")
        case "let":
            m.add(f"let {db} = {made.new};")
        case "object":
            m.add(f"const context = {{ db: {made.new} }};")
            db = "context.db"
        case "late" if not extension:
            m.add(f"let {db}{m.typed(f': {klass_in(made)}')};", f"{db} = {made.new};")
        case _:
            m.add(f"const {db} = {made.new};")
    hooks = hook_lines(b, db, options, extension)
    if hooks:
        m.add(*hooks)
    if form == "export" and b.chance(60):
        b.note("exported-client")
        other = b.module(f"shared/{b.unused('stock', 'prices')}")
        source = m.stem
        if not b.kind.commonjs and b.chance(40):
            b.note("re-exported")
            barrel = b.module(f"shared/{b.unused('all', 'index')}")
            barrel.add(
                b.pick(
                    f'export {{ {db} }} from "{barrel.specifier(m.stem)}";',
                    f'export * from "{barrel.specifier(m.stem)}";',
                )
            )
            source = barrel.stem
        other.take(other.specifier(source), db)
        asked, pure = query(b, db, extension)
        name = b.unused("check", "count")
        write(
            b,
            other,
            [f"return await {asked};"],
            pure=pure,
            shape=(f"async function {name}(id{m.typed(': number')}) {{", [], ["}"], plain, f"m.{name}($)"),
        )
    shape = shell(b, m)
    more, pure = body(b, db, Made((), made.new), shape[3], extension)
    write(
        b, m, more, pure=pure and extension != "query" and not any("$disconnect" in line for line in more), shape=shape
    )
    return None
