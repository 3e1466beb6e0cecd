"""What the rules about transactions say of the many ways to write them, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import shop

if TYPE_CHECKING:
    from pathlib import Path

IMPORT = 'import { prisma } from "./lib/prisma";\n'
TYPES = 'import type { Prisma, PrismaClient } from "@prisma/client";\n'
QUERY = "prisma.user.count()"


def found(root: Path, source: str, **more: str) -> list[tuple[str, str]]:
    """(code, text of the finding's site) of the findings in `src/work.ts`."""
    result = run(shop(root, **{"src/work.ts": source, **more}), Options(jobs=1))
    data = source.encode()
    return [
        (f.finding.code, data[f.finding.start : f.finding.end].decode())
        for f in result.findings
        if f.finding.path == "src/work.ts" and f.finding.code.startswith("PF4")
    ]


OUTER = {
    "a callback without a parameter": IMPORT
    + "export const f = () => prisma.$transaction(async () => { await prisma.user.count(); });",
    "a client of another name": IMPORT
    + "export const f = () => prisma.$transaction(async (db) => {\n"
    + "  await db.user.count();\n  await prisma.user.count();\n});",
    "a function expression": IMPORT
    + "export const f = () => prisma.$transaction(async function (tx) { await prisma.user.count(); });",
    "a function of the callback": IMPORT
    + "export const f = () => prisma.$transaction(async (tx) => {\n"
    + "  async function more() { return prisma.user.count(); }\n  await more();\n});",
    "a callback in a list": IMPORT
    + "export const f = (ids: number[]) => prisma.$transaction(async (tx) => {\n"
    + "  await Promise.all(ids.map(async (id) => prisma.user.count()));\n});",
    "a function by its name": IMPORT
    + TYPES
    + "async function work(tx: Prisma.TransactionClient) { await prisma.user.count(); }\n"
    + "export const f = () => prisma.$transaction(work);",
    "a generic wrapper": IMPORT
    + TYPES
    + "export async function inTx<T>(fn: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {\n"
    + "  return prisma.$transaction(fn, { timeout: 1000 });\n}\n"
    + "export const f = () => inTx(async (tx) => { await prisma.user.count(); });",
    "a wrapper of a wrapper": IMPORT
    + TYPES
    + "async function inTx<T>(fn: (tx: Prisma.TransactionClient) => Promise<T>) { return prisma.$transaction(fn); }\n"
    + "async function retried<T>(fn: (tx: Prisma.TransactionClient) => Promise<T>) { return inTx((tx) => fn(tx)); }\n"
    + "export const f = () => retried(async (tx) => { await prisma.user.count(); });",
    "a wrapper that hands out a copy of the client": IMPORT
    + TYPES
    + "declare function traced<T>(client: T): T;\n"
    + "export async function inTx<T>(fn: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {\n"
    + "  return prisma.$transaction(async (tx) => {\n    tx = traced(tx);\n    return await fn(tx);\n  });\n}\n"
    + "export const f = () => inTx(async (tx) => { await prisma.user.count(); });",
    "a wrapper that passes all arguments on": IMPORT
    + TYPES
    + "async function retried<T>(fn: (...args: any[]) => Promise<T>) {\n"
    + "  return prisma.$transaction(async (...args) => { return await fn(...args); });\n}\n"
    + "export const f = () => retried(async (tx) => { await prisma.user.count(); });",
    "a wrapper that passes the client second": IMPORT
    + TYPES
    + "async function audited(name: string, fn: (name: string, tx: Prisma.TransactionClient) => Promise<void>) {\n"
    + "  await prisma.$transaction(async (tx) => { await fn(name, tx); });\n}\n"
    + 'export const f = () => audited("a", async (name, tx) => { await prisma.user.count(); });',
    "a callback that says what it takes": IMPORT
    + TYPES
    + "declare function unknown<T>(fn: (tx: Prisma.TransactionClient) => T): T;\n"
    + "export const g = () => prisma.$transaction([]);\n"
    + "export const f = () => unknown(async (tx: Prisma.TransactionClient) => { await prisma.user.count(); });",
    "an immediately called function": IMPORT
    + "export const f = () => prisma.$transaction(async (tx) => {\n"
    + "  await (async () => { await prisma.user.count(); })();\n});",
}


@pytest.mark.parametrize("source", OUTER.values(), ids=OUTER)
def test_a_query_through_the_outer_client(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == [("PF401", QUERY)]


def test_a_service_with_an_injected_client(tmp_path: Path) -> None:
    source = (
        TYPES
        + 'import { Injectable } from "@nestjs/common";\n@Injectable()\nexport class Users {\n'
        + "  constructor(private readonly prisma: PrismaClient) {}\n"
        + "  async move() {\n    return this.prisma.$transaction(async (trx) => {\n      await this.touch();\n"
        + "      await this.rename(trx);\n      return this.prisma.user.count();\n    });\n  }\n"
        + "  private async touch() { await this.prisma.user.updateMany({ data: { name: '' } }); }\n"
        + "  private async rename(db: Prisma.TransactionClient) { await db.user.count(); }\n}\n"
    )
    assert found(tmp_path, source) == [("PF401", "this.touch()"), ("PF401", "this.prisma.user.count()")]


def test_a_client_in_a_context(tmp_path: Path) -> None:
    source = (
        TYPES
        + "type Context = { prisma: PrismaClient; user: { id: number } };\n"
        + "const log = async (ctx: Context) => { await ctx.prisma.user.count(); };\n"
        + "export async function resolve(ctx: Context) {\n  await ctx.prisma.$transaction(async (tx) => {\n"
        + "    await ctx.prisma.user.count();\n    await log(ctx);\n"
        + "    await log({ ...ctx, prisma: tx as PrismaClient });\n"
        + "  });\n}\n"
    )
    assert found(tmp_path, source) == [("PF401", "ctx.prisma.user.count()"), ("PF401", "log(ctx)")]


def test_a_wrapper_of_a_wrapper_in_modules_that_name_no_client(tmp_path: Path) -> None:
    source = (
        'import { retried } from "./retried";\nimport { touch } from "./touch";\n'
        "export const f = () => retried(async (tx) => { await touch(); });\n"
    )
    files = {
        "src/in-tx.ts": IMPORT + "export const inTx = (work: (tx: any) => any) => prisma.$transaction(work);\n",
        "src/retried.ts": 'import { inTx } from "./in-tx";\n'
        "export const retried = (work: (tx: any) => any) => inTx((tx) => work(tx));\n",
        "src/touch.ts": IMPORT + "export const touch = async () => prisma.user.count();\n",
    }
    assert found(tmp_path, source, **files) == [("PF401", "touch()")]


def test_the_way_to_a_query_is_told(tmp_path: Path) -> None:
    source = (
        IMPORT
        + "const c = async () => prisma.user.count();\nconst b = async () => c();\nconst a = async () => b();\n"
        + "export const f = () => prisma.$transaction(async (tx) => { await a(); });\n"
    )
    (told,) = run(shop(tmp_path, **{"src/work.ts": source}), Options(jobs=1)).findings
    assert ", through b → c (3 calls away) while" in told.finding.message


@pytest.mark.parametrize(("way", "severity"), [("b()", "warning"), ("(tx ?? prisma).user.count()", "warning")])
def test_a_client_that_is_chosen_on_the_spot(tmp_path: Path, way: str, severity: str) -> None:
    source = (
        IMPORT
        + "const b = async () => prisma.user.count();\n"
        + f"const a = async (tx?: any) => {way};\n"
        + "export const f = () => prisma.$transaction(async (tx) => { await a(); });\n"
    )
    (told,) = run(shop(tmp_path, **{"src/work.ts": source}), Options(jobs=1)).findings
    assert told.finding.message.startswith("a queries through the outer client")
    assert told.finding.severity == severity
    assert told.finding.evidence[-1].text == ("prisma.user.count" if way == "b()" else "(tx ?? prisma).user.count")


STORE = (
    'import { PrismaClient, type Prisma } from "@prisma/client";\n'
    "declare const store: { get(key: string): Prisma.TransactionClient | null; set(key: string, tx: any): void };\n"
    "declare function traced<T>(client: T): T;\n"
    "export class Database extends PrismaClient {\n"
    "  async $tx<R>(fn: (prisma: Prisma.TransactionClient) => Promise<R>): Promise<R> {\n"
    "    const open = store.get('tx');\n    if (open) return fn(open);\n"
    "    return super.$transaction(async (prisma) => {\n      prisma = traced(prisma);\n"
    "      store.set('tx', prisma);\n      return await fn(prisma);\n    });\n  }\n"
    "  current(): Prisma.TransactionClient {\n"
    "    const open = store.get('tx');\n    if (!open) return this;\n    return open;\n  }\n"
    "  around(): Prisma.TransactionClient {\n    return store.get('tx') ?? this;\n  }\n}\n"
)


@pytest.mark.parametrize(
    ("client", "expected"), [("", ["this.db.user.count()"]), (".current()", []), (".around()", [])]
)
def test_a_service_that_keeps_the_transaction_aside(tmp_path: Path, client: str, expected: list[str]) -> None:
    source = (
        'import { Database } from "./database";\n'
        "export class Users {\n  constructor(private readonly db: Database) {}\n"
        f"  all() {{\n    return this.db.$tx(async () => {{ await this.db{client}.user.count(); }});\n  }}\n}}\n"
    )
    files = {"src/database/service.ts": STORE, "src/database/index.ts": 'export * from "./service";\n'}
    assert [text for _, text in found(tmp_path, source, **files)] == expected


_GET = (
    'import { PrismaClient } from "@prisma/client";\nlet kept: PrismaClient | undefined;\n'
    "export function getPrisma() {\n  kept ??= new PrismaClient();\n  return kept;\n}\n"
    "export const other = () => new PrismaClient();\n"
)


@pytest.mark.parametrize(("factory", "expected"), [("getPrisma", [("PF401", "same.user.count()")]), ("other", [])])
def test_a_client_that_one_factory_gives_twice(tmp_path: Path, factory: str, expected: list[tuple[str, str]]) -> None:
    source = (
        'import { getPrisma, other } from "./lib/get";\n'
        f"const prisma = getPrisma();\nconst same = {factory}();\n"
        "export const f = () => prisma.$transaction(async (tx) => { await same.user.count(); });\n"
    )
    assert found(tmp_path, source, **{"src/lib/get.ts": _GET}) == expected


@pytest.mark.parametrize(
    ("touch", "call"),
    [
        ("async (db: any) => { await db.user.count(); await prisma.user.count(); }", "touch(tx)"),
        (
            "async (on?: boolean) => { if (on) await prisma.user.findMany(); await prisma.user.count(); }",
            "touch(false)",
        ),
    ],
)
def test_one_of_several_queries_is_certain(tmp_path: Path, touch: str, call: str) -> None:
    source = (
        f"{IMPORT}const touch = {touch};\n"
        f"export const f = () => prisma.$transaction(async (tx) => {{ await {call}; }});\n"
    )
    assert found(tmp_path, source) == [("PF401", call)]


def test_a_function_of_the_callback_is_left_again(tmp_path: Path) -> None:
    source = (
        IMPORT
        + "const touch = async () => prisma.user.count();\n"
        + "export const f = () => prisma.$transaction(async (tx) => {\n"
        + "  async function inner() { await prisma.user.findMany(); await touch(); }\n  await inner();\n});\n"
    )
    assert found(tmp_path, source) == [("PF401", "prisma.user.findMany()"), ("PF401", "inner()")]


LEFT = {
    "a client that may be either": IMPORT
    + TYPES
    + "export const f = (db: PrismaClient | Prisma.TransactionClient) =>\n"
    + "  prisma.$transaction(async (tx) => { await db.user.count(); });",
    "a service made with the client": IMPORT
    + TYPES
    + "class Users { constructor(private db: PrismaClient) {} async all() { return this.db.user.count(); } }\n"
    + "export const f = () => prisma.$transaction(async (tx) => { await new Users(tx as PrismaClient).all(); });",
    "a service made with it, in a variable": IMPORT
    + TYPES
    + "class Users { constructor(private db: PrismaClient) {} async all() { return this.db.user.count(); } }\n"
    + "export const f = () => prisma.$transaction(async (tx) => {\n"
    + "  const users = new Users(tx as PrismaClient);\n  await users.all();\n});",
    "a parameter of the general type": IMPORT
    + TYPES
    + "const all = async (db: PrismaClient) => db.user.count();\n"
    + "export const f = () => prisma.$transaction(async (tx) => { await all(tx as PrismaClient); });",
    "a default that is not used": IMPORT
    + "const all = async (db = prisma) => db.user.count();\n"
    + "export const f = () => prisma.$transaction(async (tx: any) => { await all(tx); });",
    "a branch for it": IMPORT
    + TYPES
    + "async function all(tx?: Prisma.TransactionClient) {\n"
    + "  if (tx) { await tx.user.count(); return; }\n  await prisma.user.count();\n}\n"
    + "export const f = () => prisma.$transaction(async (tx) => { await all(tx); });",
    "a condition that does not hold": IMPORT
    + "async function all(options: { id: number; check?: boolean }) {\n"
    + "  if (options.check) await prisma.user.count();\n}\n"
    + "export const f = () => prisma.$transaction(async (tx) => { await all({ id: 1 }); });",
    "a function handed on": IMPORT
    + "const later: unknown[] = [];\nconst all = async () => prisma.user.count();\n"
    + "export const f = () => prisma.$transaction(async (tx) => { later.push(all); later.push(() => all()); });",
    "a call that nobody waits for": IMPORT
    + "const all = async () => prisma.user.count();\n"
    + "export const f = () => prisma.$transaction(async (tx) => { void all(); });",
    "a timer": IMPORT
    + "export const f = () => prisma.$transaction(async (tx) => {\n"
    + "  setTimeout(async () => { await prisma.user.count(); }, 1000);\n});",
    "an array": IMPORT + "export const f = () => prisma.$transaction([prisma.user.count(), prisma.user.count()]);",
    "a query behind it": IMPORT
    + "export async function f() {\n  await prisma.$transaction(async (tx) => { await tx.user.count(); });\n"
    + "  return prisma.user.count();\n}",
}


@pytest.mark.parametrize("source", LEFT.values(), ids=LEFT)
def test_is_left_alone(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == []


_WRITTEN = [
    (
        "prisma.$transaction(async () => { await prisma.user.count(); await prisma.user.findMany(); })",
        "prisma.$transaction(async (tx) => { await tx.user.count(); await tx.user.findMany(); })",
    ),
    (
        "prisma.$transaction(async (db) => { await prisma.$executeRaw`DELETE`; await prisma.$queryRaw`SELECT`; })",
        "prisma.$transaction(async (db) => { await db.$executeRaw`DELETE`; await db.$queryRaw`SELECT`; })",
    ),
    (
        "prisma.$transaction(async (tx) => { await prisma?.user.count(); await prisma.user?.count(); })",
        "prisma.$transaction(async (tx) => { await tx?.user.count(); await tx.user?.count(); })",
    ),
]


@pytest.mark.parametrize("model", ["const { user } = prisma;", "const user = prisma.user;"])
def test_a_model_that_has_a_name_of_its_own_is_for_a_person_to_move(tmp_path: Path, model: str) -> None:
    source = (
        f"{IMPORT}{model}\nexport const f = () => prisma.$transaction(async (tx) => {{\n"
        "  await prisma.user.deleteMany();\n  await user.count();\n});\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": source}), Options(jobs=1, apply=True, unsafe=True))
    assert result.changes == ()
    reason = "`user` is a model of the outer client under a name of its own: query through the callback's by hand"
    assert [(f.applicability, f.reason) for f in result.findings] == [("none", reason)] * 2


def test_a_statement_through_the_client_of_a_service(tmp_path: Path) -> None:
    before = (
        TYPES + "export class Users {\n  constructor(private readonly db: PrismaClient) {}\n  async move() {\n"
        "    await this.db.$transaction(async (tx) => { await this.db.$executeRaw`DELETE`; });\n  }\n}\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": before}), Options(jobs=1, apply=True, unsafe=True))
    after = before.replace("await this.db.$executeRaw", "await tx.$executeRaw")
    assert [change.after for change in result.changes] == [after.encode()]


