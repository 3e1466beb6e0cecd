"""Clients that frameworks hand over: contexts, requests, decorated servers, injection by a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import PACKAGE, PLAIN, SHARED, probed, project_of

if TYPE_CHECKING:
    from pathlib import Path

DB = "import { prisma } from './db';\n"
TRPC = "import { initTRPC } from '@trpc/server';\n"
ASK = "export const router = t.router({ all: procedure.query(({ ctx }) => { probe(ctx.db); }) });"

# What the argument of `probe(…)` in a.ts denotes.
CONTEXTS: dict[str, tuple[str | dict[str, str], str]] = {
    "tRPC by its type": (
        TRPC
        + PLAIN
        + "interface Context { db: PrismaClient }\nconst t = initTRPC.context<Context>().create();\n"
        + "const procedure = t.procedure;\n"
        + ASK,
        "client",
    ),
    "tRPC by the function that makes it": (
        {
            "a.ts": "import { procedure, t } from './t';\n" + ASK,
            "t.ts": TRPC + "import { createContext } from './context';\n"
            "export const t = initTRPC.context<typeof createContext>().create({});\n"
            "export const procedure = t.procedure;",
            "context.ts": DB
            + "export const createContext = async (o: { headers: Headers }) => ({ db: prisma, ...o });",
        },
        "client",
    ),
    "tRPC by the awaited type": (
        TRPC
        + DB
        + "async function createContext() { return { db: prisma }; }\n"
        + "type Context = Awaited<ReturnType<typeof createContext>>;\n"
        + "const t = initTRPC.context<Context>().meta<{}>().create();\nconst procedure = t.procedure.input(schema);\n"
        + ASK,
        "client",
    ),
    "tRPC by a middleware": (
        TRPC
        + DB
        + "const t = initTRPC.create();\n"
        + "const withDb = t.middleware(({ ctx, next }) => next({ ctx: { ...ctx, db: prisma } }));\n"
        + "const procedure = t.procedure.use(withDb);\n"
        + ASK,
        "client",
    ),
    "tRPC by a middleware in place": (
        TRPC
        + DB
        + "const t = initTRPC.create();\n"
        + "const procedure = t.procedure.use(async (o) => o.next({ ctx: { db: prisma } }));\n"
        + ASK,
        "client",
    ),
    "tRPC, a middleware itself": (
        TRPC + DB + "const createContext = () => ({ db: prisma });\n"
        "const t = initTRPC.context<typeof createContext>().create();\n"
        + "const auth = t.middleware(async ({ ctx, next }) => { probe(ctx.db); return next(); });",
        "client",
    ),
    "tRPC, options not destructured": (
        TRPC + DB + "const createContext = () => ({ db: prisma });\n"
        "const t = initTRPC.context<typeof createContext>().create();\n"
        + "export const all = t.procedure.mutation(async (opts) => { const { db } = opts.ctx; probe(db); });",
        "client",
    ),
    "tRPC whose context holds Drizzle": (
        TRPC + "import { drizzle } from 'drizzle-orm/libsql';\n"
        "const createContext = () => ({ db: drizzle('file:a') });\n"
        "const t = initTRPC.context<typeof createContext>().create();\nconst procedure = t.procedure;\n" + ASK,
        "external drizzle-orm/libsql.drizzle.()",
    ),
    "tRPC with an empty context": (
        TRPC + "const t = initTRPC.create();\nconst procedure = t.procedure;\n" + ASK,
        "unknown",
    ),
    "GraphQL resolver, by the server's context": (
        {
            "a.ts": "export const resolvers = { Query: { all: (_parent, _args, { db }) => { probe(db); } } };",
            "main.ts": DB + "import { ApolloServer } from '@apollo/server';\n"
            "import { startStandaloneServer } from '@apollo/server/standalone';\nimport { resolvers } from './a';\n"
            "startStandaloneServer(new ApolloServer({ resolvers }), { context: async () => ({ db: prisma }) });",
        },
        "client",
    ),
    "GraphQL resolver, by the context of an older server": (
        {
            "a.js": "module.exports = { Query: { all: (_parent, _args, context) => { probe(context.db); } } };",
            "main.js": "const { ApolloServer } = require('apollo-server');\nconst resolvers = require('./a');\n"
            "const { PrismaClient } = require('@prisma/client');\nconst db = new PrismaClient();\n"
            "new ApolloServer({ resolvers, context: { db } });",
        },
        "client",
    ),
    "GraphQL resolver, by its type": (
        PLAIN + "interface Context { db: PrismaClient }\n"
        "export const all = (_parent: unknown, _args: unknown, ctx: Context) => { probe(ctx.db); };",
        "client",
    ),
    "GraphQL resolver of another package": (
        {
            "package.json": '{"name": "root", "workspaces": ["apps/*"]}',
            "apps/one/package.json": '{"name": "one"}',
            "a.ts": "export const resolvers = { Query: { all: (_parent, _args, { db }) => { probe(db); } } };",
            "apps/one/main.ts": PLAIN + "import { createYoga } from 'graphql-yoga';\n"
            "createYoga({ schema, context: () => ({ db: new PrismaClient() }) });",
        },
        "unknown",
    ),
    "Express request": (
        {
            "a.ts": "import type { Request, Response } from 'express';\n"
            "export const all = (req: Request, res: Response) => { probe(req.db.user.count); };",
            "main.ts": DB + "import express from 'express';\nconst app = express();\n"
            "app.use((req, res, next) => { req.db = prisma; next(); });",
        },
        "operation user.count",
    ),
    "Express locals": (
        {
            "a.ts": "export const all = (req, res) => { probe(req.app.locals.db.user.count); };",
            "main.ts": DB + "import express from 'express';\nconst app = express();\napp.locals.db = prisma;",
        },
        "operation user.count",
    ),
    "Fastify decorator": (
        {
            "a.ts": "export async function routes(fastify) { fastify.get('/', async (request) => { "
            "probe(request.server.db.user.count); }); }",
            "main.ts": DB + "import Fastify from 'fastify';\nconst app = Fastify();\napp.decorate('db', prisma);",
        },
        "operation user.count",
    ),
    "Fastify decorator, on the instance": (
        {
            "a.ts": "import type { FastifyInstance } from 'fastify';\n"
            "export async function routes(app: FastifyInstance) { app.get('/', async () => { "
            "probe(app.db.user.count); }); }",
            "plugin.ts": DB + "import fp from 'fastify-plugin';\n"
            "export default fp(async (server) => { server.decorate('db', prisma); });",
        },
        "operation user.count",
    ),
    "Fastify decorator, in its own module": (
        DB + "import Fastify from 'fastify';\nconst app = Fastify();\napp.decorate('db', prisma);\n"
        "app.get('/', async () => { probe(app.db.user.count); });",
        "operation user.count",
    ),
    "Hono variables": (
        {
            "a.ts": "import { Hono } from 'hono';\nconst app = new Hono();\n"
            "app.get('/', (c) => { probe(c.get('db').user.count); });",
            "main.ts": DB + "import { Hono } from 'hono';\nconst app = new Hono();\n"
            "app.use(async (c, next) => { c.set('db', prisma); await next(); });",
        },
        "operation user.count",
    ),
    "Hono variables, as a member": (
        {
            "a.ts": "import { Hono } from 'hono';\nconst app = new Hono();\n"
            "app.get('/', (c) => { probe(c.var.db.user.count); });",
            "main.ts": DB + "export const withDb = async (c, next) => { c.set('db', prisma); await next(); };",
        },
        "operation user.count",
    ),
    "Hono variables, a service that holds the client": (
        {
            "a.ts": "export const all = async (c) => {\n"
            " const users = c.get('users');\n probe(users.client.user.count);\n};",
            "main.ts": DB + "import { Users } from './users';\n"
            "export const withUsers = async (c, next) => { c.set('users', new Users(prisma)); await next(); };",
            "users.ts": PLAIN + "export class Users { constructor(readonly client: PrismaClient) {} }",
        },
        "operation user.count",
    ),
    "Hono variables, two things under one name": (
        {
            "a.ts": "export const all = async (c) => {\n"
            " const users = c.get('users');\n probe(users.client.user.count);\n};",
            "main.ts": DB + "import { Users } from './users';\n"
            "export const withUsers = async (c, next) => { c.set('users', new Users(prisma)); await next(); };\n"
            "export const withNames = async (c, next) => { c.set('users', names()); await next(); };",
            "users.ts": PLAIN + "export class Users { constructor(readonly client: PrismaClient) {} }",
        },
        "unknown",
    ),
    "SvelteKit locals": (
        {
            "a.ts": "export const load = async ({ locals }) => { probe(locals.db.user.count); };",
            "hooks.server.ts": DB + "export const handle = async ({ event, resolve }) => {\n"
            " event.locals.db = prisma;\n return resolve(event);\n};",
        },
        "operation user.count",
    ),
    "Koa context": (
        {
            "a.ts": "export const all = async (ctx) => { probe(ctx.db.user.count); };",
            "main.ts": DB + "import Koa from 'koa';\nconst app = new Koa();\napp.context.db = prisma;",
        },
        "operation user.count",
    ),
    "a request that carries something else": (
        {
            "a.ts": "export const all = (req, res) => { probe(req.db.user.count); };",
            "main.ts": "import Redis from 'ioredis';\nconst redis = new Redis();\n"
            "export const use = (req, res, next) => { req.db = redis; next(); };",
        },
        "unknown",
    ),
    "a member of that name of something else": (
        {
            "a.ts": "import config from 'config';\nprobe(config.db);",
            "main.ts": DB + "export const use = (req, res, next) => { req.db = prisma; next(); };",
        },
        "external config.db",
    ),
    "Nest, by its class": (
        "import { PrismaService } from './service';\n"
        "class Users { constructor(private readonly db: PrismaService) {} all() { probe(this.db); } }",
        "client",
    ),
    "Nest, by a token": (
        {
            "a.ts": "class Users { constructor(@Inject('DB') private readonly db) {} all() { probe(this.db); } }",
            "module.ts": PLAIN + "@Module({ providers: [{ provide: 'DB', useFactory: () => new PrismaClient() }] })\n"
            "export class DbModule {}",
        },
        "client",
    ),
    "Nest, by a token that is a constant": (
        {
            "a.ts": "import { DB } from './tokens';\n"
            "class Users { constructor(@Inject(DB) private readonly db: any) {} all() { probe(this.db); } }",
            "tokens.ts": "export const DB = Symbol('db');",
            "module.ts": DB + "import { DB } from './tokens';\n"
            "@Module({ providers: [{ provide: DB, useValue: prisma }] })\nexport class DbModule {}",
        },
        "client",
    ),
    "Nest, inherited": (
        "import { PrismaService } from './service';\n"
        "class Base { constructor(protected readonly db: PrismaService) {} }\n"
        "class Users extends Base { all() { probe(this.db); } }",
        "client",
    ),
    "Nest, a token of something else": (
        {
            "a.ts": "class Users { constructor(@Inject('DB') private readonly db) {} all() { probe(this.db); } }",
            "module.ts": PLAIN
            + "@Module({ providers: [{ provide: 'OTHER', useFactory: () => new PrismaClient() }] })\n"
            "export class DbModule {}",
        },
        "unknown",
    ),
    "awilix": (
        {
            "a.ts": "export class Users { constructor({ db }) { this.db = db; } all() { probe(this.db); } }",
            "main.ts": DB
            + "import { asClass, asValue, createContainer } from 'awilix';\nimport { Users } from './a';\n"
            "createContainer().register({ db: asValue(prisma), users: asClass(Users) });",
        },
        "unknown",
    ),
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_what_a_framework_hands_over(tmp_path: Path, case: str) -> None:
    source, expected = CONTEXTS[case]
    files = source if isinstance(source, dict) else {"a.ts": source}
    service = PLAIN + "export class PrismaService extends PrismaClient {}"
    project = project_of(tmp_path, {"db.ts": SHARED, "service.ts": service, "package.json": PACKAGE, **files})
    assert probed(project, next(path for path in files if path.startswith("a."))) == expected
