"""How many pools the process of a module builds, and which of them are one too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = {
    "name": "api",
    "dependencies": {"@prisma/client": "6.19.0", "express": "4.0.0"},
    "scripts": {"start": "node src/server.js"},
}
PLAIN = "import { PrismaClient } from '@prisma/client';\n"
SHARED = PLAIN + "export const prisma = new PrismaClient();\n"
OWN = PLAIN + "const prisma = new PrismaClient();\nexport const all = () => prisma.user.findMany();\n"
USE = "import { prisma } from './db';\nexport const one = () => prisma.user.findFirst();\n"

CASES: dict[str, tuple[dict[str, object], list[str]]] = {
    "one shared client": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
        },
        [],
    ),
    "a client for tests in a branch of its own": (
        {
            "src/db.ts": PLAIN + "const make = () => process.env.NODE_ENV === 'test' ? new PrismaClient()\n"
            "  : (globalThis as any).db || new PrismaClient();\n"
            "export const prisma = make();\n"
            "if (process.env.NODE_ENV !== 'production') (globalThis as any).db = prisma;\n",
            "src/a.ts": USE,
            "src/b.ts": PLAIN
            + "if (process.env.NODE_ENV === 'test') { (globalThis as any).mine = new PrismaClient(); }\n",
        },
        [],
    ),
    "a client that tests do without": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/b.ts": PLAIN + "export const db = process.env.NODE_ENV !== 'test' ? new PrismaClient() : null;\n"
            "export const all = () => db?.user.findMany();\n",
        },
        ["PF102 src/b.ts"],
    ),
    "second module": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/b.ts": OWN,
        },
        ["PF102 src/b.ts"],
    ),
    "two and none shared": (
        {
            "src/a.ts": OWN,
            "src/b.ts": OWN,
        },
        ["PF102 src/a.ts", "PF102 src/b.ts"],
    ),
    "replica": (
        {
            "src/db.ts": SHARED
            + ("export const replica = new PrismaClient({ datasourceUrl: process.env.REPLICA_URL });\n"),
            "src/a.ts": USE,
        },
        [],
    ),
    "replica in own module": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/replica.ts": PLAIN
            + ("export const replica = new PrismaClient({ datasources: { db: { url: process.env.REPLICA_URL } } });\n"),
        },
        [],
    ),
    "two modules for the replica": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE + "import { replica } from './replica'; replica.user.count();",
            "src/replica.ts": PLAIN
            + ("export const replica = new PrismaClient({ datasourceUrl: process.env.REPLICA_URL });\n"),
            "src/c.ts": PLAIN
            + (
                "const mine = new PrismaClient({ datasourceUrl: process.env.REPLICA_URL });\n"
                "export const n = () => mine.user.count();\n"
            ),
        },
        ["PF102 src/c.ts"],
    ),
    "different logging is the same database": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/b.ts": PLAIN
            + (
                "const prisma = new PrismaClient({ log: ['error'] });\n"
                "export const all = () => prisma.user.findMany();\n"
            ),
        },
        ["PF102 src/b.ts"],
    ),
    "factory that only a script calls": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/make.ts": PLAIN + "export const make = () => new PrismaClient();\n",
            "scripts/x.ts": ("import { make } from '../src/make';\nmake().user.count();\n"),
        },
        [],
    ),
    "factory that only shutdown calls": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/make.ts": PLAIN + "export const make = () => new PrismaClient();\n",
            "src/s.ts": (
                "import { make } from './make';\nprocess.on('SIGTERM', async () => { await make().user.count(); });\n"
            ),
        },
        [],
    ),
    "factory that a handler calls": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/make.ts": PLAIN + "export const make = () => new PrismaClient();\n",
            "src/s.ts": (
                "import { make } from './make';\n"
                "export const h = async (req, res) => res.json(await make().user.count());\n"
                "app.get('/', h);\n"
            ),
        },
        ["PF101 src/make.ts"],
    ),
    "factory called once in main": (
        {
            "src/make.ts": PLAIN + "export const make = () => new PrismaClient();\n",
            "src/s.ts": (
                "import { make } from './make';\n"
                "async function main() { const prisma = make(); app.get('/', () => "
                "prisma.user.count()); app.listen(1); }\n"
                "main();\n"
            ),
        },
        [],
    ),
    "factory in memo of another file": (
        {
            "src/make.ts": PLAIN + "export const make = () => new PrismaClient();\n",
            "src/s.ts": ("import { make } from './make';\nlet p;\nexport const get = () => (p ??= make());\n"),
            "src/h.ts": ("import { get } from './s';\napp.get('/', (q, r) => get().user.count());\n"),
        },
        [],
    ),
    "script's own client": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "scripts/x.ts": OWN,
        },
        [],
    ),
    "test's own client": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/x.test.ts": OWN,
        },
        [],
    ),
    "script of package.json": (
        {
            "src/db.ts": SHARED,
            "src/a.ts": USE,
            "src/fill.ts": OWN,
            "package.json": {
                "name": "api",
                "dependencies": {"@prisma/client": "6.19.0", "express": "4.0.0"},
                "scripts": {"start": "node src/server.js", "fill": "tsx src/fill.ts"},
            },
        },
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_which_pools_are_too_many(tmp_path: Path, case: str) -> None:
    files, expected = CASES[case]
    root = write(tmp_path, {"package.json": PACKAGE, "prisma/schema.prisma": SCHEMA, **files})
    found = [f.finding for f in run(root, Options(jobs=1)).findings]
    assert sorted(f"{f.code} {f.path}" for f in found if f.code in ("PF101", "PF102")) == expected
