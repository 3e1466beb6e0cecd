"""What denotes a client and what does not: by type, by where it is filled, and through the forms people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import PACKAGE, PLAIN, SHARED, probed, project_of

if TYPE_CHECKING:
    from pathlib import Path

FROM_DB = "import { prisma } from './db';\n"

# What the argument of `probe(…)` in a.ts (or a.js) denotes. `db.ts` exports the shared client as `prisma`.
TYPES: dict[str, tuple[str | dict[str, str], str]] = {
    "class": (PLAIN + "function f(x: PrismaClient) { probe(x); }", "client"),
    "transaction": (
        "import { Prisma } from '@prisma/client';\nfunction f(x: Prisma.TransactionClient) { probe(x); }",
        "transaction client",
    ),
    "type-only import": (
        "import type { PrismaClient } from '@prisma/client';\nfunction f(x: PrismaClient) { probe(x); }",
        "client",
    ),
    "union of both": (
        "import { Prisma, PrismaClient } from '@prisma/client';\n"
        "function f(x: PrismaClient | Prisma.TransactionClient) { probe(x); }",
        "either client",
    ),
    "alias of a union": (
        "import { Prisma, PrismaClient } from '@prisma/client';\n"
        "type Db = PrismaClient | Prisma.TransactionClient;\nfunction f(x: Db) { probe(x); }",
        "either client",
    ),
    "typeof": (FROM_DB + "function f(x: typeof prisma) { probe(x); }", "client"),
    "typeof in a type": ("function f(x: typeof import('./db').prisma) { probe(x); }", "client"),
    "named type by typeof": (
        {
            "a.ts": "import type { Db } from './t';\nfunction f(x: Db) { probe(x); }",
            "t.ts": FROM_DB + "export type Db = typeof prisma;",
        },
        "client",
    ),
    "return type": (
        PLAIN + "const make = () => new PrismaClient();\nfunction f(x: ReturnType<typeof make>) { probe(x); }",
        "client",
    ),
    "awaited return type": (
        PLAIN + "async function make() { return new PrismaClient(); }\n"
        "function f(x: Awaited<ReturnType<typeof make>>) { probe(x); }",
        "client",
    ),
    "instance type": (PLAIN + "function f(x: InstanceType<typeof PrismaClient>) { probe(x); }", "client"),
    "pick": (PLAIN + "function f(x: Pick<PrismaClient, 'user'>) { probe(x); }", "either client"),
    "omit, the transaction's own": (
        PLAIN + "function f(x: Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$use'>) { "
        "probe(x); }",
        "transaction client",
    ),
    "omit, something else": (PLAIN + "function f(x: Omit<PrismaClient, '$on'>) { probe(x); }", "either client"),
    "parameters of the callback": (
        PLAIN
        + "type Tx = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];\nfunction f(x: Tx) { probe(x); }",
        "transaction client",
    ),
    "parameters of the callback, by typeof": (
        FROM_DB
        + "type Tx = Parameters<Parameters<typeof prisma.$transaction>[0]>[0];\nfunction f(x: Tx) { probe(x); }",
        "transaction client",
    ),
    "generic": (PLAIN + "function f<T extends PrismaClient>(x: T) { probe(x); }", "client"),
    "generic class": (
        PLAIN + "class Repo<T extends PrismaClient> { constructor(private db: T) {} all() { probe(this.db); } }",
        "client",
    ),
    "generic arrow": (PLAIN + "const f = <T extends PrismaClient>(x: T) => { probe(x); };", "client"),
    "generic alias": (
        PLAIN + "type Maybe<T> = T | undefined;\nfunction f(x: Maybe<PrismaClient>) { probe(x); }",
        "client",
    ),
    "generic interface": (
        PLAIN + "interface Box<T> { inner: T }\nfunction f(x: Box<PrismaClient>) { probe(x.inner); }",
        "client",
    ),
    "optional in options": (
        FROM_DB + "import { Prisma } from '@prisma/client';\n"
        "function f(o: { tx?: Prisma.TransactionClient } = {}) { const x = o.tx ?? prisma; probe(x); }",
        "either client",
    ),
    "options destructured with a default": (
        FROM_DB + "import { Prisma } from '@prisma/client';\n"
        "function f({ tx = prisma }: { tx?: Prisma.TransactionClient }) { probe(tx); }",
        "either client",
    ),
    "options destructured with a default, untyped": (
        FROM_DB + "function f({ tx = prisma } = {}) { probe(tx); }",
        "either client",
    ),
    "default parameter": (FROM_DB + "export function f(x = prisma) { probe(x); }", "either client"),
    "default parameter with a type": (
        FROM_DB + "import { Prisma } from '@prisma/client';\n"
        "export function f(x: Prisma.TransactionClient = prisma) { probe(x); }",
        "either client",
    ),
    "field of an interface": (
        PLAIN + "interface Deps { db: PrismaClient }\nfunction f(deps: Deps) { probe(deps.db); }",
        "client",
    ),
    "field of an interface, destructured": (
        PLAIN + "interface Deps { db: PrismaClient }\nfunction f({ db }: Deps) { probe(db); }",
        "client",
    ),
    "field of an extended interface": (
        PLAIN + "interface Base { db: PrismaClient }\ninterface Deps extends Base { id: string }\n"
        "function f(deps: Deps) { probe(deps.db); }",
        "client",
    ),
    "field of an intersection": (
        PLAIN + "type Deps = { id: string } & { db: PrismaClient };\nfunction f(deps: Deps) { probe(deps.db); }",
        "client",
    ),
    "method of an interface": (
        PLAIN + "interface Source { client(): PrismaClient }\nfunction f(s: Source) { probe(s.client()); }",
        "client",
    ),
    "function type": (
        PLAIN + "function f(get: () => Promise<PrismaClient>) { const x = await get(); probe(x); }",
        "client",
    ),
    "indexed access type": (
        PLAIN + "interface Deps { db: PrismaClient }\nfunction f(x: Deps['db']) { probe(x); }",
        "client",
    ),
    "namespace type": ("import * as P from '@prisma/client';\nfunction f(x: P.PrismaClient) { probe(x); }", "client"),
    "import type expression": ("function f(x: import('@prisma/client').PrismaClient) { probe(x); }", "client"),
    "JSDoc is no type": ("function f(x) { probe(x); }", "unknown"),
    "type of another package": (
        "import type { PrismaClient } from 'elsewhere';\nfunction f(x: PrismaClient) { probe(x); }",
        "unknown",
    ),
    "deep mock of a test": (
        PLAIN + "import type { DeepMockProxy } from 'jest-mock-extended';\n"
        "function f(x: DeepMockProxy<PrismaClient>) { probe(x); }",
        "unknown",
    ),
    "a type variable that shadows": (
        PLAIN + "function f<PrismaClient>(x: PrismaClient) { probe(x); }",
        "unknown",
    ),
}

FORMS: dict[str, tuple[str | dict[str, str], str]] = {
    "proxy of a cast": (
        PLAIN + "export const prisma = new Proxy({} as PrismaClient, { get: (_, key) => Reflect.get(get(), key) });\n"
        "probe(prisma);",
        "client",
    ),
    "proxy that is cast": (
        PLAIN + "const prisma = new Proxy({}, { get(_, key) { return get()[key]; } }) as PrismaClient;\nprobe(prisma);",
        "client",
    ),
    "proxy with a type argument": (
        PLAIN + "const prisma = new Proxy<PrismaClient>({} as any, { get: (_, key) => get()[key] });\nprobe(prisma);",
        "client",
    ),
    "proxy of an annotated variable": (
        PLAIN + "const prisma: PrismaClient = new Proxy({} as any, { get: (_, key) => get()[key] });\nprobe(prisma);",
        "client",
    ),
    "proxy by its handler": (
        {
            "a.js": "const { PrismaClient } = require('@prisma/client');\nlet client;\n"
            "function get() { if (!client) client = new PrismaClient(); return client; }\n"
            "const prisma = new Proxy({}, { get(_, key) { const c = get(); return c[key]; } });\nprobe(prisma);"
        },
        "client",
    ),
    "proxy by Reflect": (
        FROM_DB + "const x = new Proxy({}, { get: (_, key) => Reflect.get(prisma, key) });\nprobe(x);",
        "client",
    ),
    "proxy around a client": (
        FROM_DB + "const x = new Proxy(prisma, { get: (t, key) => t[key] });\nprobe(x);",
        "client",
    ),
    "proxy of something else": ("const x = new Proxy({}, { get: (_, key) => key });\nprobe(x.user);", "unknown"),
    "getter of an object": (FROM_DB + "const db = { get client() { return prisma; } };\nprobe(db.client);", "client"),
    "getter of a class": (
        FROM_DB + "class Db { get client() { return prisma; } }\nprobe(new Db().client);",
        "client",
    ),
    "static getter": (FROM_DB + "class Db { static get client() { return prisma; } }\nprobe(Db.client);", "client"),
    "object that holds it": (FROM_DB + "const db = { client: prisma };\nprobe(db.client);", "client"),
    "nested object": (FROM_DB + "const app = { services: { db: prisma } };\nprobe(app.services.db);", "client"),
    "object filled later": (FROM_DB + "const app = {};\napp.db = prisma;\nprobe(app.db);", "client"),
    "spread": (FROM_DB + "const a = { prisma };\nconst b = { ...a, id: 1 };\nprobe(b.prisma);", "client"),
    "rest": (FROM_DB + "const { id, ...rest } = { id: 1, prisma };\nprobe(rest.prisma);", "client"),
    "array destructured": (FROM_DB + "const [a, x] = [1, prisma];\nprobe(x);", "client"),
    "array destructured from Promise.all": (
        PLAIN + "const get = async () => new PrismaClient();\nconst [x, y] = await Promise.all([get(), 1]);\nprobe(x);",
        "client",
    ),
    "lazy memo": (
        PLAIN + "let one: PrismaClient | undefined;\nfunction get() { one ??= new PrismaClient(); return one; }\n"
        "probe(get());",
        "client",
    ),
    "lazy memo in an object": (
        PLAIN + "const memo = {};\nfunction get() { if (!memo.client) memo.client = new PrismaClient(); return "
        "memo.client; }\nprobe(get());",
        "client",
    ),
    "remember": (
        PLAIN + "import { remember } from '@epic-web/remember';\n"
        "const x = remember('prisma', () => new PrismaClient());\nprobe(x);",
        "client",
    ),
    "singleton of the project": (
        {
            "a.ts": PLAIN + "import { singleton } from './s';\nconst x = singleton('prisma', make);\n"
            "function make() { return new PrismaClient(); }\nprobe(x);",
            "s.ts": "export function singleton<T>(name: string, get: () => T): T {\n const g = globalThis as any;\n"
            " g.__all ??= {};\n g.__all[name] ??= get();\n return g.__all[name];\n}",
        },
        "client",
    ),
    "once of a library": (
        PLAIN + "import once from 'lodash/once';\nconst get = once(() => new PrismaClient());\nprobe(get());",
        "client",
    ),
    "extended chain": (
        PLAIN + "const x = new PrismaClient().$extends({}).$extends(other);\nprobe(x);",
        "client extended",
    ),
    "extended by a function": (
        PLAIN + "function withAudit(c: PrismaClient) { return c.$extends({}); }\n"
        "const x = withAudit(new PrismaClient());\nprobe(x);",
        "client extended",
    ),
    "generic function around it": (
        PLAIN + "function traced<T>(c: T): T { return c; }\nconst x = traced(new PrismaClient());\nprobe(x);",
        "client",
    ),
    "define extension": (
        FROM_DB + "import { Prisma } from '@prisma/client';\n"
        "const e = Prisma.defineExtension((client) => { probe(client); return client.$extends({}); });",
        "client",
    ),
    "define extension, result": (
        FROM_DB + "import { Prisma } from '@prisma/client';\n"
        "const e = Prisma.defineExtension((client) => client.$extends({}));\nconst x = prisma.$extends(e);\n"
        "probe(x);",
        "client extended",
    ),
    "subclass of a subclass": (
        PLAIN + "class A extends PrismaClient {}\nclass B extends A {}\nprobe(new B());",
        "client",
    ),
    "subclass from elsewhere": (
        {
            "a.ts": "import { A } from './b';\nclass B extends A {}\nprobe(new B());",
            "b.ts": PLAIN + "export class A extends PrismaClient {}",
        },
        "client",
    ),
    "method of a subclass": (
        PLAIN + "class Db extends PrismaClient { async all() { probe(this); } }",
        "client",
    ),
    "class that holds it": (
        PLAIN + "class Db { client = new PrismaClient(); }\nconst db = new Db();\nprobe(db.client);",
        "client",
    ),
    "constructor assignment": (
        FROM_DB + "class Db { constructor() { this.client = prisma; } }\nprobe(new Db().client);",
        "client",
    ),
    "constructor parameter, untyped": (
        FROM_DB + "class Repo { constructor(db) { this.db = db; } all() { probe(this.db); } }\nnew Repo(prisma);",
        "client",
    ),
    "constructor parameter, untyped, elsewhere": (
        {
            "a.js": "class Repo { constructor({ db }) { this.db = db; } all() { probe(this.db); } }\n"
            "module.exports = Repo;",
            "b.js": "const Repo = require('./a');\nconst { PrismaClient } = require('@prisma/client');\n"
            "new Repo({ db: new PrismaClient() });",
        },
        "client",
    ),
    "static method": (
        PLAIN + "class Db { static one; static get() { if (!Db.one) Db.one = new PrismaClient(); return Db.one; } }\n"
        "probe(Db.get());",
        "client",
    ),
    "private static method": (
        PLAIN
        + "class Db { static #one; static get() { return (this.#one ??= new PrismaClient()); } }\nprobe(Db.get());",
        "client",
    ),
    "parameter, untyped, filled elsewhere": (
        {
            "a.js": "exports.routes = function routes(app, db) { probe(db); };",
            "b.js": "const { routes } = require('./a');\nconst { PrismaClient } = require('@prisma/client');\n"
            "routes({}, new PrismaClient());",
        },
        "client",
    ),
    "parameter, untyped, filled elsewhere, default export": (
        {
            "a.ts": "export default (db) => { probe(db); };",
            "b.ts": FROM_DB + "import setup from './a';\nsetup(prisma);",
        },
        "client",
    ),
    "options, untyped, filled elsewhere": (
        {
            "a.ts": "export function make({ db }) { return { all() { probe(db); } }; }",
            "b.ts": FROM_DB + "import { make } from './a';\nmake({ db: prisma });",
        },
        "client",
    ),
    "conditional": (FROM_DB + "const x = process.env.A ? prisma : prisma;\nprobe(x);", "client"),
    "in a loop": (FROM_DB + "for (const x of [prisma]) { probe(x); }", "client"),
    "require chain": ({"a.js": "const x = new (require('@prisma/client').PrismaClient)();\nprobe(x);"}, "client"),
    "dynamic import": (
        "const { PrismaClient } = await import('@prisma/client');\nprobe(new PrismaClient());",
        "client",
    ),
    "dynamic import with then": (
        "import('@prisma/client').then(({ PrismaClient }) => { probe(new PrismaClient()); });",
        "client",
    ),
    "then": (PLAIN + "const get = async () => new PrismaClient();\nget().then((x) => { probe(x); });", "client"),
    "callback of a function of the project": (
        FROM_DB + "const withDb = (fn) => fn(prisma);\nwithDb((x) => { probe(x); });",
        "client",
    ),
    "callback in options": (
        FROM_DB + "const run = ({ work }) => work(prisma);\nrun({ work: (x) => { probe(x); } });",
        "client",
    ),
    "transaction callback": (FROM_DB + "prisma.$transaction(async (x) => { probe(x); });", "transaction client"),
    "transaction callback by name": (
        FROM_DB + "async function work(x) { probe(x); }\nprisma.$transaction(work);",
        "transaction client",
    ),
    "transaction callback that is called": (
        FROM_DB + "const work = (id) => async (x) => { probe(x); };\nprisma.$transaction(work(1));",
        "transaction client",
    ),
    "bound": (FROM_DB + "function f() { probe(this); }\nf.call(prisma);", "unknown"),
    "optional chaining": (FROM_DB + "const app = { db: prisma };\nprobe(app?.db);", "client"),
    "global, set elsewhere": (
        {
            "a.js": "probe(global.prisma);",
            "b.js": "const P = require('@prisma/client');\nglobal.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "global, by its bare name": (
        {
            "a.js": "probe(prisma);",
            "b.js": "const P = require('@prisma/client');\nglobal.prisma = new P.PrismaClient();",
        },
        "client",
    ),
    "global of another package": (
        {
            "package.json": '{"name": "root", "workspaces": ["a/*"]}',
            "a/one/package.json": '{"name": "one"}',
            "a.js": "probe(global.prisma);",
            "a/one/b.js": "const P = require('@prisma/client');\nglobal.prisma = new P.PrismaClient();",
        },
        "Global",
    ),
    "global, declared": (
        {
            "a.ts": "probe(globalThis.prisma);",
            "b.ts": PLAIN + "declare global { var prisma: PrismaClient }\n"
            "const g = globalThis;\ng.prisma ??= new PrismaClient();",
        },
        "client",
    ),
}

NOT_CLIENTS: dict[str, tuple[str | dict[str, str], str]] = {
    "Stripe": (
        "import Stripe from 'stripe';\nconst prisma = new Stripe('k');\nprobe(prisma);",
        "external stripe.new()",
    ),
    "Supabase": (
        "import { createClient } from '@supabase/supabase-js';\nexport const prisma = createClient('u', 'k');\n"
        "probe(prisma);",
        "external @supabase/supabase-js.createClient.()",
    ),
    "Drizzle": (
        "import { drizzle } from 'drizzle-orm/node-postgres';\nconst db = drizzle(pool);\nprobe(db.query.user);",
        "external drizzle-orm/node-postgres.drizzle.().query.user",
    ),
    "Kysely": (
        "import { Kysely } from 'kysely';\nconst db = new Kysely({});\nprobe(db);",
        "external kysely.Kysely.new()",
    ),
    "mongoose": (
        "import mongoose from 'mongoose';\nconst User = mongoose.model('User', s);\nprobe(User);",
        "external mongoose.model.()",
    ),
    "PlanetScale's driver": (
        "import { Client } from '@planetscale/database';\nconst prisma = new Client({});\nprobe(prisma);",
        "external @planetscale/database.Client.new()",
    ),
    "mock": (
        PLAIN
        + "import { mockDeep } from 'jest-mock-extended';\nconst prisma = mockDeep<PrismaClient>();\nprobe(prisma);",
        "external jest-mock-extended.mockDeep.()",
    ),
    "row": (FROM_DB + "const userPrisma = await prisma.user.findFirst();\nprobe(userPrisma);", "unknown"),
    "shadowed import": (FROM_DB + "function f(prisma: string[]) { probe(prisma); }", "unknown"),
    "shadowed in a block": (FROM_DB + "{ const prisma = 1; probe(prisma); }", "unknown"),
    "shadowed by catch": (FROM_DB + "try { a(); } catch (prisma) { probe(prisma); }", "unknown"),
    "shadowed by a loop": (FROM_DB + "for (const prisma of rows) { probe(prisma); }", "unknown"),
    "shadowed by a hoisted var": (FROM_DB + "function f() { probe(prisma); if (a) { var prisma = 1; } }", "unknown"),
    "shadowed by a hoisted function": (
        FROM_DB + "function f() { probe(prisma); function prisma() {} }",
        "FunctionRef a.ts",
    ),
    "shadowed by a class expression's name": (
        FROM_DB + "const A = class prisma { b() { probe(prisma); } };",
        "ClassRef a.ts",
    ),
    "shadowed by a destructured parameter": (FROM_DB + "function f({ a: { prisma } }) { probe(prisma); }", "unknown"),
    "not shadowed by an inner var of another function": (
        FROM_DB + "function f() { var prisma = 1; }\nprobe(prisma);",
        "client",
    ),
    "not shadowed by a property": (FROM_DB + "const a = { prisma: 1 };\nprobe(prisma);", "client"),
    "not shadowed by a label": (FROM_DB + "prisma: for (;;) { probe(prisma); }", "client"),
}


CACHE = "export class Cache { get(id) {} }\nglobal.Cache = new Cache();"
TWO_PACKAGES = {
    "package.json": '{"name": "root", "workspaces": ["a/*"]}',
    "a/one/package.json": '{"name": "one"}',
    "a/one/b.ts": CACHE,
}

# What stands on the global object, and what only seems to.
GLOBALS: dict[str, tuple[dict[str, str], str]] = {
    "instance": ({"a.ts": "probe(Cache);", "b.ts": CACHE}, "Instance b.ts"),
    "method": ({"a.ts": "probe(Cache.get);", "b.ts": CACHE}, "FunctionRef b.ts"),
    "function": (
        {"a.ts": "probe(fetchUser);", "b.ts": "function find() {}\n(globalThis as any).fetchUser = find;"},
        "FunctionRef b.ts",
    ),
    "class": ({"a.ts": "probe(Job);", "b.ts": "globalThis.Job = class {};"}, "ClassRef b.ts"),
    "object": ({"a.ts": "probe(settings.load);", "b.ts": "global.settings = { load() {} };"}, "FunctionRef b.ts"),
    "unless it is there": (
        {"a.ts": "probe(cache);", "b.ts": "class C {}\nglobal.cache = global.cache || new C();"},
        "Instance b.ts",
    ),
    "assigned if missing": (
        {"a.ts": "probe(cache);", "b.ts": "class C {}\nglobal.cache ??= new C();"},
        "Instance b.ts",
    ),
    "kept in a name": (
        {"a.ts": "probe(cache);", "b.ts": "class C {}\nconst c = globalThis.cache ?? new C();\nglobalThis.cache = c;"},
        "Instance b.ts",
    ),
    "client out of a promise": (
        {
            "a.ts": "probe(prisma);",
            "b.ts": PLAIN + "async function make() { const db = new PrismaClient(); return { db }; }\n"
            "export async function start() { global.prisma = global.prisma || (await make()).db; }",
        },
        "client",
    ),
    "through another global": (
        {"a.ts": "probe(first);", "b.ts": "global.first = second.inner;", "c.ts": "global.second = { inner() {} };"},
        "FunctionRef c.ts",
    ),
    "declared as a class": (
        {
            "a.ts": "probe(bot);",
            "b.ts": "import { Bot } from './bot';\ndeclare global { var bot: Bot }",
            "bot.ts": "export class Bot {}",
        },
        "Instance bot.ts",
    ),
    "declared by the type of something": (
        {"a.ts": "probe(log);", "b.ts": "const own = { warn() {} };\ndeclare global { var log: typeof own }"},
        "object of b.ts",
    ),
    "declared by an import type": (
        {
            "a.ts": "probe(bot);",
            "g.d.ts": "declare global { export var bot: import('./bot.js').Bot; }\nexport {};",
            "bot.ts": "export class Bot {}",
        },
        "Instance bot.ts",
    ),
    "declared by the type of an import": (
        {
            "a.ts": "probe(find);",
            "g.d.ts": "declare global { var find: typeof import('./b.js').findUser }\nexport {};",
            "b.ts": "export async function findUser() {}",
        },
        "FunctionRef b.ts",
    ),
    "declared in a script of declarations": (
        {
            "a.ts": "probe(find);",
            "g.d.ts": "declare const find: typeof import('./b').findUser;",
            "b.ts": "export async function findUser() {}",
        },
        "FunctionRef b.ts",
    ),
    "assignment beats declaration": (
        {
            "a.ts": "probe(bot);",
            "b.ts": "class Bot {}\nglobal.bot = new Bot();",
            "g.d.ts": "import type { Shape } from './shape';\ndeclare global { var bot: Shape }",
            "shape.ts": "export interface Shape { start(): void }",
        },
        "Instance b.ts",
    ),
    "declared type": (
        {
            "a.ts": "function f(user: MUser) { probe(user); }",
            "g.d.ts": "declare global { type MUser = import('./user.js').User }\nexport {};",
            "user.ts": "export class User {}",
        },
        "Instance user.ts",
    ),
    "declared type, in a source file": (
        {
            "a.ts": "function f(user: MUser) { probe(user.save); }",
            "user.ts": "class User { save() {} }\ndeclare global { export type MUser = User }\nexport {};",
        },
        "FunctionRef user.ts",
    ),
    "import types of parameters": (
        {"a.ts": "function f(x: import('./b.js').Klass) { probe(x); }", "b.ts": "export class Klass {}"},
        "Instance b.ts",
    ),
    "import types of fields": (
        {
            "a.ts": "class A { run: typeof import('./b').go; f() { probe(this.run); } }",
            "b.ts": "export function go() {}",
        },
        "FunctionRef b.ts",
    ),
    "shadowed by a parameter": ({"a.ts": "function f(Cache) { probe(Cache); }", "b.ts": CACHE}, "unknown"),
    "shadowed by an import": (
        {"a.ts": "import { Cache } from './c';\nprobe(Cache);", "b.ts": CACHE, "c.ts": "export function Cache() {}"},
        "FunctionRef c.ts",
    ),
    "that of the web": ({"a.ts": "probe(Cache);"}, "Global"),
    "replaced by one that does the same": (
        {"a.ts": "probe(fetch);", "b.ts": "globalThis.fetch = async (url) => cached(url);"},
        "Global",
    ),
    "of another package": ({**TWO_PACKAGES, "a.ts": "probe(Cache);"}, "Global"),
    "each package its own": (
        {**TWO_PACKAGES, "a.ts": "probe(Cache);", "b.ts": "global.Cache = { get() {} };"},
        "object of b.ts",
    ),
    "only in tests": ({"a.ts": "probe(bot);", "bot.test.ts": "class B {}\nglobalThis.bot = new B();"}, "unknown"),
    "empty in tests": (
        {"a.ts": "probe(bot);", "b.ts": "class B {}\nglobal.bot = new B();", "a.test.ts": "global.bot = {} as any;"},
        "Instance b.ts",
    ),
    "an empty object": ({"a.ts": "probe(bot);", "b.ts": "globalThis.bot = {} as any;"}, "unknown"),
    "out of a package": ({"a.ts": "probe(chalk);", "b.ts": "import c from 'chalk';\nglobal.chalk = c;"}, "unknown"),
    "by a written key": ({"a.ts": "probe(cache);", "b.ts": "class C {}\nglobal['cache'] = new C();"}, "Instance b.ts"),
    "member of it": ({"a.ts": "probe(bot);", "b.ts": "class B {}\nglobal.app.bot = new B();"}, "unknown"),
    "in a module that is declared": (
        {
            "a.ts": "probe(bot);",
            "g.d.ts": "declare module 'bots' { var bot: import('./bot').Bot; }",
            "bot.ts": "export class Bot {}",
        },
        "unknown",
    ),
    "in a module of declarations": (
        {
            "a.ts": "probe(bot);",
            "g.d.ts": "import { Bot } from './bot';\ndeclare const bot: Bot;\nexport { bot };",
            "bot.ts": "export class Bot {}",
        },
        "unknown",
    ),
    "type of a namespace": (
        {
            "a.ts": "function f(x: Request) { probe(x); }",
            "g.d.ts": "declare global { namespace Express { interface Request { id: string } } }\nexport {};",
        },
        "unknown",
    ),
}


BOT = "import { Client } from 'bots';\nimport { PrismaClient } from '@prisma/client';\n"
FIELD = "{ start() { this.prisma = new PrismaClient(); } }"

# What frameworks hand around, and what `this` is outside of classes.
HANDED: dict[str, tuple[dict[str, str], str]] = {
    "field of a framework's object, not as a client": (
        {
            "a.ts": "export const f = (message) => { probe(message.client.prisma); };",
            "bot.ts": BOT + f"export class Bot extends Client {FIELD}",
        },
        "unknown",
    ),
    "field of a framework's object, as a client": (
        {
            "a.ts": "export const f = (message) => { probe(message.client.prisma.user.findMany); };",
            "bot.ts": BOT + f"export class Bot extends Client {FIELD}",
        },
        "operation user.findMany",
    ),
    "field of an object of the project's own": (
        {
            "a.ts": "export const f = (message) => { probe(message.client.prisma.user.findMany); };",
            "bot.ts": BOT + f"class Own {{}}\nexport class Bot extends Own {FIELD}",
        },
        "unknown",
    ),
    "fields of two such objects": (
        {
            "a.ts": "export const f = (message) => { probe(message.client.prisma.user.findMany); };",
            "bot.ts": BOT
            + f"class Bot extends Client {FIELD}\nclass Web extends Client {{ start() {{ this.prisma = web(); }} }}",
        },
        "unknown",
    ),
    "this of a CommonJS module": (
        {"a.js": "exports.one = () => {};\nexports.two = async () => { probe(this.one); };"},
        "FunctionRef a.js",
    ),
    "this of a CommonJS module with another object": (
        {"a.js": "module.exports = { one() {} };\nconst two = () => { probe(this.one); };"},
        "unknown",
    ),
    "this of a function": (
        {"a.js": "exports.one = () => {};\nexports.two = function () { probe(this.one); };"},
        "unknown",
    ),
    "this of an ES module": (
        {"a.ts": "export const one = () => {};\nexport const two = () => { probe(this.one); };"},
        "unknown",
    ),
}


@pytest.mark.parametrize("case", [*TYPES, *FORMS, *NOT_CLIENTS, *GLOBALS, *HANDED])
def test_what_an_expression_denotes(tmp_path: Path, case: str) -> None:
    source, expected = {**TYPES, **FORMS, **NOT_CLIENTS, **GLOBALS, **HANDED}[case]
    files = source if isinstance(source, dict) else {"a.ts": source}
    project = project_of(tmp_path, {"db.ts": SHARED, "package.json": PACKAGE, **files})
    assert probed(project, next(path for path in files if path.startswith("a."))) == expected