@pytest.mark.parametrize(("before", "after"), _WRITTEN)
def test_what_becomes_of_a_callback(tmp_path: Path, before: str, after: str) -> None:
    root = shop(tmp_path, **{"src/work.ts": f"{IMPORT}export const f = () => {before};\n"})
    result = run(root, Options(jobs=1, apply=True, unsafe=True))
    assert [change.after for change in result.changes] == [f"{IMPORT}export const f = () => {after};\n".encode()]


@pytest.mark.parametrize(
    ("body", "runs"),
    [
        ("await prisma.user.count();", "prisma.user.count then runs inside the transaction: it sees"),
        (
            "await prisma.user.count(); await prisma.user.findMany();",
            "prisma.user.count and prisma.user.findMany then run inside the transaction: they see",
        ),
    ],
)
def test_one_query_runs_and_several_run(tmp_path: Path, body: str, runs: str) -> None:
    source = f"{IMPORT}export const f = () => prisma.$transaction(async (tx) => {{ {body} }});\n"
    told = {f.reason for f in run(shop(tmp_path, **{"src/work.ts": source}), Options(jobs=1)).findings}
    assert [reason.startswith(runs) for reason in told] == [True]


def test_a_callback_that_can_take_no_client(tmp_path: Path) -> None:
    source = f"{IMPORT}async function work() {{ await {QUERY}; }}\nexport const f = () => prisma.$transaction(work);\n"
    findings = run(shop(tmp_path, **{"src/work.ts": source}), Options(jobs=1)).findings
    assert [(f.applicability, f.reason) for f in findings] == [
        ("none", "the callback has no name for the transaction's client: give it one by hand")
    ]


