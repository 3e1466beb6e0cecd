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
        ("SELECT set_config('app.tenant', 'a', false)", "none"),
        ("SELECT set_config('app.tenant', 'a', true)", "safe"),
    ],
)
def test_sql_that_changes_the_session_keeps_its_client(tmp_path: Path, sql: str, expected: str) -> None:
    handler = (
        'import { PrismaClient } from "@prisma/client";\n\nexport async function work() {\n'
        f"  const prisma = new PrismaClient();\n  return await prisma.$executeRaw`{sql}`;\n}}\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": handler}), Options(jobs=1))
    assert [(f.finding.code, f.applicability) for f in result.findings] == [("PF101", expected)]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("'UPDATE x SET y = 1'", "safe"),
        ("fixed", "safe"),
        ("temporary", "none"),
        ("sql", "unsafe"),
        ("`SELECT ${sql}`", "unsafe"),
    ],
)
def test_sql_that_is_an_argument_has_to_be_known(tmp_path: Path, argument: str, expected: str) -> None:
    handler = (
        'import { PrismaClient } from "@prisma/client";\n\nconst fixed = "SELECT 1";\n'
        'const temporary = "CREATE TEMP TABLE t (id int)";\n\nexport async function work(sql: string) {\n'
        f"  const prisma = new PrismaClient();\n  return await prisma.$executeRawUnsafe({argument});\n}}\n"
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


@pytest.mark.parametrize(("framework", "extension"), [("express", "mjs"), ("next", "js")])
def test_a_helper_for_import_in_a_package_of_commonjs(tmp_path: Path, framework: str, extension: str) -> None:
    one = "  const NAME = { all: await Promise.all(ids.map((id) => prisma.user.count({ where: { id } }))) };\n"
    source = (
        'import { prisma } from "./lib/prisma.js";\n\nexport async function work(ids) {\n'
        f"{one.replace('NAME', 'a')}{one.replace('NAME', 'b')}  return [a, b];\n}}\n"
    )
    manifest = MANIFEST.replace("express", framework)
    root = shop(tmp_path, **{"package.json": manifest, "src/lib/prisma.js": SHARED, "src/work.js": source})
    (root / "src/lib/prisma.ts").unlink()
    result = run(root, Options(apply=True, jobs=1))
    assert [c.path for c in result.changes if c.before is None] == [f"src/lib/map-in-chunks.{extension}"]


@pytest.mark.parametrize("name", ["map-in-chunks", "map-in-chunks.server"])
def test_a_helper_that_is_there_is_used(tmp_path: Path, name: str) -> None:
    helper = (
        "export async function mapInChunks<T, R>(all: T[], size: number, work: (item: T, index: number) => Promise<R>) "
        "{\n  const results: R[] = [];\n  for (let i = 0; i < all.length; i += size) {\n"
        "    results.push(...(await Promise.all(all.slice(i, i + size).map((item, n) => work(item, i + n)))));\n"
        "  }\n  return results;\n}\n"
    )
    source = 'import { prisma } from "./lib/prisma";\n\n' + "".join(
        f"export const {function} = async (ids: number[]) => {{\n"
        "  return { all: await Promise.all(ids.map((id) => prisma.user.count({ where: { id } }))) };\n};\n"
        for function in ("first", "second")
    )
    result = run(shop(tmp_path, **{f"src/lib/{name}.ts": helper, "src/work.ts": source}), Options(apply=True, jobs=1))
    assert [change.path for change in result.changes] == ["src/work.ts"]
    assert f'import {{ mapInChunks }} from "./lib/{name}";'.encode() in (result.changes[0].after or b"")


@pytest.mark.parametrize("hook", ["$use(async (params, next) => next(params))", '$on("query", console.log)'])
def test_a_hook_on_a_client_per_call_is_for_a_person_to_move(tmp_path: Path, hook: str) -> None:
    handler = (
        'import { PrismaClient } from "@prisma/client";\n\nexport async function work() {\n'
        f"  const prisma = new PrismaClient();\n  prisma.{hook};\n  return await prisma.user.count();\n}}\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": handler}), Options(jobs=1)).findings
    assert (found.finding.code, found.applicability) == ("PF101", "unsafe")
    assert hook.split("(", 1)[0] in found.reason


