"""`$disconnect` at the end of the process, and at the end of a call: who calls it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHARED = "import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n"
IMPORT = "import { prisma } from './db';\n"


def package(*dependencies: str, **more: object) -> dict[str, object]:
    """A `package.json` of a server."""
    named = {"@prisma/client": "6.19.0", **dict.fromkeys(dependencies, "1.0.0")}
    return {"name": "api", "dependencies": named, "scripts": {"start": "node src/server.js"}, **more}


ENDS: dict[str, tuple[str, str, int]] = {
    "process.on SIGINT": ("express", "process.on('SIGINT', async () => { await prisma.$disconnect(); });", 0),
    "process.on SIGTERM": ("express", "process.on('SIGTERM', async () => { await prisma.$disconnect(); });", 0),
    "process.on beforeExit": ("express", "process.on('beforeExit', async () => { await prisma.$disconnect(); });", 0),
    "process.on exit": ("express", "process.on('exit', async () => { await prisma.$disconnect(); });", 0),
    "process.on SIGHUP": ("express", "process.on('SIGHUP', async () => { await prisma.$disconnect(); });", 0),
    "process.on uncaughtException": (
        "express",
        "process.on('uncaughtException', async () => { await prisma.$disconnect(); });",
        0,
    ),
    "process.on disconnect": ("express", "process.on('disconnect', async () => { await prisma.$disconnect(); });", 0),
    "process.once named": (
        "express",
        ("async function close() { await prisma.$disconnect(); }\nprocess.once('SIGTERM', close);"),
        0,
    ),
    "list of signals": (
        "express",
        (
            "for (const s of ['SIGINT', 'SIGTERM']) { process.on(s, async () => { await "
            "prisma.$disconnect(); process.exit(0); }); }"
        ),
        0,
    ),
    "list of signals forEach, plain": (
        "express",
        ("['SIGINT', 'SIGTERM'].forEach((s) => process.on(s, async () => { await prisma.$disconnect(); }));"),
        0,
    ),
    "signals const": (
        "express",
        (
            "const signals = ['SIGINT', 'SIGTERM'] as const;\n"
            "signals.forEach((s) => { process.on(s, () => shutdown(s)); });\n"
            "async function shutdown(s: string) { await prisma.$disconnect(); }"
        ),
        0,
    ),
    "server.close callback": (
        "express",
        (
            "const server = app.listen(1);\n"
            "process.on('SIGTERM', () => { server.close(async () => { await "
            "prisma.$disconnect(); process.exit(0); }); });"
        ),
        0,
    ),
    "server.close alone": (
        "express",
        "export function stop(server) { server.close(() => { prisma.$disconnect(); }); }",
        0,
    ),
    "server.on close": ("express", "server.on('close', async () => { await prisma.$disconnect(); });", 0),
    "fastify onClose": (
        "fastify",
        (
            "import fp from 'fastify-plugin';\n"
            "export default fp(async (app) => { app.decorate('prisma', prisma); "
            "app.addHook('onClose', async (app) => { await app.prisma.$disconnect(); }); });"
        ),
        0,
    ),
    "fastify onClose named": (
        "fastify",
        (
            "async function down() { await prisma.$disconnect(); }\n"
            "export async function plugin(app) { app.addHook('onClose', down); }"
        ),
        0,
    ),
    "nest onModuleDestroy": (
        "@nestjs/core",
        (
            "import { Injectable } from '@nestjs/common';\n"
            "@Injectable()\n"
            "export class Svc { async onModuleDestroy() { await prisma.$disconnect(); } }"
        ),
        0,
    ),
    "nest enableShutdownHooks": (
        "@nestjs/core",
        (
            "import { Injectable } from '@nestjs/common';\n"
            "import { PrismaClient } from '@prisma/client';\n"
            "@Injectable()\n"
            "export class PrismaService extends PrismaClient { async enableShutdownHooks(app) { "
            "process.on('beforeExit', async () => { await app.close(); }); } async "
            "onModuleDestroy() { await this.$disconnect(); } }"
        ),
        0,
    ),
    "nest own method called by onModuleDestroy": (
        "@nestjs/core",
        (
            "import { Injectable } from '@nestjs/common';\n"
            "@Injectable()\n"
            "export class Svc { private async end() { await prisma.$disconnect(); } async "
            "onModuleDestroy() { await this.end(); } }"
        ),
        0,
    ),
    "bullmq worker closing": (
        "bullmq",
        (
            "import { Worker } from 'bullmq';\n"
            "const worker = new Worker('a', async () => prisma.user.count());\n"
            "worker.on('closing', async () => { await prisma.$disconnect(); });\n"
            "worker.on('closed', () => prisma.$disconnect());"
        ),
        0,
    ),
    "bullmq per job is a finding": (
        "bullmq",
        (
            "import { Worker } from 'bullmq';\n"
            "const worker = new Worker('a', async () => { const n = await prisma.user.count(); "
            "await prisma.$disconnect(); return n; });"
        ),
        1,
    ),
    "bullmq completed per job": (
        "bullmq",
        (
            "import { Worker } from 'bullmq';\n"
            "const worker = new Worker('a', async () => prisma.user.count());\n"
            "worker.on('completed', async () => { await prisma.$disconnect(); });"
        ),
        1,
    ),
    "worker close then": (
        "bullmq",
        (
            "import { Worker } from 'bullmq';\n"
            "const worker = new Worker('a', async () => prisma.user.count());\n"
            "process.on('SIGTERM', () => worker.close().then(() => prisma.$disconnect()));"
        ),
        0,
    ),
    "terminus": (
        "@godaddy/terminus",
        (
            "import { createTerminus } from '@godaddy/terminus';\n"
            "createTerminus(server, { signals: ['SIGINT'], onSignal: async () => { await "
            "prisma.$disconnect(); } });"
        ),
        0,
    ),
    "terminus named": (
        "@godaddy/terminus",
        (
            "import { createTerminus } from '@godaddy/terminus';\n"
            "async function onSignal() { await prisma.$disconnect(); }\n"
            "createTerminus(server, { onSignal });"
        ),
        0,
    ),
    "lightship": (
        "lightship",
        (
            "import { createLightship } from 'lightship';\n"
            "const l = await createLightship();\n"
            "l.registerShutdownHandler(async () => { await prisma.$disconnect(); });"
        ),
        0,
    ),
    "http-graceful-shutdown": (
        "http-graceful-shutdown",
        (
            "import gracefulShutdown from 'http-graceful-shutdown';\n"
            "gracefulShutdown(server, { onShutdown: async () => { await prisma.$disconnect(); } "
            "});"
        ),
        0,
    ),
    "close-with-grace": (
        "close-with-grace",
        (
            "import closeWithGrace from 'close-with-grace';\n"
            "closeWithGrace({ delay: 500 }, async ({ err }) => { await prisma.$disconnect(); });"
        ),
        0,
    ),
    "stoppable": (
        "stoppable",
        ("import stoppable from 'stoppable';\nserver.stop(async () => { await prisma.$disconnect(); });"),
        0,
    ),
    "electron": (
        "electron",
        (
            "import { app } from 'electron';\n"
            "app.on('before-quit', async () => { await prisma.$disconnect(); });\n"
            "app.on('will-quit', () => prisma.$disconnect());\n"
            "app.on('window-all-closed', () => prisma.$disconnect());"
        ),
        0,
    ),
    "apollo drainServer": (
        "express",
        ("const s = new ApolloServer({ plugins: [{ async serverWillStop() { await prisma.$disconnect(); } }] });"),
        0,
    ),
    "apollo plugin": (
        "express",
        (
            "const plugin = { async serverWillStart() { return { async drainServer() { await "
            "prisma.$disconnect(); } }; } };\n"
            "export default plugin;"
        ),
        0,
    ),
    "hapi onPostStop": (
        "@hapi/hapi",
        ("server.ext({ type: 'onPostStop', method: async (server) => { await prisma.$disconnect(); } });"),
        0,
    ),
    "hapi ext event": ("@hapi/hapi", "server.ext('onPostStop', async () => { await prisma.$disconnect(); });", 0),
    "elysia onStop": ("elysia", "new Elysia().onStop(async () => { await prisma.$disconnect(); });", 0),
    "sveltekit shutdown": (
        "@sveltejs/kit",
        "process.on('sveltekit:shutdown', async () => { await prisma.$disconnect(); });",
        0,
    ),
    "socket disconnect is per call": (
        "express",
        ("io.on('connection', (socket) => { socket.on('disconnect', async () => { await prisma.$disconnect(); }); });"),
        1,
    ),
    "req close is per call": (
        "express",
        ("app.get('/', (req, res) => { req.on('close', async () => { await prisma.$disconnect(); }); });"),
        1,
    ),
    "res finish middleware": (
        "express",
        ("app.use((req, res, next) => { res.on('finish', async () => { await prisma.$disconnect(); }); next(); });"),
        1,
    ),
    "res end event": (
        "express",
        ("app.use((req, res, next) => { res.on('end', () => { prisma.$disconnect(); }); next(); });"),
        1,
    ),
    "stream end per call": (
        "express",
        ("export function load(stream) { stream.on('end', async () => { await prisma.$disconnect(); }); }"),
        1,
    ),
    "finally handler": (
        "express",
        (
            "app.get('/', async (req, res) => { try { res.json(await prisma.user.count()); } "
            "finally { await prisma.$disconnect(); } });"
        ),
        1,
    ),
    "cron job": (
        "express",
        (
            "import cron from 'node-cron';\n"
            "cron.schedule('* * * * *', async () => { await prisma.user.count(); await "
            "prisma.$disconnect(); });"
        ),
        1,
    ),
    "connect failure exits": (
        "express",
        (
            "async function start() { try { await prisma.$connect(); app.listen(1); } catch (e) "
            "{ await prisma.$disconnect(); process.exit(1); } }\n"
            "start();"
        ),
        0,
    ),
    "start then catch": (
        "express",
        (
            "start().catch(async (e) => { await prisma.$disconnect(); process.exit(1); });\n"
            "async function start() { app.listen(1); }"
        ),
        0,
    ),
    "handler exits in branch": (
        "express",
        (
            "app.get('/', async (req, res) => { const n = await prisma.user.count(); if (!n) "
            "process.exit(1); await prisma.$disconnect(); res.json(n); });"
        ),
        1,
    ),
    "async dispose": (
        "express",
        "export class Db { async [Symbol.asyncDispose]() { await prisma.$disconnect(); } }",
        0,
    ),
    "tini map object": (
        "express",
        (
            "const handlers = { SIGTERM: async () => { await prisma.$disconnect(); } };\n"
            "for (const [s, h] of Object.entries(handlers)) process.on(s, h);"
        ),
        0,
    ),
    "trigger.dev": (
        "@trigger.dev/sdk",
        (
            "import { task } from '@trigger.dev/sdk/v3';\n"
            "export const t = task({ id: 'x', run: async () => { await prisma.user.count(); "
            "await prisma.$disconnect(); } });"
        ),
        1,
    ),
    "trpc procedure": (
        "@trpc/server",
        (
            "export const r = router({ a: publicProcedure.query(async () => { const n = await "
            "prisma.user.count(); await prisma.$disconnect(); return n; }) });"
        ),
        1,
    ),
    "graphql resolver": (
        "express",
        (
            "export const resolvers = { Query: { users: async () => { const n = await "
            "prisma.user.findMany(); await prisma.$disconnect(); return n; } } };"
        ),
        1,
    ),
    "pothos": (
        "express",
        (
            "builder.queryField('a', (t) => t.field({ resolve: async () => { const n = await "
            "prisma.user.count(); await prisma.$disconnect(); return n; } }));"
        ),
        1,
    ),
    "hono": (
        "hono",
        (
            "app.get('/', async (c) => { const n = await prisma.user.count(); await "
            "prisma.$disconnect(); return c.json(n); });"
        ),
        1,
    ),
    "nest controller": (
        "@nestjs/core",
        (
            "import { Controller, Get } from '@nestjs/common';\n"
            "@Controller()\n"
            "export class A { @Get() async a() { const n = await prisma.user.count(); await "
            "prisma.$disconnect(); return n; } }"
        ),
        1,
    ),
    "lambda": (
        "@types/aws-lambda",
        (
            "export const handler = async () => { const n = await prisma.user.count(); await "
            "prisma.$disconnect(); return n; };"
        ),
        1,
    ),
    "azure v4": (
        "@azure/functions",
        (
            "import { app } from '@azure/functions';\n"
            "app.http('x', { methods: ['GET'], handler: async () => { const n = await "
            "prisma.user.count(); await prisma.$disconnect(); return { body: n }; } });"
        ),
        1,
    ),
    "google": (
        "@google-cloud/functions-framework",
        (
            "import * as ff from '@google-cloud/functions-framework';\n"
            "ff.http('x', async (req, res) => { res.send(await prisma.user.count()); await "
            "prisma.$disconnect(); });"
        ),
        1,
    ),
    "firebase": (
        "firebase-functions",
        (
            "import { onRequest } from 'firebase-functions/v2/https';\n"
            "export const x = onRequest(async (req, res) => { res.send(await "
            "prisma.user.count()); await prisma.$disconnect(); });"
        ),
        1,
    ),
}
"""What the package depends on, its one module, and how many of its `$disconnect`s end a call."""


CASES: dict[str, tuple[dict[str, object], int]] = {
    "finally of a script's main": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/report.ts": IMPORT
            + (
                "async function main() { await prisma.user.count(); }\n"
                "main().finally(async () => { await prisma.$disconnect(); });"
            ),
        },
        0,
    ),
    "finally in main": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/report.ts": IMPORT
            + (
                "async function main() { try { await prisma.user.count(); } finally { await "
                "prisma.$disconnect(); } }\n"
                "main();"
            ),
        },
        0,
    ),
    "export main script run": (
        {
            "package.json": {
                "name": "api",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"report": "tsx src/report.ts"},
            },
            "src/db.ts": SHARED,
            "src/report.ts": IMPORT
            + (
                "export async function main() { try { await prisma.user.count(); } finally { await "
                "prisma.$disconnect(); } }\n"
                "main();"
            ),
        },
        0,
    ),
    "Database class": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/database.ts": IMPORT
            + (
                "export class Database { async connect() { await prisma.$connect(); } async "
                "disconnect() { await prisma.$disconnect(); } }\n"
                "export const database = new Database();"
            ),
            "src/server.ts": (
                "import { database } from './database';\n"
                "process.on('SIGTERM', async () => { await database.disconnect(); process.exit(0); "
                "});"
            ),
        },
        0,
    ),
    "Database class two deep": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/database.ts": IMPORT
            + (
                "export class Database { async disconnect() { await prisma.$disconnect(); } }\n"
                "export const database = new Database();"
            ),
            "src/stop.ts": (
                "import { database } from './database';\nexport async function stop() { await database.disconnect(); }"
            ),
            "src/server.ts": ("import { stop } from './stop';\nprocess.on('SIGTERM', stop);"),
        },
        0,
    ),
    "Database class used by handler": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/database.ts": IMPORT
            + (
                "export class Database { async disconnect() { await prisma.$disconnect(); } }\n"
                "export const database = new Database();"
            ),
            "src/server.ts": (
                "import { database } from './database';\n"
                "app.get('/', async (req, res) => { await database.disconnect(); res.end(); });"
            ),
        },
        1,
    ),
    "static Database": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/database.ts": IMPORT
            + "export class Database { static async disconnect() { await prisma.$disconnect(); } }",
            "src/server.ts": (
                "import { Database } from './database';\n"
                "process.on('SIGTERM', () => Database.disconnect().then(() => process.exit(0)));"
            ),
        },
        0,
    ),
    "instance this.prisma": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/database.ts": IMPORT
            + ("export class Database { prisma = prisma; async disconnect() { await this.prisma.$disconnect(); } }"),
            "src/server.ts": (
                "import { Database } from './database';\n"
                "const db = new Database();\n"
                "process.on('SIGTERM', () => { db.disconnect(); });"
            ),
        },
        0,
    ),
    "helper exported from db": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED + "export async function disconnectDB() { await prisma.$disconnect(); }",
            "src/x.ts": IMPORT,
            "src/server.ts": (
                "import { disconnectDB } from './db';\nprocess.on('SIGINT', async () => { await disconnectDB(); });"
            ),
        },
        0,
    ),
    "helper exported, handler too": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED + "export async function disconnectDB() { await prisma.$disconnect(); }",
            "src/x.ts": IMPORT,
            "src/server.ts": (
                "import { disconnectDB } from './db';\n"
                "process.on('SIGINT', async () => { await disconnectDB(); });\n"
                "app.get('/', async (q, r) => { await disconnectDB(); });"
            ),
        },
        1,
    ),
    "helper only scripts": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED
            + (
                "export async function disconnectDB() { const n = await prisma.user.count(); await "
                "prisma.$disconnect(); }"
            ),
            "src/x.ts": IMPORT,
            "scripts/a.ts": ("import { disconnectDB } from '../src/db';\nawait disconnectDB();"),
            "src/server.ts": "import { prisma } from './db'; app.get('/', () => prisma.user.count());",
        },
        0,
    ),
    "helper only tests": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED
            + ("export async function reset() { await prisma.user.count(); await prisma.$disconnect(); }"),
            "src/x.ts": IMPORT,
            "src/a.test.ts": ("import { reset } from './db';\nafterAll(reset);"),
            "src/server.ts": "import { prisma } from './db'; app.get('/', () => prisma.user.count());",
        },
        0,
    ),
    "jest globalTeardown": (
        {
            "package.json": {
                "name": "api",
                "dependencies": {"@prisma/client": "6.19.0"},
                "scripts": {"start": "node src/server.js"},
                "jest": {"globalTeardown": "./src/down.ts"},
            },
            "src/db.ts": SHARED,
            "src/down.ts": IMPORT + "export default async () => { await prisma.$disconnect(); };",
        },
        0,
    ),
    "CLI end commander": (
        {
            "package.json": {
                "name": "api",
                "dependencies": {"@prisma/client": "6.19.0", "commander": "1.0.0"},
                "scripts": {"start": "node src/server.js"},
                "bin": {"x": "src/cli.ts"},
            },
            "src/db.ts": SHARED,
            "src/cli.ts": IMPORT
            + (
                "import { program } from 'commander';\n"
                "program.command('x').action(async () => { await prisma.user.count(); await "
                "prisma.$disconnect(); });\n"
                "program.parse();"
            ),
        },
        0,
    ),
    "graceful called at exit": (
        {
            "package.json": package("express"),
            "src/db.ts": SHARED,
            "src/stop.ts": IMPORT
            + ("export async function gracefulShutdown() { await prisma.$disconnect(); process.exit(0); }"),
        },
        0,
    ),
    "nitro close hook": (
        {
            "package.json": package("nuxt"),
            "src/db.ts": SHARED,
            "server/plugins/db.ts": IMPORT
            + (
                "export default defineNitroPlugin((nitro) => { nitro.hooks.hook('close', async () => "
                "{ await prisma.$disconnect(); }); });"
            ),
            "server/plugins/db2.ts": "x",
        },
        0,
    ),
    "next instrumentation register": (
        {
            "package.json": package("next"),
            "src/db.ts": SHARED,
            "src/instrumentation.ts": IMPORT
            + ("export async function register() { process.on('SIGTERM', () => prisma.$disconnect()); }"),
        },
        0,
    ),
    "inngest": (
        {
            "package.json": package("inngest"),
            "src/db.ts": SHARED,
            "src/server.ts": IMPORT
            + (
                "import { inngest } from './i';\n"
                "export const f = inngest.createFunction({ id: 'x' }, { event: 'y' }, async () => { "
                "await prisma.user.count(); await prisma.$disconnect(); });"
            ),
            "src/i.ts": ("import { Inngest } from 'inngest';\nexport const inngest = new Inngest({ id: 'a' });"),
        },
        1,
    ),
    "remix loader": (
        {
            "package.json": package("@remix-run/node"),
            "src/db.ts": SHARED,
            "app/routes/a.ts": IMPORT
            + (
                "export const loader = async () => { const n = await prisma.user.count(); await "
                "prisma.$disconnect(); return n; };"
            ),
            "app/routes/db.ts": SHARED,
        },
        1,
    ),
    "sveltekit load": (
        {
            "package.json": package("@sveltejs/kit"),
            "src/db.ts": SHARED,
            "src/routes/+page.server.ts": IMPORT
            + (
                "export const load = async () => { const n = await prisma.user.count(); await "
                "prisma.$disconnect(); return { n }; };"
            ),
            "src/routes/db.ts": SHARED,
        },
        1,
    ),
    "nuxt handler": (
        {
            "package.json": package("nuxt"),
            "src/db.ts": SHARED,
            "server/api/seed.get.ts": IMPORT
            + (
                "export default defineEventHandler(async () => { const n = await "
                "prisma.user.count(); await prisma.$disconnect(); return n; });"
            ),
            "server/api/db.ts": SHARED,
        },
        1,
    ),
    "astro endpoint": (
        {
            "package.json": package("astro"),
            "src/db.ts": SHARED,
            "src/pages/test/a.json.ts": IMPORT
            + (
                "export const GET = async () => { const n = await prisma.user.count(); await "
                "prisma.$disconnect(); return new Response(n); };"
            ),
            "src/pages/test/db.ts": SHARED,
        },
        1,
    ),
    "server action": (
        {
            "package.json": package("next"),
            "lib/db.ts": SHARED,
            "app/test/actions.ts": (
                "'use server';\n"
                "import { prisma } from '../../lib/db';\n"
                "export async function a() { await prisma.user.count(); await prisma.$disconnect(); "
                "}\n"
            ),
        },
        1,
    ),
}

RELEASE = SHARED + "export async function release() { await prisma.$disconnect(); }"
PER_REQUEST = "export const handler = async () => { await release(); };"
THROUGH_BARRELS: dict[str, tuple[dict[str, object], int]] = {
    "handler": ({"src/server.ts": "import { release } from './db';\n" + PER_REQUEST}, 1),
    "handler, two barrels on": ({"src/server.ts": "import { release } from './lib';\n" + PER_REQUEST}, 1),
    "named barrel": (
        {
            "src/db/index.ts": "export { release, prisma } from './client';",
            "src/server.ts": "import { release } from './db';\n" + PER_REQUEST,
        },
        1,
    ),
    "at the end of the process": (
        {"src/server.ts": "import { release } from './lib';\nprocess.on('SIGTERM', async () => { await release(); });"},
        0,
    ),
    "a namesake of another module": (
        {
            "src/other.ts": "export function release() {}",
            "src/server.ts": "import { release } from './other';\n" + PER_REQUEST,
        },
        0,
    ),
}


@pytest.mark.parametrize("case", THROUGH_BARRELS)
def test_callers_behind_a_barrel_count(tmp_path: Path, case: str) -> None:
    files, expected = THROUGH_BARRELS[case]
    barrels = {"src/db/index.ts": "export * from './client';", "src/lib/index.ts": "export * from '../db';"}
    assert (
        disconnects(tmp_path, {"package.json": package("express"), "src/db/client.ts": RELEASE, **barrels, **files})
        == expected
    )


def disconnects(root: Path, files: Mapping[str, object]) -> int:
    """The number of findings of PF201."""
    found = run(write(root, {"prisma/schema.prisma": SCHEMA, **files}), Options(jobs=1)).findings
    return len([f for f in found if f.finding.code == "PF201"])


@pytest.mark.parametrize("case", ENDS)
def test_what_ends_a_call(tmp_path: Path, case: str) -> None:
    dependency, code, expected = ENDS[case]
    files = {"package.json": package(dependency), "src/db.ts": SHARED, "src/server.ts": IMPORT + code}
    assert disconnects(tmp_path, files) == expected


@pytest.mark.parametrize("case", CASES)
def test_how_many_disconnects_end_a_call(tmp_path: Path, case: str) -> None:
    files, expected = CASES[case]
    assert disconnects(tmp_path, files) == expected