@pytest.mark.parametrize(
    ("url", "options", "severity"),
    [
        ('"postgresql://db/shop?connection_limit=1"', "{ datasourceUrl: url }", "error"),
        ('"postgresql://db/shop?connection_limit=1"', "{ datasources: { db: { url } } }", "error"),
        ('"postgresql://db/shop?connection_limit=2"', "{ datasourceUrl: url }", "warning"),
        (
            '"postgresql://db/shop?connection_limit=1"',
            "{ adapter: new PrismaPg({ connectionString: url }) }",
            "warning",
        ),
    ],
)
def test_a_pool_of_one_by_a_url_with_a_name(tmp_path: Path, url: str, options: str, severity: str) -> None:
    client = (
        'import { PrismaPg } from "@prisma/adapter-pg";\nimport { PrismaClient } from "@prisma/client";\n'
        f"const url = {url};\nexport const prisma = new PrismaClient({options});\n"
    )
    source = IMPORT + "export const f = () => prisma.$transaction(async (tx) => { await prisma.user.count(); });"
    result = run(shop(tmp_path, **{"src/lib/prisma.ts": client, "src/work.ts": source}), Options(jobs=1))
    assert [f.finding.severity for f in result.findings if f.finding.code == "PF401"] == [severity]


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ('{ datasourceUrl: "postgresql://db/shop?sslmode=require&connection_limit=1" }', "error"),
        ("{ datasources: { db: { url: `${process.env.DATABASE_URL}?connection_limit=1` } } }", "error"),
        ('{ datasourceUrl: "postgresql://db/shop?connection_limit=10" }', "warning"),
        ("{ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) }", "error"),
        ('{ adapter: new PrismaPg({ connectionString: "postgresql://db/shop?connection_limit=1" }) }', "warning"),
    ],
)
def test_a_pool_of_one_makes_it_an_error(tmp_path: Path, options: str, severity: str) -> None:
    client = (
        'import { PrismaPg } from "@prisma/adapter-pg";\nimport { PrismaClient } from "@prisma/client";\n'
        f"export const prisma = new PrismaClient({options});\n"
    )
    source = (
        IMPORT
        + "const all = async () => prisma.user.count();\n"
        + "export const f = () => prisma.$transaction(async (tx) => { await prisma.user.count(); await all(); });"
    )
    result = run(shop(tmp_path, **{"src/lib/prisma.ts": client, "src/work.ts": source}), Options(jobs=1))
    told = [f.finding.severity for f in result.findings if f.finding.code == "PF401"]
    assert told == [severity, severity]


