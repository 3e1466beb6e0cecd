"""Small projects in which clients are built: where, with what, under which names, beside which shared module."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from .hoisting_text import KINDS, Kind, Module, Style, manifest

if TYPE_CHECKING:
    from collections.abc import Callable

_SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios.mjs"
SCHEMA = """datasource db {{
  provider = "postgresql"{url}
}}

generator client {{
  provider = "{provider}"{output}
}}

model User {{
  id        Int      @id @default(autoincrement())
  email     String   @unique
  name      String?
  plan      String   @default("free")
  createdAt DateTime @default(now())
  orders    Order[]
}}

model Order {{
  id        Int         @id @default(autoincrement())
  number    String      @unique
  total     Int
  status    String      @default("open")
  userId    Int
  user      User        @relation(fields: [userId], references: [id])
  items     OrderItem[]
  createdAt DateTime    @default(now())
}}

model OrderItem {{
  id       Int    @id @default(autoincrement())
  sku      String
  quantity Int
  orderId  Int
  order    Order  @relation(fields: [orderId], references: [id])
}}

model Log {{
  id        Int      @id @default(autoincrement())
  message   String
  createdAt DateTime @default(now())
}}
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a scenario calls: JavaScript in which `m` is the module at `path` and `$` a number. `pure` when
    nothing that it does can meet what others do at the same time."""

    path: str
    call: str
    pure: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """A project as files, with the Prisma version it is for, and what its scenario does. `keeps` are the modules
    that no safe fix may change, with the reason. `features` name what was drawn."""

    files: dict[str, bytes]
    version: str
    environment: dict[str, str]
    opening: tuple[str, ...]
    steps: tuple[str, ...]
    keeps: dict[str, str]
    features: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a client is built with. `url` says how its connection string is read, `fields` are other options as text,
    `adapter` how a driver adapter is written ("" for none)."""

    name: str
    fields: tuple[str, ...] = ()
    adapter: str = ""
    driver: str = ""
    needs: str = ""


_ENV = "process.env.DATABASE_URL"
_PLAIN = Options("plain")
_WITHOUT_ADAPTER = (
    _PLAIN,
    Options("error-format", ('errorFormat: "minimal"',)),
    Options("log", ('log: ["warn", "error"]',)),
    Options("log-event", ('log: [{ emit: "event", level: "query" }]',)),
    Options("url", (f"datasourceUrl: {_ENV}",)),
    Options("url-named", (f"datasourceUrl: `${{{_ENV}}}?application_name=reports`",)),
    Options("datasources", (f"datasources: {{ db: {{ url: {_ENV} }} }}",)),
    Options("omit", ("omit: { user: { email: true } }",)),
    Options("url-function", ("datasourceUrl: databaseUrl()",), needs="databaseUrl"),
    Options("url-constant", ("datasourceUrl: address",), needs="address"),
    Options("transaction", ("transactionOptions: { timeout: 4000 }",)),
)
_WITH_ADAPTER = (
    Options("adapter", (), "inline"),
    Options("adapter-local", (), "local"),
    Options("adapter-string", (), "string"),
    Options("pool", (), "pool"),
    Options("pool-inline", (), "pool-inline"),
    Options("adapter-max", (), "local", "max: 3"),
    Options("adapter-named", (), "local", 'application_name: "reports"'),
    Options("pool-named", (), "pool", 'application_name: "reports"'),
    Options("adapter-log", ('log: ["error"]',), "local"),
    Options("adapter-event", ('log: [{ emit: "event", level: "query" }]',), "local"),
    Options("adapter-omit", ("omit: { user: { email: true } }",), "inline"),
)
_EXTENSIONS = {
    "": "",
    "model": '.$extends({ model: { user: { async loud() { return "loud"; } } } })',
    "query": ".$extends({ query: { user: { async $allOperations({ args, query, operation }) { "
    'console.log("asked", operation); return query(args); } } } })',
    "result": ".$extends({ result: { user: { label: { needs: { id: true }, "
    "compute(user) { return `u${user.id}`; } } } } })",
}
_LOCALS = ("prisma", "db", "client", "p", "prismaClient", "database")
_CLASHES = ("", "", "", "", "parameter", "module", "block", "destructured", "global", "callback", "type", "import")


