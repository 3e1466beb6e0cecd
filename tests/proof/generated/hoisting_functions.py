"""Functions that build a client for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hoisting_bodies import body, indented, query, shell, write
from .hoisting_clients import construct, entry_of, klass_in, once, site_options
from .hoisting_model import Build, Made

if TYPE_CHECKING:
    from .hoisting_text import Module


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