AWAITED = [
    ("await fetch(url);", "fetch(url)"),
    ("const [a] = await Promise.all([fetch(url), tx.user.count()]);", "fetch(url)"),
    ("const answer = fetch(url);\n    await tx.user.count();\n    await answer;", "fetch(url)"),
    ("return fetch(url).then((r) => r.json()).catch(() => null);", "fetch(url)"),
    ("await tx.user.count().then(() => fetch(url));", "fetch(url)"),
    ("await (async () => { await axios.post(url); })();", "axios.post(url)"),
    ("await axios(url);", "axios(url)"),
    ("await client.get(url);", "client.get(url)"),
    ("for (const u of [url]) await fetch(u);", "fetch(u)"),
    ("return ask(url);", "ask(url)"),
    ("await ask.call(null, url);", "ask.call(null, url)"),
]
DROPPED = [
    "void fetch(url);",
    "fetch(url).catch(console.error);",
    "[url].forEach(async (u) => { await fetch(u); });",
    "setTimeout(() => fetch(url), 10);",
    "later(fetch(url));",
    "const make = () => fetch(url);\n    later(make);",
    "await unknown.send(url);",
    "await sdk.send(url);",
]
NETWORK = (
    IMPORT
    + 'import axios from "axios";\nimport sdk from "some-sdk";\n'
    + 'const client = axios.create({ baseURL: "https://a.example" });\n'
    + "const ask = async (url: string) => { const r = await client.get(url); return r.data; };\n"
    + "declare const unknown: any;\ndeclare function later(x: unknown): void;\n"
    + "export const f = (url: string) =>\n  prisma.$transaction(async (tx) => {\n    BODY\n  });\n"
)