@pytest.mark.parametrize(("size", "severity"), [("1", "error"), ("5", "warning"), ("poolSize", "warning")])
def test_the_outer_client_in_a_transaction_is_an_error_where_the_pool_is_one(
    tmp_path: Path, size: str, severity: str
) -> None:
    shared = (
        'import { PrismaPg } from "@prisma/adapter-pg";\nimport { PrismaClient } from "@prisma/client";\n\n'
        "const poolSize = Number(process.env.POOL);\n"
        f"export const prisma = new PrismaClient({{ adapter: new PrismaPg({{ max: {size} }}) }});\n"
    )
    handler = (
        'import { prisma } from "./lib/prisma";\n\nexport async function work() {\n'
        "  await prisma.$transaction(async (tx) => {\n    await tx.user.deleteMany();\n"
        "    await prisma.user.count();\n  });\n}\n"
    )
    files = {"src/lib/prisma.ts": shared, "src/work.ts": handler}
    (found,) = run(shop(tmp_path, **files), Options(jobs=1)).findings
    assert (found.finding.code, found.finding.severity) == ("PF401", severity)


def test_two_generated_clients_are_kept_under_two_names(tmp_path: Path) -> None:
    second = SCHEMA.replace("prisma-client-js", "prisma-client").replace(
        '"prisma-client"\n', '"prisma-client"\n  output   = "../src/generated/audit"\n'
    )
    dependencies = '{"@prisma/client": "^6.19.0", "next": "^15.0.0"}'
    manifest = f'{{"name": "shop", "scripts": {{"dev": "next dev"}}, "dependencies": {dependencies}}}'
    files = {
        "package.json": manifest,
        "audit/schema.prisma": second,
        "next.config.js": "module.exports = {};\n",
        "src/lib/audit.ts": 'import { PrismaClient } from "../generated/audit/client";\n\n'
        "export const audit = new PrismaClient();\n",
        "src/app/api/route.ts": 'import { audit } from "../../lib/audit";\n'
        'import { prisma } from "../../lib/prisma";\n\n'
        "export const GET = async () => Response.json([await audit.user.count(), await prisma.user.count()]);\n",
    }
    result = run(shop(tmp_path, **files), Options(apply=True, jobs=1))
    texts = [c.after.decode() for c in result.changes if c.after is not None]
    kept = {
        line.split("globalForPrisma.")[1].split(" ")[0] for text in texts for line in text.splitlines() if "??" in line
    }
    assert len(kept) == 2


@pytest.mark.parametrize(("importer", "expected"), [("src/app.ts", ["PF102"]), ("src/app.test.ts", []), (None, [])])
def test_a_folder_called_tests_is_application_code_where_the_application_uses_it(
    tmp_path: Path, importer: str | None, expected: list[str]
) -> None:
    service = (
        'import { PrismaClient } from "@prisma/client";\n\nconst prisma = new PrismaClient();\n\n'
        "export const exams = () => prisma.user.findMany();\n"
    )
    files = {
        "src/modules/tests/service.ts": service,
        "src/modules/tests/routes.ts": 'export { exams } from "./service";\n',
        "src/lib/count.ts": 'import { prisma } from "./prisma";\n\nexport const count = () => prisma.user.count();\n',
    }
    if importer is not None:
        files[importer] = 'import { exams } from "./modules/tests/routes";\n\nexport const all = () => exams();\n'
    result = run(shop(tmp_path, **files), Options(jobs=1))
    assert [f.finding.code for f in result.findings] == expected


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "a", "b")])
@pytest.mark.parametrize("typed", [False, True])
def test_the_import_of_the_class_goes_with_its_last_use(
    tmp_path: Path, order: tuple[str, str, str], typed: bool
) -> None:
    new = "new PrismaClient({{ datasourceUrl: process.env.{0} }})"
    files = {
        f"src/lib/{name}.ts": 'import { PrismaClient } from "@prisma/client";\n\n'
        f"export const {name} = {new.format(name.upper())};\n"
        for name in order
    }
    made = "let {0}: PrismaClient;\n  {0} = " if typed else "const {0} = "
    functions = "".join(
        f"\nexport async function load_{name}() {{\n  {made.format(name)}{new.format(name.upper())};\n"
        f"  return {name}.user.count();\n}}\n"
        for name in order
    )
    known = "".join(f'import {{ {name} }} from "./lib/{name}";\n' for name in order)
    listed = f"\nexport const all = [{', '.join(order)}];\nexport const none = Prisma.empty;\n"
    work = 'import { Prisma, PrismaClient } from "@prisma/client";\n' + known + listed
    root = shop(tmp_path, **files, **{"src/work.ts": work + functions, "src/lib/prisma.ts": "export {};\n"})
    result = run(root, Options(apply=True, jobs=1))
    assert [(f.finding.code, f.state) for f in result.findings] == [("PF101", "fixed")] * 3
    (after,) = [change.after for change in result.changes]
    assert after is not None
    assert after.decode().startswith('import { Prisma } from "@prisma/client";\n' + known + listed)
    assert "PrismaClient" not in after.decode()
