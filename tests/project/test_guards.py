"""Guards of every style, those that hold and those that do not, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEXT = {"name": "web", "dependencies": {"@prisma/client": "6.19.0", "next": "15.0.0"}, "scripts": {"dev": "next dev"}}
PLAIN = "import { PrismaClient } from '@prisma/client';\n"
CAST = PLAIN + "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
USE = (
    "import { prisma } from '../../../lib/db';\n"
    "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
)
LAZY = (
    "import { getPrisma } from '../../../lib/db';\n"
    "export async function GET() { return Response.json(await getPrisma().user.findMany()); }\n"
)

CONSTANTS: dict[str, tuple[str, str]] = {
    "global.": (
        (
            "declare global { var prisma: PrismaClient | undefined }\n"
            "export const prisma = global.prisma || new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') global.prisma = prisma;"
        ),
        "",
    ),
    "cast": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;"
        ),
        "",
    ),
    "inline cast": (
        (
            "export const prisma = (globalThis as any).prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') (globalThis as any).prisma = prisma;"
        ),
        "",
    ),
    "index key": (
        (
            "const g = global as any;\n"
            "export const prisma = g['__db'] ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g['__db'] = prisma;"
        ),
        "",
    ),
    "const key": (
        (
            "const KEY = '__db';\n"
            "const g = global as any;\n"
            "export const prisma = g[KEY] ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g[KEY] = prisma;"
        ),
        "",
    ),
    "Symbol key": (
        (
            "const KEY = Symbol.for('prisma');\n"
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g[KEY] ?? new PrismaClient();\n"
            "g[KEY] = prisma;"
        ),
        "",
    ),
    "Symbol.for inline": (
        (
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = (g[Symbol.for('prisma')] ??= new "
            "PrismaClient());"
        ),
        "",
    ),
    "||=": ("export const prisma = (global.prisma ||= new PrismaClient());", ""),
    "??= statement": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "g.prisma ??= new PrismaClient();\n"
            "export const prisma = g.prisma;"
        ),
        "",
    ),
    "if not": (
        (
            "declare global { var db: PrismaClient }\n"
            "if (!global.db) { global.db = new PrismaClient(); }\n"
            "export const prisma = global.db;"
        ),
        "",
    ),
    "if not one line": (
        ("if (!global.db) global.db = new PrismaClient();\nexport const prisma: PrismaClient = global.db;"),
        "",
    ),
    "if undefined": (
        (
            "if (global.db === undefined) { global.db = new PrismaClient(); }\n"
            "export const prisma: PrismaClient = global.db;"
        ),
        "",
    ),
    "if typeof": (
        (
            "if (typeof global.db === 'undefined') { global.db = new PrismaClient(); }\n"
            "export const prisma: PrismaClient = global.db;"
        ),
        "",
    ),
    "if in": (
        (
            "if (!('db' in globalThis)) { (globalThis as any).db = new PrismaClient(); }\n"
            "export const prisma: PrismaClient = (globalThis as any).db;"
        ),
        "",
    ),
    "ternary": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ? g.prisma : new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;"
        ),
        "",
    ),
    "let if": (
        (
            "let prisma: PrismaClient;\n"
            "if (process.env.NODE_ENV === 'production') {\n"
            "  prisma = new PrismaClient();\n"
            "} else {\n"
            "  if (!global.cached) { global.cached = new PrismaClient(); }\n"
            "  prisma = global.cached;\n"
            "}\n"
            "export { prisma };"
        ),
        "",
    ),
    "let if mirrored": (
        (
            "let prisma: PrismaClient;\n"
            "if (process.env.NODE_ENV !== 'production') {\n"
            "  if (!global.cached) global.cached = new PrismaClient();\n"
            "  prisma = global.cached;\n"
            "} else {\n"
            "  prisma = new PrismaClient();\n"
            "}\n"
            "export { prisma };"
        ),
        "",
    ),
    "NODE_ENV development": (
        (
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV === 'development') g.prisma = prisma;"
        ),
        "",
    ),
    "NODE_ENV && ": (
        (
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g.prisma ?? new PrismaClient();\n"
            "process.env.NODE_ENV !== 'production' && (g.prisma = prisma);"
        ),
        "",
    ),
    "isProd const": (
        (
            "const isProd = process.env.NODE_ENV === 'production';\n"
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g.prisma ?? new PrismaClient();\n"
            "if (!isProd) g.prisma = prisma;"
        ),
        "",
    ),
    "remember": (
        (
            "import { remember } from '@epic-web/remember';\n"
            "export const prisma = remember('prisma', () => new PrismaClient());"
        ),
        "",
    ),
    "Proxy lazy": (
        (
            "let p: PrismaClient | undefined;\n"
            "const get = () => (p ??= new PrismaClient());\n"
            "export const prisma = new Proxy({} as PrismaClient, { get: (_, key) => (get() as "
            "any)[key] });"
        ),
        "",
    ),
    "Proxy lazy global": (
        (
            "const g = globalThis as any;\n"
            "function get(): PrismaClient { if (!g.db) g.db = new PrismaClient(); return g.db; }\n"
            "export const prisma = new Proxy({} as PrismaClient, { get(_, key) { return "
            "Reflect.get(get(), key); } });"
        ),
        "",
    ),
    "factory arg": (
        (
            "const make = (log: string) => new PrismaClient({ log: [log as any] });\n"
            "declare const globalThis: { prismaGlobal?: ReturnType<typeof make> } & typeof "
            "global;\n"
            "export const prisma = globalThis.prismaGlobal ?? make('error');\n"
            "if (process.env.NODE_ENV !== 'production') globalThis.prismaGlobal = prisma;"
        ),
        "",
    ),
    "guard behind extends": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "const base = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = base;\n"
            "export const prisma = base.$extends({});"
        ),
        "",
    ),
    "destructured global": (
        (
            "const { prisma: cached } = globalThis as any;\n"
            "export const prisma: PrismaClient = cached ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') (globalThis as any).prisma = prisma;"
        ),
        "",
    ),
    "object assign global": (
        (
            "export const prisma: PrismaClient = (globalThis as any).prisma ?? new "
            "PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') Object.assign(globalThis, { prisma });"
        ),
        "",
    ),
    "process global": (
        (
            "const p = process as any;\n"
            "export const prisma: PrismaClient = p.__db ?? new PrismaClient();\n"
            "p.__db = prisma;"
        ),
        "",
    ),
    "hasOwn": (
        (
            "const g = globalThis as any;\n"
            "if (!Object.prototype.hasOwnProperty.call(g, 'db')) { g.db = new PrismaClient(); }\n"
            "export const prisma: PrismaClient = g.db;"
        ),
        "",
    ),
    "try/catch in guard": (
        (
            "const g = globalThis as any;\n"
            "function make() { try { return new PrismaClient(); } catch (e) { throw e; } }\n"
            "export const prisma: PrismaClient = g.db || make();\n"
            "if (process.env.NODE_ENV !== 'production') { g.db = prisma; }"
        ),
        "",
    ),
    "let then export": (
        (
            "let prisma: PrismaClient;\n"
            "declare global { var __db: PrismaClient | undefined }\n"
            "if (!global.__db) { global.__db = new PrismaClient(); }\n"
            "prisma = global.__db;\n"
            "export { prisma };"
        ),
        "",
    ),
    "iife": (
        (
            "export const prisma: PrismaClient = (() => { const g = globalThis as any; if "
            "(!g.db) g.db = new PrismaClient(); return g.db; })();"
        ),
        "",
    ),
    "import.meta.hot / module-scope var": (
        (
            "var prisma: PrismaClient;\n"
            'if (process.env.NODE_ENV === "production") { prisma = new PrismaClient(); } else { '
            "if (!(global as any).prisma) { (global as any).prisma = new PrismaClient(); } "
            "prisma = (global as any).prisma; }\n"
            "export { prisma };"
        ),
        "",
    ),
    "switch on isServer": (
        (
            "const g = globalThis as any;\n"
            "const build = () => new PrismaClient();\n"
            "function guarded(): PrismaClient { if (process.env.NODE_ENV === 'production') { "
            "return build(); } if (!g.db) { g.db = build(); } return g.db; }\n"
            "export const prisma = guarded();"
        ),
        "",
    ),
    "broken: never reads": (
        ("export const prisma = new PrismaClient();\n(globalThis as any).prisma = prisma;"),
        "PF104",
    ),
    "broken: never reads, in dev": (
        (
            "export const prisma = new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') (globalThis as any).prisma = prisma;"
        ),
        "PF104",
    ),
    "broken: other name": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') (g as any).db = prisma;"
        ),
        "PF104",
    ),
    "broken: production only": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV === 'production') g.prisma = prisma;"
        ),
        "PF104",
    ),
    "broken: production only &&": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ?? new PrismaClient();\n"
            "process.env.NODE_ENV === 'production' && (g.prisma = prisma);"
        ),
        "PF104",
    ),
    "broken: builds first": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "const client = new PrismaClient();\n"
            "export const prisma = g.prisma ?? client;\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;"
        ),
        "PF104",
    ),
    "broken: builds first if": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "const client = new PrismaClient();\n"
            "if (!g.prisma) { g.prisma = client; }\n"
            "export const prisma = g.prisma!;"
        ),
        "PF104",
    ),
    "broken: builds first ternary": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "const client = new PrismaClient();\n"
            "export const prisma = g.prisma ? g.prisma : client;\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;"
        ),
        "PF104",
    ),
    "broken: builds first ||=": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "const client = new PrismaClient();\n"
            "g.prisma ||= client;\n"
            "export const prisma = g.prisma;"
        ),
        "PF104",
    ),
    "broken: never written": (
        (
            "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
            "export const prisma = g.prisma ?? new PrismaClient();"
        ),
        "PF104",
    ),
    "broken: reads other global than if": (
        (
            "if (!(global as any).db) { (global as any).prisma = new PrismaClient(); }\n"
            "export const prisma: PrismaClient = (global as any).prisma;"
        ),
        "PF104",
    ),
    "broken: local Symbol": (
        (
            "const KEY = Symbol('prisma');\n"
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g[KEY] ?? new PrismaClient();\n"
            "g[KEY] = prisma;"
        ),
        "PF104",
    ),
    "broken: module memo in next": (
        ("let p: PrismaClient | undefined;\nif (!p) { p = new PrismaClient(); }\nexport const prisma = p;"),
        "PF103",
    ),
    "bare": ("export const prisma = new PrismaClient();", "PF103"),
    "broken: a constant for production": (
        (
            "const isProd = process.env.NODE_ENV === 'production';\n"
            "const g = globalThis as any;\n"
            "export const prisma: PrismaClient = g.prisma ?? new PrismaClient();\n"
            "if (isProd) g.prisma = prisma;"
        ),
        "PF104",
    ),
}
"""What exports `prisma`, and the code of the finding ("" for none)."""


FUNCTIONS: dict[str, tuple[str, str]] = {
    "memo let": (
        ("let p: PrismaClient | undefined;\nexport function getPrisma() { return (p ??= new PrismaClient()); }"),
        "",
    ),
    "memo if return": (
        (
            "let p: PrismaClient | undefined;\n"
            "export const getPrisma = () => { if (p) return p; p = new PrismaClient(); return p; "
            "};"
        ),
        "",
    ),
    "memo null": (
        (
            "let p: PrismaClient | null = null;\n"
            "export function getPrisma() { if (p === null) { p = new PrismaClient(); } return p; "
            "}"
        ),
        "",
    ),
    "lazy global": (
        (
            "export function getPrisma(): PrismaClient { const g = globalThis as any; if "
            "(!g.__p) { g.__p = new PrismaClient(); } return g.__p; }"
        ),
        "",
    ),
    "lazy global local": (
        (
            "export function getPrisma(): PrismaClient { const g = globalThis as any; if (g.__p) "
            "return g.__p; const client = new PrismaClient(); g.__p = client; return client; }"
        ),
        "",
    ),
    "lazy ternary": (
        ("let p: PrismaClient;\nexport function getPrisma() { return p ? p : (p = new PrismaClient()); }"),
        "",
    ),
    "lazy or": (("let p: PrismaClient;\nexport function getPrisma() { return p || (p = new PrismaClient()); }"), ""),
    "lazy and": (("let p: PrismaClient;\nexport function getPrisma() { p = p || new PrismaClient(); return p; }"), ""),
    "class static": (
        (
            "export class Db { private static one?: PrismaClient; static get(): PrismaClient { "
            "if (!Db.one) { Db.one = new PrismaClient(); } return Db.one; } }\n"
            "export const getPrisma = () => Db.get();"
        ),
        "",
    ),
    "class static this": (
        (
            "export class Db { private static one?: PrismaClient; static get(): PrismaClient { "
            "if (!this.one) { this.one = new PrismaClient(); } return this.one; } }\n"
            "export const getPrisma = () => Db.get();"
        ),
        "",
    ),
    "class static ??=": (
        (
            "export class Db { static #one?: PrismaClient; static get(): PrismaClient { return "
            "(Db.#one ??= new PrismaClient()); } }\n"
            "export const getPrisma = () => Db.get();"
        ),
        "",
    ),
    "class getInstance": (
        (
            "export class Db { private static instance: Db; client: PrismaClient; private "
            "constructor() { this.client = new PrismaClient(); } static getInstance() { if "
            "(!Db.instance) { Db.instance = new Db(); } return Db.instance; } }\n"
            "export const getPrisma = () => Db.getInstance().client;"
        ),
        "",
    ),
    "holder object": (
        (
            "const holder: { db?: PrismaClient } = {};\n"
            "export function getPrisma() { if (!holder.db) holder.db = new PrismaClient(); "
            "return holder.db; }"
        ),
        "",
    ),
    "map per url": (
        (
            "const clients = new Map<string, PrismaClient>();\n"
            "export function getPrisma(url = 'a') { let c = clients.get(url); if (!c) { c = new "
            "PrismaClient({ datasourceUrl: url }); clients.set(url, c); } return c; }"
        ),
        "",
    ),
    "map has": (
        (
            "const clients = new Map<string, PrismaClient>();\n"
            "export function getPrisma(url = 'a') { if (!clients.has(url)) clients.set(url, new "
            "PrismaClient({ datasourceUrl: url })); return clients.get(url)!; }"
        ),
        "",
    ),
    "record per tenant": (
        (
            "const clients: Record<string, PrismaClient> = {};\n"
            "export function getPrisma(t = 'a') { if (!clients[t]) { clients[t] = new "
            "PrismaClient({ datasourceUrl: t }); } return clients[t]; }"
        ),
        "",
    ),
    "record ??=": (
        (
            "const clients: Record<string, PrismaClient> = {};\n"
            "export function getPrisma(t = 'a') { return (clients[t] ??= new PrismaClient({ "
            "datasourceUrl: t })); }"
        ),
        "",
    ),
    "react cache is per request": (
        ("import { cache } from 'react';\nexport const getPrisma = cache(() => new PrismaClient());"),
        "PF101",
    ),
    "lodash once": (("import once from 'lodash/once';\nexport const getPrisma = once(() => new PrismaClient());"), ""),
    "broken: factory each call": (
        (
            "const g = globalThis as any;\n"
            "export function getPrisma(): PrismaClient { const c = new PrismaClient(); g.db = c; "
            "return c; }"
        ),
        "PF101",
    ),
}
"""What exports `getPrisma`."""


CASES: dict[str, tuple[dict[str, object], list[str]]] = {
    "env via module": (
        {
            "lib/db.ts": PLAIN
            + (
                "import { env } from './env';\n"
                "const g = globalThis as any;\n"
                "export const prisma: PrismaClient = g.prisma ?? new PrismaClient();\n"
                "if (env.NODE_ENV !== 'production') g.prisma = prisma;"
            ),
            "app/api/a/route.ts": USE,
            "lib/env.ts": "export const env = { NODE_ENV: process.env.NODE_ENV };",
        },
        [],
    ),
    "own singleton": (
        {
            "lib/db.ts": PLAIN
            + (
                "import { singleton } from './singleton';\n"
                "export const prisma = singleton('prisma', () => new PrismaClient());"
            ),
            "app/api/a/route.ts": USE,
            "lib/singleton.ts": (
                "export const singleton = <V>(name: string, make: () => V): V => {\n"
                "  const g = global as any;\n"
                "  g.__singletons ??= {};\n"
                "  g.__singletons[name] ??= make();\n"
                "  return g.__singletons[name];\n"
                "};"
            ),
        },
        [],
    ),
    "own singleton map": (
        {
            "lib/db.ts": PLAIN
            + (
                "import { singleton } from './singleton';\n"
                "export const prisma = singleton('prisma', () => new PrismaClient());"
            ),
            "app/api/a/route.ts": USE,
            "lib/singleton.ts": (
                "export function singleton<V>(name: string, make: () => V): V {\n"
                "  const y = globalThis as any;\n"
                "  const store = (y.__s ??= new Map());\n"
                "  if (!store.has(name)) store.set(name, make());\n"
                "  return store.get(name);\n"
                "}"
            ),
        },
        [],
    ),
    "own helper named factory": (
        {
            "lib/db.ts": PLAIN
            + (
                "import { once } from './once';\n"
                "const make = () => new PrismaClient();\n"
                "export const prisma = once(make);"
            ),
            "app/api/a/route.ts": USE,
            "lib/once.ts": (
                "export function once<V>(make: () => V): V {\n"
                "  const g = globalThis as any;\n"
                "  if (!g.__once) { g.__once = make(); }\n"
                "  return g.__once;\n"
                "}"
            ),
        },
        [],
    ),
    "memo async": (
        {
            "lib/db.ts": PLAIN
            + (
                "let p: Promise<PrismaClient> | undefined;\n"
                "async function make() { const c = new PrismaClient(); await c.$connect(); return c; "
                "}\n"
                "export function getPrisma() { return (p ??= make()); }"
            ),
            "app/api/a/route.ts": (
                "import { getPrisma } from '../../../lib/db';\n"
                "export async function GET() { const db = await getPrisma(); return "
                "Response.json(await db.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "export default": (
        {
            "lib/db.ts": PLAIN + "export default global.prisma || new PrismaClient();\n",
            "app/api/a/route.ts": (
                "import prisma from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
            ),
        },
        ["PF104"],
    ),
    "export default assign": (
        {
            "lib/db.ts": PLAIN + "export default (global.prisma ||= new PrismaClient());\n",
            "app/api/a/route.ts": (
                "import prisma from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "export default const": (
        {
            "lib/db.ts": PLAIN
            + (
                "const prisma = global.prisma || new PrismaClient();\n"
                "if (process.env.NODE_ENV !== 'production') global.prisma = prisma;\n"
                "export default prisma;"
            ),
            "app/api/a/route.ts": (
                "import prisma from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "commonjs": (
        {
            "lib/db.ts": (
                "const { PrismaClient } = require('@prisma/client');\n"
                "const prisma = global.prisma || new PrismaClient();\n"
                "if (process.env.NODE_ENV !== 'production') global.prisma = prisma;\n"
                "module.exports = prisma;"
            ),
            "app/api/a/route.ts": (
                "import prisma from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "prisma docs singleton": (
        {
            "lib/db.ts": PLAIN
            + (
                "const prismaClientSingleton = () => { return new PrismaClient() }\n"
                "declare const globalThis: { prismaGlobal: ReturnType<typeof prismaClientSingleton>; "
                "} & typeof global;\n"
                "const prisma = globalThis.prismaGlobal ?? prismaClientSingleton()\n"
                "export default prisma\n"
                "if (process.env.NODE_ENV !== 'production') globalThis.prismaGlobal = prisma"
            ),
            "app/api/a/route.ts": (
                "import prisma from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await prisma.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "factory in other file": (
        {
            "lib/db.ts": (
                "import { make } from './make';\n"
                "const g = globalThis as any;\n"
                "export const prisma = g.db ?? make();\n"
                "if (process.env.NODE_ENV !== 'production') g.db = prisma;"
            ),
            "app/api/a/route.ts": USE,
            "lib/make.ts": PLAIN + "export function make() { return new PrismaClient(); }",
        },
        [],
    ),
    "getter object": (
        {
            "lib/db.ts": PLAIN
            + (
                "let p: PrismaClient | undefined;\n"
                "export const db = { get client() { return (p ??= new PrismaClient()); } };"
            ),
            "app/api/a/route.ts": (
                "import { db } from '../../../lib/db';\n"
                "export async function GET() { return Response.json(await "
                "db.client.user.findMany()); }\n"
            ),
        },
        [],
    ),
    "written where the server starts": (
        {
            "lib/db.ts": PLAIN + "export const prisma: PrismaClient = (global as any).prisma || new PrismaClient();",
            "app/api/a/route.ts": USE,
            "server.ts": ("import { prisma } from './lib/db';\n(global as any).prisma = prisma;\n"),
        },
        [],
    ),
}


def codes(root: Path, files: Mapping[str, object]) -> list[str]:
    """The codes of the findings about clients."""
    every = {"package.json": NEXT, "prisma/schema.prisma": SCHEMA, **files}
    found = {f.finding.code for f in run(write(root, every), Options(jobs=1)).findings}
    return sorted(found & {"PF101", "PF102", "PF103", "PF104"})


@pytest.mark.parametrize("case", CONSTANTS)
def test_the_guard_of_a_constant(tmp_path: Path, case: str) -> None:
    code, expected = CONSTANTS[case]
    files = {"lib/db.ts": PLAIN + code, "app/api/a/route.ts": USE}
    assert codes(tmp_path, files) == ([expected] if expected else [])


@pytest.mark.parametrize("case", FUNCTIONS)
def test_the_memo_of_a_function(tmp_path: Path, case: str) -> None:
    code, expected = FUNCTIONS[case]
    files = {"lib/db.ts": PLAIN + code, "app/api/a/route.ts": LAZY}
    assert codes(tmp_path, files) == ([expected] if expected else [])


@pytest.mark.parametrize("case", CASES)
def test_a_guard_over_several_files(tmp_path: Path, case: str) -> None:
    files, expected = CASES[case]
    assert codes(tmp_path, files) == expected
