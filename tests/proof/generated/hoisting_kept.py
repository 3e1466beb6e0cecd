"""Clients that no safe fix may touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hoisting_bodies import exported_name, query, shell, write
from .hoisting_clients import ENV, entry_of
from .hoisting_text import Module

if TYPE_CHECKING:
    from .hoisting_model import Build


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
    plain_new = f"new {klass}({{ {url(ENV)} }})" if adapter else f"new {klass}()"
    match form:
        case "tenant":
            b.keeps[m.path] = "its URL depends on an argument"
            asked, pure = query(b, "db")
            tenant = f"`${{{ENV}}}?application_name=tenant${{id}}`"
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
            tenant = f"`${{{ENV}}}?application_name=tenant${{id}}`"
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
