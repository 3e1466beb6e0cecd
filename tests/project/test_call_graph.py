"""What a call reaches: through methods, injection, inheritance, interfaces, wrappers, contexts and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.project.denote.values import FunctionRef
from tests.project.building import PLAIN, SHARED, project_of

if TYPE_CHECKING:
    from pathlib import Path

DB = "import { prisma } from './db';\n"
QUERY = "prisma.user.findFirst({ where: { id } })"
REPO = DB + "export class Repo { find(id: number) { return " + QUERY + "; } }\n"
INTERFACE = "export interface Repo { find(id: number): Promise<unknown>; }\n"
PG = (
    DB
    + "import type { Repo } from './repo';\nexport class PgRepo implements Repo { find(id: number) { return "
    + QUERY
    + "; } }\n"
)

# What calling `work` in a.ts reaches: the queries, and the names of the calls on the way.
REACHED: dict[str, dict[str, str]] = {
    "function": {"a.ts": DB + f"const load = (id) => {QUERY};\nexport function work() {{ return load(1); }}"},
    "function elsewhere": {
        "a.ts": "import { load } from './b';\nexport function work() { return load(1); }",
        "b.ts": DB + f"export const load = (id) => {QUERY};",
    },
    "function of a namespace": {
        "a.ts": "import * as users from './b';\nexport function work() { return users.load(1); }",
        "b.ts": DB + f"export const load = (id) => {QUERY};",
    },
    "object of functions": {
        "a.ts": "import { users } from './b';\nexport function work() { return users.load(1); }",
        "b.ts": DB + f"export const users = {{ load: (id) => {QUERY} }};",
    },
    "object of methods that use this": {
        "a.ts": "import { users } from './b';\nexport function work() { return users.load(1); }",
        "b.ts": DB
        + f"export const users = {{ async load(id) {{ return this.one(id); }}, one(id) {{ return {QUERY}; }} }};",
    },
    "nested objects": {
        "a.ts": "import { api } from './b';\nexport function work() { return api.users.load(1); }",
        "b.ts": DB + f"const users = {{ load(id) {{ return {QUERY}; }} }};\nexport const api = {{ users }};",
    },
    "chosen out of an object": {
        "a.ts": DB + f"const all = {{ a: (id) => {QUERY}, b: (id) => {QUERY} }};\n"
        "export function work(kind: 'a' | 'b') { return all[kind](1); }",
    },
    "method": {
        "a.ts": "import { Repo } from './b';\nexport function work() { return new Repo().find(1); }",
        "b.ts": REPO,
    },
    "method through a variable": {
        "a.ts": "import { Repo } from './b';\nconst repo = new Repo();\n"
        "export function work() { return repo.find(1); }",
        "b.ts": REPO,
    },
    "method through a parameter": {
        "a.ts": "import type { Repo } from './b';\nexport function work(repo: Repo) { return repo.find(1); }",
        "b.ts": REPO,
    },
    "injected": {
        "a.ts": "import { Repo } from './b';\nclass Service { constructor(private readonly repo: Repo) {}\n"
        " all() { return this.repo.find(1); } }\nexport function work(s: Service) { return s.all(); }",
        "b.ts": REPO,
    },
    "injected into a field": {
        "a.ts": "import { Repo } from './b';\nclass Service { @Inject(Repo) repo: Repo;\n"
        " all() { return this.repo.find(1); } }\nexport function work(s: Service) { return s.all(); }",
        "b.ts": REPO,
    },
    "injected by a function": {
        "a.ts": "import { Repo } from './b';\nimport { inject } from '@angular/core';\n"
        "class Service { repo = inject(Repo);\n"
        " all() { return this.repo.find(1); } }\nexport function work(s: Service) { return s.all(); }",
        "b.ts": REPO,
    },
    "out of a container": {
        "a.ts": "import { container } from 'tsyringe';\nimport { Repo } from './b';\n"
        "export function work() { return container.resolve(Repo).find(1); }",
        "b.ts": REPO,
    },
    "inherited": {
        "a.ts": "import { Repo } from './b';\nclass Users extends Repo {}\n"
        "export function work() { return new Users().find(1); }",
        "b.ts": REPO,
    },
    "super": {
        "a.ts": "import { Repo } from './b';\nclass Users extends Repo { find(id: number) { return "
        "super.find(id); } }\n"
        "export function work() { return new Users().find(1); }",
        "b.ts": REPO,
    },
    "super constructor": {
        "a.ts": DB + f"class A {{ constructor(id) {{ {QUERY}.then(log); }} }}\n"
        f"class B extends A {{ constructor() {{ super(1); }} }}\n"
        "export function work() { return new B(); }",
    },
    "mixin": {
        "a.ts": DB + f"const Finds = (Base) => class extends Base {{ find(id) {{ return {QUERY}; }} }};\n"
        "class Users extends Finds(Object) {}\nexport function work() { return new Users().find(1); }",
    },
    "abstract method with one implementation": {
        "a.ts": DB + "abstract class Job { run() { return this.load(1); } protected abstract load(id: number): "
        "Promise<unknown>; }\n"
        f"class One extends Job {{ load(id: number) {{ return {QUERY}; }} }}\n"
        "export function work(job: Job) { return job.run(); }",
    },
    "abstract class in another module": {
        "a.ts": "import { Job } from './job';\nexport function work(job: Job) { return job.load(1); }",
        "job.ts": "export abstract class Job { abstract load(id: number): Promise<unknown>; }",
        "one.ts": DB
        + "import { Job } from './job';\nexport class One extends Job { load(id: number) { return "
        + QUERY
        + "; } }",
    },
    "interface with one implementation": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
    },
    "interface through a barrel": {
        "a.ts": "import type { Repo } from './types';\nexport function work(repo: Repo) { return repo.find(1); }",
        "types.ts": "export * from './repo';",
        "repo.ts": INTERFACE,
        "pg.ts": PG.replace("'./repo'", "'./types'"),
    },
    "interface with a test double": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
        "tests/fake.ts": "import type { Repo } from '../repo';\n"
        "export class FakeRepo implements Repo { async find() { return 1; } }",
    },
    "interface whose two implementations agree": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
        "other.ts": PG.replace("PgRepo", "OtherRepo"),
    },
    "interface, one implementation hands on to the other": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
        "router.ts": "import type { Repo } from './repo';\nexport class Router implements Repo {\n"
        " constructor(private readonly inner: Repo) {}\n find(id: number) { return this.inner.find(id); } }",
    },
    "interface of an object": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": DB + "import type { Repo } from './repo';\nexport const pg: Repo = { find: (id) => " + QUERY + " };",
    },
    "interface that a function gives": {
        "a.ts": "import { make } from './pg';\nexport function work() { return make().find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": DB
        + "import type { Repo } from './repo';\nexport function make(): Repo { return { find: (id) => "
        + QUERY
        + " }; }",
    },
    "interface in options, handed over without a word": {
        "a.ts": "import type { Finder } from './finder';\nexport interface Options { finder: Finder }\n"
        "export class Service { constructor(private readonly options: Options) {}\n"
        " all() { return this.options.finder.find(1); } }\n"
        "export function work(s: Service) { return s.all(); }",
        "finder.ts": "export interface Finder { find(id: number): Promise<unknown>; }",
        "main.ts": DB + "import { Service } from './a';\nclass Plain { find(id: number) { return " + QUERY + "; } }\n"
        "export const service = new Service({ finder: new Plain() });",
    },
    "default dependencies": {
        "a.ts": DB + f"const defaults = {{ find: (id) => {QUERY} }};\n"
        f"export function work(deps = defaults) {{ return deps.find(1); }}",
    },
    "default dependencies with a type": {
        "a.ts": DB + f"interface Deps {{ find: (id: number) => Promise<unknown> }}\n"
        f"const defaults: Deps = {{ find: (id) => {QUERY} }};\n"
        "export function work(deps: Deps = defaults) { return deps.find(1); }",
    },
    "default dependency in options": {
        "a.ts": DB + f"const find = (id) => {QUERY};\nexport function work(o: {{ load?: typeof find }} = {{}}) "
        "{ const load = o.load ?? find; return load(1); }",
    },
    "destructured default dependency": {
        "a.ts": DB
        + f"const find = (id) => {QUERY};\nexport function work({{ load = find }} = {{}}) {{ return load(1); }}",
    },
    "curried": {
        "a.ts": DB + "const load = (db) => (id) => db.user.findFirst({ where: { id } });\n"
        "export function work() { return load(prisma)(1); }",
    },
    "curried, kept": {
        "a.ts": DB + "const make = (db) => ({ load: (id) => db.user.findFirst({ where: { id } }) });\n"
        "const users = make(prisma);\n"
        "export function work() { return users.load(1); }",
    },
    "wrapped by a package": {
        "a.ts": "import { cache } from 'react';\n"
        + DB
        + f"const load = cache(async (id) => {QUERY});\nexport function work() {{ return load(1); }}",
    },
    "wrapped by a package with options": {
        "a.ts": "import { unstable_cache } from 'next/cache';\n"
        + DB
        + f"const load = unstable_cache(async (id) => {QUERY}, ['users'], {{ revalidate: 60 }});\n"
        f"export function work() {{ return load(1); }}",
    },
    "wrapped by the project": {
        "a.ts": DB
        + "import { catchAsync } from './wrap';\n"
        + f"const load = catchAsync(async (id) => {QUERY});\nexport function work() {{ return load(1); }}",
        "wrap.ts": "export const catchAsync = (fn) => (...args) => Promise.resolve(fn(...args)).catch(report);",
    },
    "wrapped twice": {
        "a.ts": DB
        + "import { cache } from 'react';\nimport { withAuth } from './wrap';\n"
        + f"const load = withAuth(cache(async (id) => {QUERY}));\nexport function work() {{ return load(1); }}",
        "wrap.ts": "export const withAuth = (fn) => async (...args) => { await check(); return fn(...args); };",
    },
    "wrapper that is called with the function": {
        "a.ts": DB + "import { retry } from './wrap';\n" + f"export function work() {{ return retry(() => {QUERY}); }}",
        "wrap.ts": "export async function retry<T>(fn: () => Promise<T>): Promise<T> { return fn(); }",
    },
    "wrapper around a promise": {
        "a.ts": DB
        + "import { tryCatch } from './wrap';\n"
        + f"const load = (id) => {QUERY};\nexport function work() {{ return tryCatch(load(1)); }}",
        "wrap.ts": "export async function tryCatch<T>(p: Promise<T>) { try { return [null, await p]; } catch "
        "(e) { return [e, null]; } }",
    },
    "singleton of an object": {
        "a.ts": DB + "import { singleton } from './wrap';\nimport { Repo } from './b';\n"
        "export const repo = singleton('repo', make);\n"
        "function make() { const it = new Repo(); return it; }\nexport function work() { return repo.find(1); }",
        "b.ts": REPO,
        "wrap.ts": "export function singleton<T>(name: string, get: () => T): T { (globalThis as any)[name] ??= "
        "get(); return (globalThis as any)[name]; }",
    },
    "composed": {
        "a.ts": DB
        + "import { pipe } from 'fp-ts/function';\n"
        + f"const load = (id) => {QUERY};\nexport function work() {{ return pipe(1, load); }}",
    },
    "callback by reference": {
        "a.ts": DB + f"const load = (id) => {QUERY};\nexport function work(ids) {{ ids.forEach(load); }}",
    },
    "method by reference": {
        "a.ts": "import { Repo } from './b';\nconst repo = new Repo();\n"
        "export function work(ids) { ids.forEach(repo.find.bind(repo)); }",
        "b.ts": REPO,
    },
    "callback that a function of the project calls": {
        "a.ts": DB
        + "function each(ids, fn) { for (const id of ids) fn(id); }\n"
        + f"const load = (id) => {QUERY};\nexport function work(ids) {{ each(ids, load); }}",
    },
    "function in a default parameter": {
        "a.ts": DB + f"const load = (id) => {QUERY};\nexport function work(fn = load) {{ return fn(1); }}",
    },
    "assigned later": {
        "a.ts": DB + "let load;\n" + f"load = (id) => {QUERY};\nexport function work() {{ return load(1); }}",
    },
    "conditional, both": {
        "a.ts": DB + f"const a = (id) => {QUERY};\nconst b = (id) => {QUERY};\n"
        f"export function work(x) {{ return (x ? a : b)(1); }}",
    },
    "CommonJS": {
        "a.js": "const users = require('./b');\nexports.work = function work() { return users.load(1); };",
        "b.js": "const { PrismaClient } = require('@prisma/client');\nconst prisma = new PrismaClient();\n"
        f"const load = (id) => {QUERY};\nmodule.exports = {{ load }};",
    },
    "CommonJS class": {
        "a.js": "const Repo = require('./b');\nconst repo = new Repo();\n"
        "exports.work = function work() { return repo.find(1); };",
        "b.js": "const { PrismaClient } = require('@prisma/client');\nconst prisma = new PrismaClient();\n"
        f"module.exports = class Repo {{ find(id) {{ return {QUERY}; }} }};",
    },
    "CommonJS instance": {
        "a.js": "const repo = require('./b');\nexports.work = function work() { return repo.find(1); };",
        "b.js": "const { PrismaClient } = require('@prisma/client');\nconst prisma = new PrismaClient();\n"
        f"class Repo {{ find(id) {{ return {QUERY}; }} }}\nmodule.exports = new Repo();",
    },
    "prototype": {
        "a.js": "const { PrismaClient } = require('@prisma/client');\nconst prisma = new PrismaClient();\n"
        "function Repo() {}\n"
        f"Repo.prototype.find = function (id) {{ return {QUERY}; }};\n"
        f"exports.work = function work() {{ return new Repo().find(1); }};",
    },
    "dynamic import": {
        "a.ts": "export async function work() { const { load } = await import('./b'); return load(1); }",
        "b.ts": DB + f"export const load = (id) => {QUERY};",
    },
    "dynamic import with then": {
        "a.ts": "export function work() { return import('./b').then((m) => m.load(1)); }",
        "b.ts": DB + f"export const load = (id) => {QUERY};",
    },
    "service out of a factory": {
        "a.ts": DB
        + f"function createUsers() {{ return {{ find(id) {{ return {QUERY}; }} }}; }}\nconst users = createUsers();\n"
        "export function work() { return users.find(1); }",
    },
    "service out of a factory, typed by it": {
        "a.ts": DB + f"function createUsers() {{ return {{ find(id) {{ return {QUERY}; }} }}; }}\n"
        f"type Users = ReturnType<typeof createUsers>;\n"
        "export function work(users: Users) { return users.find(1); }",
    },
    "static method": {
        "a.ts": DB + f"class Users {{ static find(id) {{ return {QUERY}; }} }}\n"
        f"export function work() {{ return Users.find(1); }}",
    },
    "singleton of a class": {
        "a.ts": DB + f"class Users {{ private static one: Users; static get() {{ return (this.one ??= new "
        f"Users()); }} "
        f"find(id) {{ return {QUERY}; }} }}\n"
        "export function work() { return Users.get().find(1); }",
    },
    "private method": {
        "a.ts": DB + f"class Users {{ #find(id) {{ return {QUERY}; }} all() {{ return this.#find(1); }} }}\n"
        f"export function work() {{ return new Users().all(); }}",
    },
    "field that is a function": {
        "a.ts": DB
        + f"class Users {{ find = async (id) => {QUERY}; }}\nexport function work() {{ return new Users().find(1); }}",
    },
    "method that is bound": {
        "a.ts": DB
        + f"class Users {{ constructor() {{ this.all = this.find.bind(this); }} find(id) {{ return {QUERY}; }} }}\n"
        "export function work() { return new Users().all(1); }",
    },
    "call": {
        "a.ts": DB
        + f"function load(id) {{ return {QUERY}; }}\nexport function work() {{ return load.call(null, 1); }}",
    },
    "immediately called": {"a.ts": DB + f"export function work() {{ return (async (id) => {QUERY})(1); }}"},
    "generic repository": {
        "a.ts": PLAIN + "class Base<T extends PrismaClient> { constructor(protected db: T) {} find(id) { return "
        "this.db.user.findFirst({ where: { id } }); } }\n"
        "class Users extends Base<PrismaClient> {}\nexport function work(users: Users) { return users.find(1); }",
    },
}

NOT_REACHED: dict[str, dict[str, str]] = {
    "interface whose implementations differ": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
        "memory.ts": "import type { Repo } from './repo';\n"
        "export class Memory implements Repo { async find(id: number) { return fetch(`${id}`); } }",
    },
    "interface nobody implements": {
        "a.ts": "import type { Repo } from './repo';\nexport function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
    },
    "another interface of that name": {
        "a.ts": "interface Repo { find(id: number): Promise<unknown>; }\n"
        "export function work(repo: Repo) { return repo.find(1); }",
        "repo.ts": INTERFACE,
        "pg.ts": PG,
    },
    "abstract method whose implementations differ": {
        "a.ts": DB + "abstract class Job { abstract load(id: number): Promise<unknown>; }\n"
        f"class One extends Job {{ load(id: number) {{ return {QUERY}; }} }}\n"
        f"class Two extends Job {{ async load(id: number) {{ return fetch(`${{id}}`); }} }}\n"
        "export function work(job: Job) { return job.load(1); }",
    },
    "method that is overridden": {
        "a.ts": "import { Repo } from './b';\nclass Quiet extends Repo { async find() { return null; } }\n"
        "export function work() { return new Quiet().find(1); }",
        "b.ts": REPO,
    },
    "conditional, only one": {
        "a.ts": DB
        + f"const a = (id) => {QUERY};\nconst b = (id) => id;\nexport function work(x) {{ return (x ? a : b)(1); }}",
    },
    "chosen out of an object, not all": {
        "a.ts": DB + f"const all = {{ a: (id) => {QUERY}, b: (id) => id }};\n"
        f"export function work(kind) {{ return all[kind](1); }}",
    },
    "method of the same name": {
        "a.ts": "import { Repo } from './b';\nclass Other { find(id) { return id; } }\n"
        "export function work() { return new Other().find(1); }",
        "b.ts": REPO,
    },
    "a queue that runs it later": {
        "a.ts": "import { queue } from 'bull';\nimport './b';\nexport function work() { return queue.add('find', 1); }",
        "b.ts": REPO,
    },
    "handed over but never called": {
        "a.ts": DB + "import { Registry } from './r';\nexport function work(r: Registry) { return r.size(); }",
        "r.ts": "export class Registry { items = []; size() { return this.items.length; } }",
    },
    "another client": {
        "a.ts": "import { db } from './drizzle';\nexport function work() { return db.query.user.findFirst({ "
        "where: { id: 1 } }); }",
        "drizzle.ts": "import { drizzle } from 'drizzle-orm/node-postgres';\n"
        "export const db = drizzle(process.env.DATABASE_URL);",
    },
    "Drizzle in a context that is not known": {
        "a.ts": "export function work(ctx) { return ctx.db.query.user.findFirst({ where: { id: 1 } }); }",
    },
    "Kysely in a context": {
        "a.ts": "import type { Kysely } from 'kysely';\ninterface Ctx { db: Kysely<any> }\n"
        "export function work(ctx: Ctx) { return ctx.db.user.findFirst({ where: { id: 1 } }); }",
    },
}


def reached(root: Path, files: dict[str, str]) -> list[str]:
    """The queries that `work` of a.ts (or a.js) reaches."""
    project = project_of(root, {"db.ts": SHARED, **files})
    path = next(path for path in files if path.startswith("a."))
    facts = project.facts(path)
    assert facts is not None
    (index,) = (function.index for function in facts.functions if function.name == "work")
    return [f"{r.query.model}.{r.query.name}" for r in project.effects.of_function(FunctionRef(path, index)).queries]


@pytest.mark.parametrize("case", REACHED)
def test_a_call_reaches_a_query(tmp_path: Path, case: str) -> None:
    assert set(reached(tmp_path, REACHED[case])) == {"user.findFirst"}


@pytest.mark.parametrize("case", NOT_REACHED)
def test_a_call_reaches_no_query(tmp_path: Path, case: str) -> None:
    assert reached(tmp_path, NOT_REACHED[case]) == []


PASSED = "import { Prisma } from '@prisma/client';\n" + DB
OPTIONAL = (
    "const load = (id: number, tx?: Prisma.TransactionClient) => (tx ?? prisma).user.findFirst({ where: { id } });\n"
)
OPTIONS = (
    "const load = (o: { id: number; tx?: Prisma.TransactionClient }) => {\n"
    " const db = o.tx ?? prisma;\n return db.user.findFirst({ where: { id: o.id } });\n};\n"
)
PATTERN = (
    "const load = ({ id, tx = prisma }: { id: number; tx?: Prisma.TransactionClient }) =>"
    " tx.user.findFirst({ where: { id } });\n"
)
DEFAULT = "const load = (id: number, tx: Prisma.TransactionClient = prisma) => tx.user.findFirst({ where: { id } });\n"
LIKE = "interface Db { user: any; $queryRaw: any }\nclass Repo { private db: Db; "
THROUGH_TX = "export const work = () => prisma.$transaction((tx) => "

# How `load` takes its client, what calls it, and which client its query then uses.
CHOSEN = [
    (OPTIONAL, "export const work = () => load(1);", "outer"),
    (OPTIONAL, "export const work = () => load(1, undefined);", "outer"),
    (OPTIONAL, "export const work = () => load(1, prisma);", "outer"),
    (OPTIONAL, THROUGH_TX + "load(1, tx));", "transaction"),
    (OPTIONAL, "export const work = (tx: Prisma.TransactionClient) => load(1, tx);", "transaction"),
    (OPTIONAL, "export const work = (tx?: any) => load(1, tx);", "either"),
    (OPTIONAL, "export const work = (...rest: any[]) => load(...rest);", "either"),
    (OPTIONAL, "const mid = (tx?: any) => load(1, tx);\nexport const work = () => mid();", "outer"),
    (OPTIONAL, "const mid = (tx?: any) => load(1, tx);\n" + THROUGH_TX + "mid(tx));", "transaction"),
    (OPTIONS, "export const work = () => load({ id: 1 });", "outer"),
    (OPTIONS, THROUGH_TX + "load({ id: 1, tx }));", "transaction"),
    (OPTIONS, "export const work = (o: any) => load({ id: 1, ...o });", "either"),
    (OPTIONS, "export const work = (o: any) => load(o);", "either"),
    (PATTERN, "export const work = () => load({ id: 1 });", "outer"),
    (PATTERN, THROUGH_TX + "load({ id: 1, tx }));", "transaction"),
    (DEFAULT, "export const work = () => load(1);", "outer"),
    (DEFAULT, THROUGH_TX + "load(1, tx));", "transaction"),
    (
        LIKE + "load(id: number, tx?: Prisma.TransactionClient) { const d = tx ?? this.db; return "
        "d.user.count(); } }\n",
        "export const work = (repo: Repo) => repo.load(1);",
        "outer",
    ),
]


@pytest.mark.parametrize(("load", "work", "kind"), CHOSEN)
def test_the_client_that_a_call_chooses(tmp_path: Path, load: str, work: str, kind: str) -> None:
    project = project_of(tmp_path, {"db.ts": SHARED, "a.ts": PASSED + load + work})
    facts = project.facts("a.ts")
    assert facts is not None
    (index,) = (function.index for function in facts.functions if function.name == "work")
    queries = project.effects.of_function(FunctionRef("a.ts", index)).queries
    assert {r.query.client.kind for r in queries if not r.query.name.startswith("$")} == {kind}


# Other SDKs with the same shapes: what is imported, what makes one, its type.
OTHERS = [
    ("import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';", "drizzle(url)", "NodePgDatabase"),
    ("import { Kysely } from 'kysely';", "new Kysely({})", "Kysely<any>"),
    ("import knex, { type Knex } from 'knex';", "knex({})", "Knex"),
    ("import mongoose from 'mongoose';", "mongoose.createConnection(url)", "mongoose.Connection"),
    ("import { MongoClient } from 'mongodb';", "new MongoClient(url)", "MongoClient"),
    ("import { DataSource } from 'typeorm';", "new DataSource({})", "DataSource"),
    ("import { Sequelize } from 'sequelize';", "new Sequelize(url)", "Sequelize"),
    ("import Stripe from 'stripe';", "new Stripe(key)", "Stripe"),
    ("import { createClient, type SupabaseClient as S } from '@supabase/supabase-js';", "createClient(url)", "S"),
    ("import Redis from 'ioredis';", "new Redis(url)", "Redis"),
    ("import { createClient, type ClickHouseClient as C } from '@clickhouse/client';", "createClient({})", "C"),
    ("import { Client } from '@planetscale/database';", "new Client({})", "Client"),
    ("import { google, type gmail_v1 } from 'googleapis';", "google.gmail('v1')", "gmail_v1.Gmail"),
    ("import postgres, { type Sql } from 'postgres';", "postgres(url)", "Sql"),
]


@pytest.mark.parametrize(("imported", "made", "type_text"), OTHERS)
@pytest.mark.parametrize("form", ["value", "type", "context"])
def test_another_sdk_is_no_client(tmp_path: Path, imported: str, made: str, type_text: str, form: str) -> None:
    call = ".user.findMany({ where: { id: 1 } })"
    work = {
        "value": f"const prisma = {made};\nexport const work = () => prisma{call};",
        "type": f"export const work = (prisma: {type_text}) => prisma{call};",
        "context": f"interface Ctx {{ prisma: {type_text} }}\nexport const work = (ctx: Ctx) => ctx.prisma{call};",
    }[form]
    assert reached(tmp_path, {"a.ts": f"{imported}\n{work}"}) == []