@pytest.mark.parametrize(("body", "site"), AWAITED)
def test_waits_for_the_network(tmp_path: Path, body: str, site: str) -> None:
    assert found(tmp_path, NETWORK.replace("BODY", body)) == [("PF402", site)]


@pytest.mark.parametrize("body", DROPPED)
def test_does_not_wait_for_the_network(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, NETWORK.replace("BODY", body)) == []


BARE = [
    (f"{QUERY};", "unsafe"),
    (f"void {QUERY};", "unsafe"),
    (f"if (on) {QUERY};", "unsafe"),
    (f"on && {QUERY};", "unsafe"),
    (f"on ? {QUERY} : null;", "unsafe"),
    (f"kept ?? {QUERY};", "unsafe"),
    (f"{QUERY}, foo();", "unsafe"),
    (f"const n = {QUERY};", "unsafe"),
    (f"for (const id of ids) {QUERY};", "unsafe"),
    (f"foo()\n  {QUERY}", "unsafe"),
    (f"ids.map(async () => {{ {QUERY}; }});", "unsafe"),
    (f"const inner = () => {{ {QUERY}; }};", "none"),
    (f"ids.forEach(() => {QUERY});", "none"),
    (f"ids.forEach(async () => {{ {QUERY}; }});", "none"),
    (f"setInterval(() => {QUERY}, 10);", "none"),
    (f"({QUERY});", "none"),
]
STARTED = [
    f"return {QUERY};",
    f"const n = {QUERY}; await n;",
    f"const n = {QUERY}; foo(n);",
    f"{QUERY}.then(foo);",
    f"void {QUERY}.catch(foo);",
    f"waitUntil({QUERY});",
    f"after(() => {QUERY});",
    f"ids.map(() => {QUERY});",
    f"kept = {QUERY};",
    "kept = prisma.$transaction;",
    "const begin = prisma.$transaction;",
    f"ids.push({QUERY});",
    f"foo({{ n: {QUERY} }});",
    f"await Promise.all([{QUERY}]);",
    "prisma.$transaction([prisma.user.count()]);",
    "prisma.$connect();",
    "prisma.$disconnect;",
    "other.user.delete(1);",
]
BODY = (
    IMPORT
    + "declare function foo(x?: unknown): void; declare function waitUntil(x: unknown): void;\n"
    + "declare function after(x: unknown): void; declare const other: any;\nlet kept: unknown;\n"
    + "export async function f(ids: any[], on: boolean) {\n  BODY\n}\n"
)


