"""How a client is built: its class, its options, its adapter, and what these need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .hoisting_model import Build, Made, Options, declares

if TYPE_CHECKING:
    from .hoisting_text import Module

ENV = "process.env.DATABASE_URL"
PLAIN = Options("plain")
WITHOUT_ADAPTER = (
    PLAIN,
    Options("error-format", ('errorFormat: "minimal"',)),
    Options("log", ('log: ["warn", "error"]',)),
    Options("log-event", ('log: [{ emit: "event", level: "query" }]',)),
    Options("url", (f"datasourceUrl: {ENV}",)),
    Options("url-named", (f"datasourceUrl: `${{{ENV}}}?application_name=reports`",)),
    Options("datasources", (f"datasources: {{ db: {{ url: {ENV} }} }}",)),
    Options("omit", ("omit: { user: { email: true } }",)),
    Options("url-function", ("datasourceUrl: databaseUrl()",), needs="databaseUrl"),
    Options("url-constant", ("datasourceUrl: address",), needs="address"),
    Options("transaction", ("transactionOptions: { timeout: 4000 }",)),
)
WITH_ADAPTER = (
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
EXTENSIONS = {
    "": "",
    "model": '.$extends({ model: { user: { async loud() { return "loud"; } } } })',
    "query": ".$extends({ query: { user: { async $allOperations({ args, query, operation }) { "
    'console.log("asked", operation); return query(args); } } } })',
    "result": ".$extends({ result: { user: { label: { needs: { id: true }, "
    "compute(user) { return `u${user.id}`; } } } } })",
}
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
    driver = f"{{ connectionString: {ENV}{', ' + options.driver if options.driver else ''} }}"
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
            setup.append(f"const connectionString = {ENV};")
            fields.insert(0, "adapter: new PrismaPg({ connectionString })")
        else:
            setup.append(f"const adapter = new PrismaPg({driver});")
            fields.insert(0, "adapter")
    arguments = f"{{ {', '.join(fields)} }}" if fields else ""
    return Made(tuple(setup), f"new {klass}({arguments}){EXTENSIONS[extension]}", tuple(releases))


def _config(b: Build, m: Module, options: Options) -> None:
    """A module of settings, and what `options` need of it."""
    stem = f"{b.root}config"
    if all(one.stem != stem for one in b.modules):
        config = b.module("config")
        if options.name == "url-constant":
            config.declare(f"const address = {ENV};", "address")
        else:
            check = ['  if (!url) throw new Error("no database");'] if b.chance(50) else []
            effect = ['  console.log("asked for the url");'] if b.chance(30) else []
            lines = ["function databaseUrl() {", *effect, f"  const url = {ENV};", *check, "  return url;", "}"]
            config.declare("\n".join(lines), "databaseUrl")
    m.take(m.specifier(stem), options.needs)


def site_options(b: Build) -> Options:
    """What one more client is built with: mostly what the house does."""
    if b.chance(86):
        return b.house
    b.note("options-differ")
    others = WITH_ADAPTER if b.version == "7" or b.house.adapter else WITHOUT_ADAPTER
    return b.pick(*(one for one in others if not one.needs or one.needs == b.house.needs))


def once(m: Module, made: Made) -> Made:
    """Add what a construction needs to the module, unless it is there; the construction as it has to be then."""
    fresh, new = [], made.new
    for line in made.setup:
        name = line.split()[1]
        if line not in m.body and declares(m, name):
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


def klass_in(made: Made) -> str:
    return made.new[len("new ") :].split("(")[0]


def hook_lines(b: Build, db: str, options: Options, extended: str) -> list[str]:
    """What is registered on a client that tells about its queries."""
    if extended or "event" not in options.name or b.chance(40):
        return []
    b.note("on")
    return [f'{db}.$on("query", () => {{ console.log("query"); }});']
