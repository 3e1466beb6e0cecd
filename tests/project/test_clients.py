"""Constructions of a client: behind which guard, how often, in whose code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import PACKAGE, PLAIN, SHARED, project_of

if TYPE_CHECKING:
    from pathlib import Path

NEXT = {"name": "web", "dependencies": {"@prisma/client": "6.19.0", "next": "15.0.0"}}
CAST = "const g = globalThis as unknown as { prisma?: PrismaClient };\n"
KEEP = "if (process.env.NODE_ENV !== 'production') "

WORKING = {
    "nullish": CAST + "export const prisma = g.prisma ?? new PrismaClient();\n" + KEEP + "g.prisma = prisma;",
    "or": CAST + "export const prisma = g.prisma || new PrismaClient();\n" + KEEP + "g.prisma = prisma;",
    "assignment": "export const prisma = (globalThis.prisma ??= new PrismaClient());",
    "declared global": "declare global { var prisma: PrismaClient | undefined }\n"
    "export const prisma = global.prisma ?? new PrismaClient();\n" + KEEP + "global.prisma = prisma;",
    "if and else": "let prisma: PrismaClient;\n"
    "if (process.env.NODE_ENV === 'production') { prisma = new PrismaClient(); }\n"
    "else { if (!global.prisma) { global.prisma = new PrismaClient(); } prisma = global.prisma; }\nexport { prisma };",
    "factory": CAST + "function make() { return new PrismaClient({ log: ['error'] }); }\n"
    "export const prisma = g.prisma ?? make();\n" + KEEP + "g.prisma = prisma;",
    "factory with a chain": "const make = () => new PrismaClient().$extends({});\n"
    "const g = globalThis as unknown as { prisma?: ReturnType<typeof make> };\n"
    "export const prisma = g.prisma ?? make();\n" + KEEP + "g.prisma = prisma;",
    "memo": "let client: PrismaClient | undefined;\nexport function get() { return (client ??= new PrismaClient()); }",
    "memo with an if": "let client;\nexport function get() { if (!client) { client = new "
    "PrismaClient(); } return client; }",
    "static field": "export class Db { private static one: PrismaClient;\n"
    " static get() { if (!Db.one) { Db.one = new PrismaClient(); } return Db.one; } }",
    "package": "import { remember } from '@epic-web/remember';\n"
    "export const prisma = remember('prisma', () => new PrismaClient());",
}

BROKEN = {
    "never read": "export const prisma = new PrismaClient();\n(globalThis as any).prisma = prisma;",
    "read and written under two "
    "names": "const g = globalThis as any;\nexport const prisma = g.prisma ?? new PrismaClient();\n"
    + KEEP
    + "g.db = prisma;",
    "in production only": "const g = globalThis as any;\nexport const prisma = g.prisma ?? new PrismaClient();\n"
    "if (process.env.NODE_ENV === 'production') g.prisma = prisma;",
    "never written": "const g = globalThis as any;\nexport const prisma = g.prisma ?? new PrismaClient();",
}


def placement(root: Path, files: dict[str, object], path: str) -> str:
    """Where the one construction of a module stands."""
    (site,) = project_of(root, files).clients.sites(path)
    return site.placement


@pytest.mark.parametrize("case", WORKING)
def test_a_guard_that_holds(tmp_path: Path, case: str) -> None:
    files = {"package.json": NEXT, "src/db.ts": PLAIN + WORKING[case], "src/a.ts": "import './db';"}
    sites = project_of(tmp_path, files).clients.sites("src/db.ts")
    assert {site.placement for site in sites} <= {"guarded", "module"}
    assert "guarded" in {site.placement for site in sites}


@pytest.mark.parametrize("case", BROKEN)
def test_a_guard_that_does_not_hold(tmp_path: Path, case: str) -> None:
    (site,) = project_of(tmp_path, {"package.json": NEXT, "src/db.ts": PLAIN + BROKEN[case]}).clients.sites("src/db.ts")
    assert site.placement == "broken"
    assert site.guard is not None
    assert site.guard.broken


PLACEMENTS: dict[str, tuple[dict[str, object], str, str]] = {
    "module": ({"src/db.ts": SHARED}, "src/db.ts", "module"),
    "route handler": (
        {
            "package.json": NEXT,
            "app/api/a/route.ts": PLAIN + "export async function GET() { const p = new PrismaClient(); }",
        },
        "app/api/a/route.ts",
        "call",
    ),
    "function that a handler calls": (
        {
            "package.json": NEXT,
            "src/b.ts": PLAIN + "export function make() { return new PrismaClient(); }",
            "app/api/a/route.ts": "import { make } from '../../../src/b';\n"
            "export async function GET() { await make().user.count(); }",
        },
        "src/b.ts",
        "call",
    ),
    "factory that a module calls": (
        {"src/b.ts": PLAIN + "function make() { return new PrismaClient(); }\nexport const prisma = make();"},
        "src/b.ts",
        "module",
    ),
    "main that runs once": (
        {"src/server.ts": PLAIN + "async function main() { const p = new PrismaClient(); listen(p); }\nmain();"},
        "src/server.ts",
        "once",
    ),
    "express handler": (
        {
            "src/server.ts": PLAIN + "import express from 'express';\nconst app = express();\n"
            "app.get('/', async (req, res) => { const p = new PrismaClient(); res.json(await p.user.count()); });"
        },
        "src/server.ts",
        "call",
    ),
    "shutdown": (
        {
            "src/server.ts": PLAIN
            + "process.on('SIGTERM', async () => { const p = new PrismaClient(); await p.$disconnect(); });"
        },
        "src/server.ts",
        "shutdown",
    ),
    "immediately called": (
        {"src/server.ts": PLAIN + "(async () => { const p = new PrismaClient(); })();"},
        "src/server.ts",
        "once",
    ),
    "Fastify plugin that is declared by name": (
        {
            "src/db.ts": PLAIN + "import plugin from 'fastify-plugin';\n"
            "async function database(server) { await server.ready(); keep(new PrismaClient()); }\n"
            "export default plugin(database, { name: 'db' });"
        },
        "src/db.ts",
        "once",
    ),
    "Fastify plugin of a scope": (
        {
            "src/db.ts": PLAIN + "export async function database(server) "
            "{ server.decorate('db', new PrismaClient()); }",
            "src/server.ts": "import fastify from 'fastify';\nimport { database } from './db';\n"
            "const app = fastify();\napp.register(database);",
        },
        "src/db.ts",
        "once",
    ),
    "function that is handed to a router": (
        {
            "src/db.ts": PLAIN + "export async function list(req, res) { res.json(await new PrismaClient().a.b()); }",
            "src/server.ts": "import fastify from 'fastify';\nimport { list } from './db';\n"
            "const app = fastify();\napp.get('/', list);",
        },
        "src/db.ts",
        "call",
    ),
    "guard in a function, in development only": (
        {
            "src/b.ts": PLAIN + "const g = globalThis as any;\nexport function get() { "
            "const prisma = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;\nreturn prisma; }",
            "app/api/a/route.ts": "import { get } from '../../../src/b';\n"
            "export async function GET() { await get().user.count(); }",
        },
        "src/b.ts",
        "call",
    ),
    "guard in a function that a module calls": (
        {
            "src/b.ts": PLAIN + "const g = globalThis as any;\nfunction get() { "
            "const prisma = g.prisma ?? new PrismaClient();\n"
            "if (process.env.NODE_ENV !== 'production') g.prisma = prisma;\nreturn prisma; }\n"
            "export const prisma = get();",
        },
        "src/b.ts",
        "guarded",
    ),
    "guard in a function": (
        {
            "src/b.ts": PLAIN + "const g = globalThis as any;\nexport function get() { "
            "g.prisma ??= new PrismaClient();\nreturn g.prisma; }",
            "app/api/a/route.ts": "import { get } from '../../../src/b';\n"
            "export async function GET() { await get().user.count(); }",
        },
        "src/b.ts",
        "guarded",
    ),
    "static field": ({"src/b.ts": PLAIN + "export class B { static p = new PrismaClient(); }"}, "src/b.ts", "module"),
    "field of an object that is made per call": (
        {
            "package.json": NEXT,
            "src/b.ts": PLAIN + "export class B { p = new PrismaClient(); all() { return this.p.user.count(); } }",
            "app/api/a/route.ts": "import { B } from '../../../src/b';\n"
            "export async function GET() { return new B().all(); }",
        },
        "src/b.ts",
        "instance",
    ),
    "nobody is seen to call it": (
        {"src/b.ts": PLAIN + "function never() { return new PrismaClient(); }"},
        "src/b.ts",
        "call",
    ),
}


@pytest.mark.parametrize("case", PLACEMENTS)
def test_how_often_a_client_is_made(tmp_path: Path, case: str) -> None:
    files, path, expected = PLACEMENTS[case]
    assert placement(tmp_path, files, path) == expected


ROLES: dict[str, tuple[dict[str, object], str, str]] = {
    "application": ({"src/a.ts": SHARED}, "src/a.ts", "application"),
    "test": ({"src/a.test.ts": SHARED}, "src/a.test.ts", "test"),
    "tests folder": ({"tests/helper.ts": SHARED, "tests/a.test.ts": "import './helper';"}, "tests/helper.ts", "test"),
    "seed by name": ({"prisma/seed.ts": SHARED}, "prisma/seed.ts", "script"),
    "seed by package.json": (
        {"package.json": {**PACKAGE, "prisma": {"seed": "tsx tools/fill.ts"}}, "tools/fill.ts": SHARED},
        "tools/fill.ts",
        "script",
    ),
    "scripts folder": ({"scripts/a.ts": SHARED}, "scripts/a.ts", "script"),
    "main that exits": (
        {
            "src/once.ts": SHARED
            + "async function main() { await prisma.user.count(); }\nmain().then(() => process.exit(0));"
        },
        "src/once.ts",
        "script",
    ),
    "edge route": (
        {
            "package.json": NEXT,
            "app/api/a/route.ts": SHARED + "export const runtime = 'edge';\nexport async function GET() {}",
        },
        "app/api/a/route.ts",
        "edge",
    ),
    "browser": ({"package.json": NEXT, "src/a.tsx": "'use client';\n" + SHARED}, "src/a.tsx", "browser"),
    "Cloudflare": (
        {
            "wrangler.toml": "name = 'a'\nmain = 'src/worker.ts'\n",
            "src/worker.ts": SHARED + "export default { async fetch() {} };",
        },
        "src/worker.ts",
        "edge",
    ),
}


@pytest.mark.parametrize("case", ROLES)
def test_the_role_of_a_module(tmp_path: Path, case: str) -> None:
    files, path, expected = ROLES[case]
    role = project_of(tmp_path, files).roles.role(path)
    assert role.kind == expected
    assert role.reason or expected == "application"
