"""What a rule says about a client that could be shared, through the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = '{"name": "shop", "dependencies": {"@prisma/client": "^6.19.0", "express": "^4.0.0"}}\n'
SCHEMA = (
    'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n\nmodel User {\n  id   Int    @id\n  name String\n}\n'
)
SHARED = 'import { PrismaClient } from "@prisma/client";\n\nexport const prisma = new PrismaClient();\n'


def shop(root: Path, **files: str) -> Path:
    every = {"package.json": MANIFEST, "prisma/schema.prisma": SCHEMA, "src/lib/prisma.ts": SHARED}
    for path, content in {**every, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE \"User\" SET name = 'x'", "safe"),
        ('SELECT * FROM "User" -- SET', "safe"),
        ("SET search_path TO tenant", "none"),
        ("SELECT 1; set role reader", "none"),
        ("SELECT pg_advisory_lock(1)", "none"),
        ("LISTEN orders", "none"),
    ],
)
def test_sql_that_changes_the_session_keeps_its_client(tmp_path: Path, sql: str, expected: str) -> None:
    handler = (
        'import { PrismaClient } from "@prisma/client";\n\nexport async function work() {\n'
        f"  const prisma = new PrismaClient();\n  return await prisma.$executeRaw`{sql}`;\n}}\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": handler}), Options(jobs=1))
    assert [(f.finding.code, f.applicability) for f in result.findings] == [("PF101", expected)]


def test_one_helper_for_fixes_of_several_rounds_in_commonjs(tmp_path: Path) -> None:
    fan_outs = "".join(
        f"  const {name} = {{ all: await Promise.all(ids.map((id) => prisma.user.count({{ where: {{ id }} }}))) }};\n"
        for name in ("a", "b", "c", "d", "e", "f", "g", "h")
    )
    source = (
        'const { prisma } = require("./lib/prisma");\n\nasync function work(ids) {\n'
        f"{fan_outs}  return [a, b, c, d, e, f, g, h];\n}}\n\nmodule.exports = {{ work }};\n"
    )
    shared = 'const { PrismaClient } = require("@prisma/client");\n\nmodule.exports = { prisma: new PrismaClient() };\n'
    root = shop(tmp_path, **{"src/work.js": source, "src/lib/prisma.js": shared})
    (root / "src/lib/prisma.ts").unlink()
    result = run(root, Options(apply=True, unsafe=True, jobs=1))
    assert sorted(c.path for c in result.changes if c.before is None) == ["src/lib/map-in-chunks.js"]
    assert len([f for f in result.findings if f.state == "fixed"]) == 8
    (after,) = [c.after for c in result.changes if c.path == "src/work.js"]
    assert after is not None
    assert after.count(b"mapInChunks(ids, 5") == 8