@dataclass(slots=True)
class Build:
    """A project while it is drawn."""

    draw: Any
    kind: Kind
    style: Style
    version: str
    framework: str
    root: str
    alias: str
    entry: str
    house: Options
    keeps: dict[str, str] = field(default_factory=dict)
    modules: list[Module] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    opening: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    package: str = ""
    depends: bool = True
    shared: Shared | None = None
    names: list[str] = field(default_factory=list)

    def pick(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    def note(self, *features: str) -> None:
        self.features += [feature for feature in features if feature not in self.features]

    def module(self, stem: str) -> Module:
        made = Module(f"{self.root}{stem}", self.kind, self.style, self.alias)
        self.modules.append(made)
        return made

    def unused(self, *words: str) -> str:
        """A name for an exported function that the project does not have yet."""
        word = self.pick(*words)
        name = next(n for n in (word, *(f"{word}{i}" for i in range(2, 99))) if n not in self.names)
        self.names.append(name)
        return name


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared module of the project: how it is imported, and what its client is like."""

    stem: str
    export: str
    call: bool
    options: Options
    extension: str
    home: str


# --- constructions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A construction: lines that come first, the expression, and lines that give its companions back."""

    setup: tuple[str, ...]
    new: str
    releases: tuple[str, ...] = ()


_CLASSES = (
    ("PrismaClient }", "PrismaClient"),
    ("as Client", "Client"),
    (": Client", "Client"),
    (" orm ", "orm.PrismaClient"),
)
"""(what is in an import, what the class is then called)"""


def class_of(b: Build, m: Module) -> str:
    """Import the class in one of the forms, and say what it is called in this module."""
    specifier = entry_of(b, m)
    known = [name for names, name in _CLASSES if any(names in line for line in m.imports)]
    if known and b.chance(80):
        return known[0]
    form = b.pick("named", "named", "named", "alias", "namespace", "beside", "default", "facade")
    if form == "default" and (b.entry != "@prisma/client" or b.kind.typescript):
        form = "named"
    if known and form != "alias":
        return known[0]
    b.note(f"class-{form}")
    match form:
        case "facade":
            facade = f"{b.root}orm"
            if all(one.stem != facade for one in b.modules):
                made = b.module("orm")
                if b.kind.commonjs:
                    made.take(entry_of(b, made), "PrismaClient")
                    made.exports.append(("PrismaClient", "PrismaClient"))
                else:
                    made.add(f'export {{ PrismaClient }} from "{entry_of(b, made)}";')
            m.take(m.specifier(facade), "PrismaClient")
        case "alias":
            m.take(specifier, "PrismaClient as Client")
            return "Client"
        case "namespace":
            m.take_all(specifier, "orm")
            return "orm.PrismaClient"
        case "beside" if b.kind.name == "ts-commonjs" and not known:
            m.imports.append(f'import orm = require("{specifier}");')
            return "orm.PrismaClient"
        case "default":
            m.take_default(specifier, "orm")
            return "orm.PrismaClient"
        case "beside" if b.kind.typescript:
            m.take(specifier, "Prisma", "PrismaClient")
            m.add('export const byId = { id: "asc" } satisfies Prisma.UserOrderByWithRelationInput;')
        case _:
            m.take(specifier, "PrismaClient")
    return "PrismaClient"


def entry_of(b: Build, m: Module) -> str:
    """How a module names the generated client."""
    if not b.entry.startswith("generated/"):
        return b.entry
    extension = ""
    if b.kind.extension:
        extension = ".js" if b.entry.endswith("/client") else "/index.js"
    return m.specifier(f"{b.root}{b.entry}").removesuffix(m.kind.extension) + extension


def construct(b: Build, m: Module, options: Options, *, extension: str = "", klass: str = "") -> Made:
    """`new PrismaClient(…)` with the lines that it needs before it."""
    klass = klass or class_of(b, m)
    setup: list[str] = []
    releases: list[str] = []
    fields = list(options.fields)
    if options.needs:
        _config(b, m, options)
    driver = f"{{ connectionString: {_ENV}{', ' + options.driver if options.driver else ''} }}"
    if options.adapter:
        m.take("@prisma/adapter-pg", "PrismaPg")
        adapter = options.adapter
        if adapter.startswith("pool"):
            pool = "Pool"
            if any("Pool }" in line for line in m.imports) or (
                b.chance(50) and not any(" pg " in line for line in m.imports)
            ):
                m.take("pg", "Pool")
            else:
                m.take_default("pg", "pg")
                pool = "pg.Pool"
            if adapter == "pool":
                setup.append(f"const pool = new {pool}({driver});")
                releases.append("await pool.end();")
                fields.insert(0, "adapter: new PrismaPg(pool)")
            else:
                fields.insert(0, f"adapter: new PrismaPg(new {pool}({driver}))")
        elif adapter == "inline":
            fields.insert(0, f"adapter: new PrismaPg({driver})")
        elif adapter == "string":
            setup.append(f"const connectionString = {_ENV};")
            fields.insert(0, "adapter: new PrismaPg({ connectionString })")
        else:
            setup.append(f"const adapter = new PrismaPg({driver});")
            fields.insert(0, "adapter")
    arguments = f"{{ {', '.join(fields)} }}" if fields else ""
    return Made(tuple(setup), f"new {klass}({arguments}){_EXTENSIONS[extension]}", tuple(releases))


def _config(b: Build, m: Module, options: Options) -> None:
    """A module of settings, and what `options` need of it."""
    stem = f"{b.root}config"
    if all(one.stem != stem for one in b.modules):
        config = b.module("config")
        if options.name == "url-constant":
            config.declare(f"const address = {_ENV};", "address")
        else:
            check = ['  if (!url) throw new Error("no database");'] if b.chance(50) else []
            effect = ['  console.log("asked for the url");'] if b.chance(30) else []
            lines = ["function databaseUrl() {", *effect, f"  const url = {_ENV};", *check, "  return url;", "}"]
            config.declare("\n".join(lines), "databaseUrl")
    m.take(m.specifier(stem), options.needs)


def site_options(b: Build) -> Options:
    """What one more client is built with: mostly what the house does."""
    if b.chance(86):
        return b.house
    b.note("options-differ")
    others = _WITH_ADAPTER if b.version == "7" or b.house.adapter else _WITHOUT_ADAPTER
    return b.pick(*(one for one in others if not one.needs or one.needs == b.house.needs))


# --- what a client is asked ------------------------------------------------------------------------------------------

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


# --- places where clients are built ----------------------------------------------------------------------------------


def once(m: Module, made: Made) -> Made:
    """Add what a construction needs to the module, unless it is there; the construction as it has to be then."""
    fresh, new = [], made.new
    for line in made.setup:
        name = line.split()[1]
        if line not in m.body and _declares(m, name):
            line = line.replace(f"const {name} ", f"const {name}2 ", 1)
            new = re.sub(
                rf"\b{name}\b(?=[),}} ])",
                f"{name}: {name}2" if name in ("adapter", "connectionString") else f"{name}2",
                new,
            )
        if line not in m.body:
            fresh.append(line)
    if fresh:
        m.add(*fresh)
    return Made((), new, made.releases)


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
    lines += _hooks(b, db, options, extension)
    user = db
    if not extension and b.chance(10):
        b.note("extended-at-use")
        extension = b.pick("model", "query", "result")
        user = "extended"
        lines += [f"const extended = {db}{_EXTENSIONS[extension]};"]
    more, pure = body(b, user, made, shape[3], extension)
    write(b, m, [*lines, *clash(b, m, db), *more], pure=pure, shape=shape)


def klass_in(made: Made) -> str:
    return made.new[len("new ") :].split("(")[0]


def _hooks(b: Build, db: str, options: Options, extended: str) -> list[str]:
    """What is registered on a client that tells about its queries."""
    if extended or "event" not in options.name or b.chance(40):
        return []
    b.note("on")
    return [f'{db}.$on("query", () => {{ console.log("query"); }});']


def clash(b: Build, m: Module, db: str) -> list[str]:
    """Other meanings of the client's name, or of the shared client's, in the module and in the function."""
    form = b.pick(*_CLASHES)
    name = b.pick(db, db, "prisma")
    if form:
        b.note(f"clash-{form}")
    free = not _declares(m, name)
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
    if _declares(m, db):
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
    hooks = _hooks(b, db, options, extension)
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


def through_function(b: Build, m: Module) -> None:
    """A function that builds a client for others: a getter, a wrapper, a factory."""
    n = m.typed
    form = b.pick(
        "getter",
        "wrapper",
        "default-parameter",
        "argument",
        "in-place",
        "object",
        "destructured",
        "loop",
        "condition",
        "two",
        "callback",
    )
    b.note(f"through-{form}")
    options = site_options(b)
    made = construct(b, m, options)
    klass = klass_in(made)
    shape = shell(b, m)
    give = shape[3]
    asked, pure = query(b, "db")
    setup = list(made.setup)
    match form:
        case "getter":
            name = b.unused("connect", "getClient", "getPrisma")
            m.declare(
                "\n".join([f"function {name}() {{", *indented([*setup, f"return {made.new};"]), "}"]),
                name,
                exported=b.chance(40),
            )
            more, pure = body(b, "db", Made((), ""), give)
            lines = [f"const db = {name}();", *more]
        case "wrapper":
            name = b.unused("withPrisma", "withClient")
            off = ["await db.$disconnect();", *made.releases] if b.chance(70) else []
            generic, run = n("<T>"), n(f": (db: {klass}) => Promise<T>")
            inside = [*setup, f"const db = {made.new};"]
            inside += [
                "try {",
                "  return await run(db);",
                "} finally {",
                *indented(off or ['console.log("ran");']),
                "}",
            ]
            m.declare(
                "\n".join([f"async function {name}{generic}(run{run}) {{", *indented(inside), "}"]),
                name,
                exported=b.chance(40),
            )
            lines = [f"return {give(f'await {name}(async (db) => {asked})')};"]
        case "default-parameter":
            made = once(m, made)
            name = b.unused("fetch", "ask")
            lines = [f"return {give(f'await {name}(id)')};"]
            m.declare(
                f"async function {name}(id{n(': number')}, db = {made.new}) {{\n  return {asked};\n}}",
                name,
                exported=False,
            )
        case "argument":
            name = b.unused("countWith", "askWith")
            what = b.pick("ask", "ask", "close", "keep", "compare", "tag")
            b.note(f"argument-{what}")
            inside = [f"return {asked};"]
            if what == "close":
                inside = [f"const result = await {asked};", "await db.$disconnect();", "return result;"]
            elif what == "keep":
                m.add(f"const seen{name} = new Set{n('<unknown>')}();")
                inside = [f"seen{name}.add(db);", f"return seen{name}.size;"]
            elif what == "compare":
                m.add(f"let last{name}{n(': unknown')} = null;")
                inside = [f"const same = last{name} === db;", f"last{name} = db;", "return same;"]
            elif what == "tag":
                inside = ["Object.assign(db, { tag: id });", "return Object.keys(db).length;"]
            pure = pure and what == "ask"
            where, kind = m, klass
            if what in ("ask", "close") and b.chance(50):
                b.note("argument-elsewhere")
                where, kind = b.module(f"helpers/{name}"), "PrismaClient"
                where.take(entry_of(b, where), "PrismaClient", types=True)
                m.take(m.specifier(where.stem), name)
            where.declare(
                "\n".join([f"async function {name}(db{n(f': {kind}')}, id{n(': number')}) {{", *indented(inside), "}"]),
                name,
                exported=where is not m or b.chance(40),
            )
            kept = b.chance(60)
            lines = [*setup, *([f"const db = {made.new};"] if kept else [])]
            lines += [f"const result = await {name}({'db' if kept else made.new}, id);"]
            lines += ["await db.$disconnect();"] if kept and b.chance(50) else []
            lines += [f"return {give('result')};"]
        case "in-place":
            asked = f"{f'({made.new})' if b.chance(20) else made.new}.user.count()"
            pure = True
            lines = [*setup, f"return {give('await ' + asked)};"]
        case "object":
            lines = [
                *setup,
                f"const context = {{ db: {made.new}, id }};",
                f"return {give('await ' + asked.replace('db.', 'context.db.'))};",
            ]
        case "destructured":
            lines = [
                *setup,
                f"const {{ user }} = {made.new};",
                f"return {give('await user.count({ where: { id } })')};",
            ]
        case "loop":
            lines = ["const found = [];", "for (const one of [id, id + 1]) {"]
            lines += indented(
                [
                    *setup,
                    f"const db = {made.new};",
                    "found.push(await db.order.count({ where: { userId: one } }));",
                    "await db.$disconnect();",
                ]
            )
            lines += ["}", f"return {give('found.join()')};"]
        case "condition":
            if b.shared is None or b.shared.call:
                lines = [*setup, f"const db = {made.new};", f"return {give('await ' + asked)};"]
            else:
                m.take(
                    m.specifier(b.shared.stem),
                    b.shared.export if b.shared.export == "house" else f"{b.shared.export} as house",
                )
                lines = [*setup, f"const db = id > 1 ? {made.new} : house;", f"return {give('await db.user.count()')};"]
        case "two":
            other = construct(b, m, options, klass=klass)
            lines = [*setup, f"const one = {made.new};", f"const two = {other.new};"]
            what = b.pick("compare", "property", "ask", "transaction")
            b.note(f"two-{what}")
            if what == "compare":
                lines += [f"return {give('one === two')};"]
            elif what == "property":
                lines += [
                    "Object.assign(one, { tag: id });",
                    f"return {give('Object.keys(two).includes(' + chr(34) + 'tag' + chr(34) + ')')};",
                ]
            elif what == "ask":
                lines += [
                    "const first = await one.user.count();",
                    "await one.$disconnect();",
                    f"return {give('[first, await two.order.count()]')};",
                ]
            else:
                lines += [
                    "const seen = await one.$transaction(async (tx) => {",
                    "  await tx.log.create({ data: { message: `in ${id}` } });",
                    "  return two.log.count();",
                    "});",
                    f"return {give('seen')};",
                ]
                pure = False
        case _:
            lines = [
                *setup,
                f"const db = {made.new};",
                f"const counts = await Promise.all([1, 2].map((id) => {'db.user.count({ where: { id } })'}));",
                "await db.$disconnect();",
                f"return {give('counts')};",
            ]
    write(b, m, lines, pure=pure, shape=shape)


def kept_as_it_is(b: Build, m: Module) -> None:
    """What no safe fix may touch: one client per value, memos, an environment that is set late, tests that mock."""
    n = m.typed
    form = b.pick("tenant", "tenant-map", "memo", "session", "late-env", "mock", "request-extension")
    b.note(f"kept-{form}")
    shape = shell(b, m)
    give = shape[3]
    m.take(entry_of(b, m), "PrismaClient")
    klass = "PrismaClient"
    adapter = b.version == "7" or b.house.adapter
    if adapter:
        m.take("@prisma/adapter-pg", "PrismaPg")
    url = lambda text: f"adapter: new PrismaPg({{ connectionString: {text} }})" if adapter else f"datasourceUrl: {text}"  # noqa: E731
    plain_new = f"new {klass}({{ {url(_ENV)} }})" if adapter else f"new {klass}()"
    match form:
        case "tenant":
            b.keeps[m.path] = "its URL depends on an argument"
            asked, pure = query(b, "db")
            tenant = f"`${{{_ENV}}}?application_name=tenant${{id}}`"
            lines = [
                f"const db = new {klass}({{ {url(tenant)} }});",
                "try {",
                f"  return {give('await ' + asked)};",
                "} finally {",
                "  await db.$disconnect();",
                "}",
            ]
        case "tenant-map":
            b.keeps[m.path] = "it keeps one client per tenant"
            asked, pure = query(b, "db")
            tenant = f"`${{{_ENV}}}?application_name=tenant${{id}}`"
            m.add(f"const tenants = new Map{n(f'<number, {klass}>')}();")
            lines = [
                "let db = tenants.get(id);",
                "if (!db) {",
                f"  db = new {klass}({{ {url(tenant)} }});",
                "  tenants.set(id, db);",
                "}",
                f"return {give('await ' + asked)};",
            ]
        case "memo":
            asked, pure = query(b, "db")
            m.add(f"let memo{n(f': {klass} | undefined')};")
            b.keeps[m.path] = "its client is kept already"
            m.add("function getDb() {", f"  return (memo ??= {plain_new});", "}")
            lines = ["const db = getDb();", f"return {give('await ' + asked)};"]
        case "session":
            pure = True
            statement = b.pick("set application_name = 'own'", "SELECT set_config('application_name', 'own', false)")
            b.keeps[m.path] = "its session is its own"
            method = "$executeRaw" if statement.startswith("set") else "$queryRaw"
            lines = [
                f"const db = {plain_new};",
                f"await db.{method}`{statement}`;",
                f"return {give('await db.user.count()')};",
            ]
        case "late-env":
            pure = True
            how = b.pick("function", "module", "import", "call")
            b.note(f"late-env-{how}")
            b.opening += (
                ["process.env.APP_URL = process.env.DATABASE_URL;", "delete process.env.DATABASE_URL;"]
                if not b.opening
                else []
            )
            setting = "process.env.DATABASE_URL = process.env.APP_URL;"
            lines = [f"const db = {plain_new};", f"return {give('await db.user.count()')};"]
            if how == "function":
                lines = [setting, *lines]
            elif how == "module":
                m.add(setting)
            else:
                env = b.module("environment") if all(one.stem != f"{b.root}environment" for one in b.modules) else None
                if env is not None:
                    env.declare(
                        "function loadEnvironment() {\n  process.env.DATABASE_URL = process.env.APP_URL;\n}",
                        "loadEnvironment",
                    )
                m.take(m.specifier(f"{b.root}environment"), "loadEnvironment")
                if how == "call":
                    m.add("loadEnvironment();")
                else:
                    lines = ["loadEnvironment();", *lines]
        case "mock":
            pure = True
            lines = [f"const db = {plain_new};", f"return {give('await db.user.count()')};"]
            what = b.pick(b.entry if b.entry.startswith("@") else "", "shared") or "shared"
            test = Module(f"{m.stem}.test", b.kind, b.style, b.alias)
            b.modules.append(test)
            test.take("vitest", "expect", "it", "vi")
            shared = b.shared.home if what == "shared" and b.shared is not None else ""
            mocked = test.specifier(shared) if shared else entry_of(b, test)
            fake = "vi.fn(() => ({ user: { count: async () => 3 } }))"
            test.add(f'vi.mock("{mocked}", () => ({{ PrismaClient: {fake} }}));')
            name = exported_name(shape[0])
            test.take(test.specifier(m.stem), name)
            test.add('it("counts", async () => {', f'  expect(typeof {name}).toBe("function");', "});")
            if not shared or (b.shared is not None and b.shared.options.name in ("plain", "adapter")):
                b.keeps[m.path] = "a test mocks what it uses"
        case _:
            pure = True
            b.keeps[m.path] = "its extension reads an argument"
            extension = ".$extends({ model: { user: { async number() { return id; } } } })"
            lines = [f"const db = {plain_new}{extension};", f"return {give('await db.user.number()')};"]
    write(b, m, lines, pure=pure, shape=shape)


# --- the shared module, and the project around it --------------------------------------------------------------------


def shared_module(b: Build) -> None:
    """A module that exports the client of the house, in one of the ways in which people write that."""
    stem = b.pick("lib/prisma", "lib/prisma", "lib/db", "db", "server/db/index", "utils/prisma-client", "prisma")
    form = b.pick(
        *("bare", "bare", "bare", "guard", "guard", "guard", "guard-or", "guard-if", "factory-guard", "broken"),
        *("default", "default", "both", "both", "getter", "hooked", "effect", "barrel", "barrel", "others", "circular"),
        *(("extended", "extended-after") if b.chance(30) else ("bare", "guard")),
    )
    b.note("shared", f"shared-{form}")
    m = b.module(stem)
    if b.package:
        form = form if form not in ("barrel", "circular", "effect") else "bare"
        m.stem = f"{b.package}/src/{b.pick('index', 'client')}"
    if b.chance(30):
        b.note("other-style")
        m.style = Style(b.pick('"', "'"), b.pick(True, False), b.pick("  ", "\t"), b.style.newline)
    n = m.typed
    export = b.pick("prisma", "prisma", "prisma", "db", "client", "default" if form == "default" else "prismaClient")
    if form == "default":
        export = "default"
    local = "prisma" if export == "default" else export
    options, extension = b.house, ""
    if b.chance(20):
        options = site_options(b)
    klass = class_of(b, m)
    if form in ("extended", "extended-after"):
        extension = b.pick("model", "query", "result")
    made = construct(b, m, options, extension=extension if form == "extended" else "", klass=klass)
    if form != "factory-guard":
        made = once(m, made)
    typed = n(f": {klass}")
    holder = f"(globalThis as unknown as {{ {local}?: {klass} }})" if m.kind.typescript else "globalThis"
    key = local
    match form:
        case "guard" | "barrel" | "others":
            m.add(f"const holder = {holder};")
            m.declare(f"const {local} = holder.{key} ?? {made.new};", local)
            m.add(f'if (process.env.NODE_ENV !== "production") holder.{key} = {local};')
        case "guard-or":
            m.add(f"const holder = {holder};")
            m.declare(f"const {local} = holder.{key} || {made.new};", local)
            m.add(f"holder.{key} = {local};")
        case "guard-if":
            m.add(f"const holder = {holder};")
            m.add(
                f"let {local}{typed};",
                'if (process.env.NODE_ENV === "production") {',
                f"  {local} = {made.new};",
                "} else {",
            )
            m.body += [
                f"  if (!holder.{key}) {{",
                f"    holder.{key} = {made.new};",
                "  }",
                f"  {local} = holder.{key};",
                "}",
            ]
            if m.kind.commonjs:
                m.exports.append((local, local))
            else:
                m.add(f"export {{ {local} }};")
        case "factory-guard":
            m.add("function create() {", *indented([*made.setup, f"return {made.new};"]), "}")
            made_type = (
                "(globalThis as unknown as { kept?: ReturnType<typeof create> })" if m.kind.typescript else "globalThis"
            )
            m.add(f"const holder = {made_type};")
            m.declare(f"const {local} = holder.kept ?? create();", local)
            m.add('if (process.env.NODE_ENV !== "production") {', f"  holder.kept = {local};", "}")
        case "broken":
            b.note("broken-guard")
            how = b.pick("never-read", "other-name", "production", "first")
            m.add(f"const holder = {holder.replace('?:', '?:')};")
            if how == "never-read":
                m.declare(f"const {local} = {made.new};", local)
                m.add(f'if (process.env.NODE_ENV !== "production") holder.{key} = {local};')
            elif how == "production":
                m.declare(f"const {local} = holder.{key} ?? {made.new};", local)
                m.add(f'if (process.env.NODE_ENV === "production") holder.{key} = {local};')
            elif how == "first":
                m.add(f"const fresh = {made.new};")
                m.declare(f"const {local} = holder.{key} ?? fresh;", local)
                m.add(f'if (process.env.NODE_ENV !== "production") holder.{key} = {local};')
            else:
                m.declare(f"const {local} = holder.{key} ?? {made.new};", local)
        case "default":
            if m.kind.commonjs:
                m.default_as_module = True
                m.exports.append(("default", local))
                m.add(f"const {local} = {made.new};")
            elif b.chance(30):
                m.add(f"export default {made.new};")
            else:
                m.add(f"const {local} = {made.new};", "", f"export default {local};")
        case "both":
            m.declare(f"const {local} = {made.new};", local)
            if not m.kind.commonjs:
                m.add(f"export default {local};")
        case "getter":
            m.add(f"let kept{n(f': {klass} | undefined')};")
            export = "getPrisma"
            m.declare(f"function getPrisma() {{\n  kept ??= {made.new};\n  return kept;\n}}", "getPrisma")
        case "extended-after":
            m.add(f"const base = {made.new};")
            m.declare(f"const {local} = base{_EXTENSIONS[extension]};", local)
        case "hooked":
            if "event" in options.name:
                m.declare(f"const {local} = {made.new};", local)
                m.add(f'{local}.$on("query", () => {{ console.log("shared query"); }});')
            else:
                m.declare(f"const {local} = {made.new};", local)
                m.add(f'process.on("SIGTERM", () => {{ void {local}.$disconnect(); }});')
        case "effect":
            m.declare(f"const {local} = {made.new};", local)
            effect = b.pick("call", "const", "iife", "global", "import")
            b.note(f"effect-{effect}")
            if effect == "call":
                m.add('console.log("shared is loaded");')
            elif effect == "const":
                m.add('function start() {\n  console.log("started");\n  return 1;\n}', "")
                m.declare("const started = start();", "started")
            elif effect == "iife":
                m.add("void (async () => {", '  console.log("begun");', "})();")
            elif effect == "global":
                m.add("Object.assign(globalThis, { ready: true });")
                m.declare("const ready = 1;", "ready")
            else:
                other = b.module("start")
                other.add('console.log("start is loaded");')
                m.run(m.specifier(other.stem))
        case _:
            m.declare(f"const {local} = {made.new};", local)
    if form == "others":
        m.declare(f"async function users() {{\n  return {local}.user.count();\n}}", "users")
    b.shared = Shared(m.stem, export, form == "getter", options, extension, m.stem)
    if b.package:
        if not m.stem.endswith("/index"):
            index = Module(f"{b.package}/src/index", b.kind, b.style)
            b.modules.append(index)
            if b.kind.commonjs:
                index.take(index.specifier(m.stem), export) if export != "default" else index.take_default(
                    index.specifier(m.stem), "prisma"
                )
                index.exports.append((export, export) if export != "default" else ("prisma", "prisma"))
            elif export == "default":
                index.add(f'export {{ default }} from "{index.specifier(m.stem)}";')
            else:
                index.add(f'export {{ {export} }} from "{index.specifier(m.stem)}";')
        if b.kind.commonjs and export == "default" and not m.stem.endswith("/index"):
            export = "prisma"
        b.shared = Shared("@acme/db", export, form == "getter", options, extension, m.stem)
    if form == "barrel" and export != "default" and not m.kind.commonjs:
        barrel = b.module(b.pick("database", "lib/index"))
        line = b.pick(
            f'export * from "{barrel.specifier(m.stem)}";', f'export {{ {export} }} from "{barrel.specifier(m.stem)}";'
        )
        barrel.add(line)
        if b.chance(50):
            b.shared = Shared(barrel.stem, export, False, options, extension, m.stem)
    if b.chance(75) and b.depends:
        user(b, b.module(b.unused("accounts", "people")))
    marked = next((one for one in b.modules if _declares(one, "marker")), None)
    if form == "circular" and marked is not None:
        m.take(m.specifier(marked.stem), "marker")
        m.declare("const marked = () => marker;", "marked")


def _declares(m: Module, name: str) -> bool:
    return any(f" {name} " in f" {line} " for line in [*m.imports, *m.body])


def user(b: Build, m: Module) -> None:
    """A module that uses the shared client."""
    shared = b.shared
    assert shared is not None
    if shared.export == "default":
        local = b.pick("prisma", "db")
        m.take_default(m.specifier(shared.stem), local)
    elif shared.call or b.chance(60):
        local = shared.export
        m.take(m.specifier(shared.stem), local)
    else:
        local = "shared"
        m.take(m.specifier(shared.stem), f"{shared.export} as shared")
    if b.chance(30):
        m.declare("const marker = 1;", "marker")
    db = f"{local}()" if shared.call else local
    asked, pure = query(b, db, shared.extension)
    pure = pure and shared.extension != "query"
    shape = shell(b, m)
    lines = [f"return {shape[3]('await ' + asked)};"]
    if b.chance(25):
        b.note("shared-disconnected")
        lines = ["try {", *indented(lines), "} finally {", f"  await {db}.$disconnect();", "}"]
        pure = False
    write(b, m, lines, pure=pure, shape=shape)
    if b.chance(50):
        places = (per_call, at_module_level, through_function)
        b.pick(*places)(b, m)


def script(b: Build) -> None:
    """A script that calls the application, or that has a client of its own."""
    b.note("script")
    m = Module(f"{b.root.removesuffix('src/')}scripts/nightly", b.kind, b.style, "")
    b.modules.append(m)
    name = next(
        (e for e in b.entries if e.call.endswith("($)") and e.call.startswith("m.") and e.path.endswith(b.kind.suffix)),
        None,
    )
    lines = []
    if name is not None:
        called = name.call[2:-3]
        m.take(m.specifier(name.path.removesuffix(b.kind.suffix)), called)
        lines.append(f"console.log(typeof (await {called}(1)));")
    if b.chance(60):
        made = construct(b, m, b.house)
        lines = [
            *made.setup,
            f"const prisma = {made.new};",
            "console.log(await prisma.user.count());",
            *lines,
            "await prisma.$disconnect();",
            *made.releases,
        ]
    m.declare("\n".join(["async function main() {", *indented(lines), "}"]), "main")
    m.add("void main();") if b.chance(0) else None
    b.entries.append(Entry(m.path, "m.main()", False))


def shutdown(b: Build, m: Module) -> None:
    """Code for the end of the process, which keeps its `$disconnect`."""
    shared = b.shared
    if shared is None or shared.export == "default" or shared.call:
        return
    b.note("shutdown")
    m.take(m.specifier(shared.stem), f"{shared.export} as ending")
    m.add('process.on("SIGTERM", async () => {', "  await ending.$disconnect();", "});")


def frame(b: Build) -> dict[str, bytes]:
    """package.json, tsconfig.json, schema and what the framework has."""
    dependencies = {"@prisma/client": "^7.10.0" if b.version == "7" else "^6.19.0"}
    development = {"prisma": dependencies["@prisma/client"], "vitest": "^3.2.0"}
    if any("adapter-pg" in line for m in b.modules for line in m.imports):
        dependencies |= {"@prisma/adapter-pg": dependencies["@prisma/client"], "pg": "^8.16.0"}
    scripts = {}
    if b.package and b.depends:
        dependencies |= {"@acme/db": "workspace:*"}
    if b.framework == "next":
        dependencies |= {"next": "15.5.0", "react": "19.1.0", "react-dom": "19.1.0"}
        scripts = {"dev": "next dev", "build": "next build", "start": "next start"}
    if b.kind.typescript:
        development |= {"typescript": "^5.9.0", "tsx": "^4.20.0"}
    files: dict[str, Any] = {}
    at = b.root.removesuffix("src/")
    package = manifest("shop", b.kind, scripts=scripts, dependencies=dependencies, devDependencies=development)
    files[f"{at}package.json"] = json.dumps(package, indent=2) + "\n"
    if at:
        files["package.json"] = (
            json.dumps({"name": "everything", "private": True, "workspaces": ["apps/*", "packages/*"]}) + "\n"
        )
    if b.kind.typescript:
        options: dict[str, Any] = {"target": "ES2022", **dict(b.kind.compiler), "strict": True, "esModuleInterop": True}
        if b.alias:
            options["paths"] = {"@/*": [f"./{b.alias.removeprefix(at)}/*" if b.alias != at else "./*"]}
        files[f"{at}tsconfig.json"] = json.dumps({"compilerOptions": options}, indent=2) + "\n"
    provider = (
        "prisma-client" if b.entry.endswith("/client") and b.entry.startswith("generated") else "prisma-client-js"
    )
    output = (
        ""
        if b.entry == "@prisma/client"
        else f'\n  output   = "../{b.root.removeprefix(at)}{b.entry.removesuffix("/client")}"'
    )
    url = "" if b.version == "7" else '\n  url      = env("DATABASE_URL")'
    if b.package:
        theirs = manifest("@acme/db", b.kind, main=f"./src/index{b.kind.suffix}")
        theirs["dependencies"] = {name: version for name, version in dependencies.items() if name != "@acme/db"}
        files[f"{b.package}/package.json"] = json.dumps(theirs, indent=2) + "\n"
        if "tsconfig.json" in "".join(files):
            files[f"{b.package}/tsconfig.json"] = json.dumps(
                {
                    "compilerOptions": {
                        "target": "ES2022",
                        **dict(b.kind.compiler),
                        "strict": True,
                        "esModuleInterop": True,
                    }
                }
            )
    files[f"{b.package or at.rstrip('/')}/prisma/schema.prisma".lstrip("/")] = SCHEMA.format(
        provider=provider, output=output, url=url
    )
    if b.framework == "lambda":
        files[f"{at}serverless.yml"] = (
            "service: shop\nprovider:\n  name: aws\n  runtime: nodejs20.x\nfunctions:\n"
            + "".join(
                f"  f{i}:\n    handler: {e.path.removeprefix(at).rsplit('.', 1)[0]}.handler\n"
                for i, e in enumerate(b.entries)
                if "handler" in e.call
            )
        )
    return {path: text.encode() for path, text in files.items()}


@st.composite
def projects(draw: Any) -> Project:
    """A project of two to five modules, and a scenario that calls what they export."""
    version = draw(st.sampled_from(("6.19", "6.19", "7")))
    kind = draw(st.sampled_from(KINDS))
    framework = draw(st.sampled_from(("plain", "plain", "server", "next", "lambda")))
    if framework == "next" and kind.name not in ("ts", "js-module", "js-commonjs"):
        framework = "plain"
    generated = kind.typescript and draw(st.integers(0, 2)) == 0
    entry = "@prisma/client"
    if generated or (version == "7" and kind.typescript):
        entry = draw(st.sampled_from(("generated/prisma", "generated/prisma/client")))
        if version == "7":
            entry = "generated/prisma/client"
    style = Style(
        quote=draw(st.sampled_from('""\'')),
        semicolons=draw(st.sampled_from((True, True, False))),
        indent=draw(st.sampled_from(("  ", "  ", "    ", "\t"))),
        newline=draw(st.sampled_from(("\n", "\n", "\n", "\r\n"))),
        bom=draw(st.integers(0, 15)) == 0,
    )
    root = draw(st.sampled_from(("src/", "src/", "", "apps/api/src/")))
    alias = (
        root.removesuffix("/")
        if root and kind.name in ("ts", "ts-module", "ts-commonjs") and draw(st.booleans())
        else ""
    )
    house = draw(st.sampled_from((_PLAIN, _PLAIN, _PLAIN, *_WITHOUT_ADAPTER, *_WITH_ADAPTER[:3])))
    if version == "7":
        house = draw(st.sampled_from((*_WITH_ADAPTER[:5], *_WITH_ADAPTER)))
    b = Build(draw, kind, style, version, framework, root, alias, entry, house)
    b.note(kind.name, framework, f"v{version}", f"house-{house.name}", entry.replace("/", "-"))
    if root.startswith("apps/") and entry == "@prisma/client" and b.chance(60):
        b.note("two-packages")
        b.package = "packages/db"
        b.depends = b.chance(80)
    if b.chance(70) or b.package:
        shared_module(b)
    if not b.depends:
        b.shared = None
    for _ in range(draw(st.integers(1, 2))):
        m = b.module(_stem(b))
        if b.chance(25):
            m.before.append(b.pick("// What the shop asks.", "/** @file Orders. */", '"use strict";'))
        if b.chance(30):
            m.declare("const marker = 1;", "marker")
        places = (per_call, per_call, per_call, in_class, at_module_level, through_function, through_function)
        for _ in range(draw(st.integers(1, 2))):
            b.pick(*places)(b, m)
        if b.chance(10):
            shutdown(b, m)
    if b.chance(22):
        kept_as_it_is(b, b.module(_stem(b)))
    if b.chance(12):
        script(b)
    if framework == "server" and not kind.commonjs:
        _server(b)
    files = {m.path: m.text() for m in b.modules} | frame(b)
    return Project(
        files, version, _environment(b), tuple(b.opening), _steps(b), dict(b.keeps), tuple(b.features), kind.suffix
    )


def _stem(b: Build) -> str:
    word = b.unused("orders", "billing", "signup", "items")
    if b.framework == "next":
        return f"app/api/{word}/route"
    return b.pick(f"{word}", f"services/{word}", f"{word}/index", f"features/{word}/queries")


def _server(b: Build) -> None:
    """A server that calls what the others export; it is not run."""
    m = b.module("server")
    m.take_default("express", "express")
    m.add("const app = express();")
    taken: set[str] = set()
    for entry in b.entries:
        name = entry.call[2:].split("(")[0]
        if (
            entry.call.startswith("m.")
            and entry.call.endswith("($)")
            and name not in taken
            and entry.path.endswith(b.kind.suffix)
        ):
            taken.add(name)
            m.take(m.specifier(entry.path.removesuffix(b.kind.suffix)), name)
            m.add(
                f'app.get("/{name}", async (req, res) => {{', f"  res.json(await {name}(Number(req.query.id)));", "});"
            )
    m.add("app.listen(3000);")


def _environment(b: Build) -> dict[str, str]:
    if b.framework == "next" and b.chance(50):
        b.note("development")
        return {"NODE_ENV": "development"}
    return {}


def _steps(b: Build) -> tuple[str, ...]:
    """What the scenario does: calls one after the other, several readers at once, an edit in between."""
    steps = []
    for entry in b.entries:
        arguments = [b.pick(1, 2, 3) for _ in range(b.pick(1, 2, 2))] + ([99] if b.chance(30) else [])
        calls = [_call(entry, argument) for argument in arguments]
        if entry.pure and b.chance(15):
            b.note("at-once")
            steps.append(f"Promise.all([{', '.join(calls)}])")
        else:
            steps += calls
    order = b.draw(st.permutations(steps)) if b.chance(30) else steps
    if b.framework == "next" and b.chance(40):
        b.note("reload")
        return (*order, "reload()", *order)
    return tuple(order)


def _call(entry: Entry, argument: int) -> str:
    return f"at({json.dumps(entry.path)}, (m) => {entry.call.replace('$', str(argument))})"


def scenario(project: Project) -> str:
    """The scenario of a project, as text."""
    return f"""import {{ shop }} from {json.dumps(_SCENARIOS.as_uri())};

export const seed = shop(3);
export const env = {json.dumps(project.environment)};

export async function run({{ load, reload, settled }}) {{
  const at = (file, use) => settled((async () => use(await load(file)))());
  const results = [];
  {"; ".join(project.opening)}
  for (const step of [{", ".join(f"async () => {step}" for step in project.steps)}]) results.push(await step());
  return results;
}}
"""