@pytest.mark.parametrize(("body", "applicability"), BARE)
def test_a_query_that_nobody_starts(tmp_path: Path, body: str, applicability: str) -> None:
    result = run(shop(tmp_path, **{"src/work.ts": BODY.replace("BODY", body)}), Options(jobs=1))
    assert [(f.finding.code, f.applicability) for f in result.findings if f.finding.code == "PF403"] == [
        ("PF403", applicability)
    ]


@pytest.mark.parametrize("body", STARTED)
def test_a_query_that_is_started(tmp_path: Path, body: str) -> None:
    assert [code for code, _ in found(tmp_path, BODY.replace("BODY", body)) if code == "PF403"] == []


def test_a_query_that_nobody_starts_in_the_first_function_of_a_module(tmp_path: Path) -> None:
    source = IMPORT + f"declare const ids: number[];\nids.forEach(() => {QUERY});\n"
    assert found(tmp_path, source) == [("PF403", QUERY)]


_METHODS = "{ model: { user: { async %s() { return 0; } } } }"
EXTENSIONS = [
    (f"Prisma.defineExtension((client) => client.$extends({_METHODS % 'deleteMany'}))", 0),
    (f"Prisma.defineExtension((client) => client.$extends({_METHODS % 'updateMany'}))", 1),
    ("Prisma.defineExtension(options)", 0),
    ("{ result: { user: { deleteMany: { needs: {}, compute: () => 1 } } } }", 1),
    ("{ query: { $allOperations: ({ args, query }: any) => query(args) } }", 1),
    ("Prisma.defineExtension({ result: {} })", 1),
    ("softDelete", 0),
    ("{ model: { user: { async deleteMany() { return 0; } } } }", 0),
    ("withAccelerate()", 1),
    ("somethingElse()", 0),
]


@pytest.mark.parametrize(("extension", "count"), EXTENSIONS)
def test_what_an_extension_replaces_may_start_at_once(tmp_path: Path, extension: str, count: int) -> None:
    client = (
        'import { Prisma, PrismaClient } from "@prisma/client";\n'
        'import { withAccelerate } from "@prisma/extension-accelerate";\n'
        'import { options, somethingElse } from "some-sdk";\n'
        'import { softDelete } from "./soft-delete";\n'
        f"export const prisma = new PrismaClient().$extends({extension});\n"
    )
    soft = (
        'import { Prisma } from "@prisma/client";\nexport const softDelete = Prisma.defineExtension({\n'
        "  model: { $allModels: { async deleteMany(args: object) { return args; } } },\n});\n"
    )
    source = IMPORT + "export async function f() {\n  prisma.user.deleteMany();\n}\n"
    files = {"src/lib/prisma.ts": client, "src/lib/soft-delete.ts": soft, "src/work.ts": source}
    assert [code for code, _ in found(tmp_path, files.pop("src/work.ts"), **files)] == ["PF403"] * count
