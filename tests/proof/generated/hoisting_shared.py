"""The shared module of a project, and the modules that use it."""

from __future__ import annotations

from .hoisting_bodies import indented, query, shell, write
from .hoisting_clients import EXTENSIONS, class_of, construct, once, site_options
from .hoisting_functions import through_function
from .hoisting_model import Build, Entry, Shared, declares
from .hoisting_places import at_module_level, per_call
from .hoisting_text import Module, Style


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
            m.declare(f"const {local} = base{EXTENSIONS[extension]};", local)
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
    marked = next((one for one in b.modules if declares(one, "marker")), None)
    if form == "circular" and marked is not None:
        m.take(m.specifier(marked.stem), "marker")
        m.declare("const marked = () => marker;", "marked")


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
