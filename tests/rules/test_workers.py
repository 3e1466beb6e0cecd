"""What a finding about a worker says, through the whole run: which file makes it one, and how the module is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = '{"name": "edge", "dependencies": {"@prisma/client": "^7.0.0", "@prisma/adapter-pg": "^7.0.0"}}\n'
SCHEMA = (
    'datasource db {\n  provider = "postgresql"\n}\n\n'
    'generator client {\n  provider = "prisma-client"\n  output   = "../src/generated"\n}\n\n'
    "model User {\n  id Int @id\n}\n"
)
CLIENT = (
    'import { PrismaPg } from "@prisma/adapter-pg";\nimport { PrismaClient } from "./generated/client";\n\n'
    "const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });\n"
    "export const prisma = new PrismaClient({ adapter });\n"
)
ENTRY = 'import { list } from "./users";\n\nexport default { fetch: async () => Response.json(await list()) };\n'
USERS = 'import { prisma } from "./db";\n\nexport const list = () => prisma.user.findMany({ take: 5 });\n'
TYPES = 'import type { prisma } from "./db";\n\nexport const list = async () => [] as (typeof prisma)[];\n'


def evidence(root: Path, **files: str) -> list[list[tuple[str, int, str]]]:
    """What stands under each PF105 finding: (path, line, text)."""
    every = {"package.json": MANIFEST, "prisma/schema.prisma": SCHEMA, "src/db.ts": CLIENT, "src/index.ts": ENTRY}
    for path, content in {**every, "src/users.ts": USERS, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    found = [f.finding for f in run(root, Options(jobs=1)).findings]
    assert {f.code for f in found} <= {"PF105"}
    return [[(e.path, e.line, e.text) for e in f.evidence] for f in found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wrangler.toml", 'main = "src/index.ts"\n'),
        ("wrangler.toml", 'name = "edge"\n\n[env.production]\nmain = "./src/index.ts"\n'),
        ("wrangler.json", '{"main": "src/index.ts"}'),
        ("wrangler.jsonc", '{\n  // the worker\n  "main": "./src/index.ts",\n}\n'),
    ],
)
def test_the_way_from_the_entry(tmp_path: Path, name: str, text: str) -> None:
    assert evidence(tmp_path, **{name: text}) == [
        [
            (name, 0, f"{name}: a Cloudflare Worker"),
            ("src/index.ts", 1, "imports src/users.ts"),
            ("src/users.ts", 1, "imports src/db.ts"),
        ]
    ]


@pytest.mark.parametrize(
    "files",
    [
        {},  # no wrangler file: a program like any other
        {"wrangler.toml": 'main = "src/other.ts"\n', "src/other.ts": "export default { fetch: () => null };\n"},
        {"wrangler.toml": 'main = "src/index.ts"\n', "src/users.ts": TYPES},
        {"wrangler.jsonc": '{ "main": "src/index.ts"'},  # cannot be read: nothing is known
    ],
)
def test_what_no_worker_loads_is_left_alone(tmp_path: Path, files: dict[str, str]) -> None:
    assert evidence(tmp_path, **files) == []
