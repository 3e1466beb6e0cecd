"""Where a shared module is taken from, and where a new one goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from prismafix.project import build
from tests.rules.test_shared_clients import MANIFEST, SCHEMA, SHARED, shop

if TYPE_CHECKING:
    from pathlib import Path

_CLASS = 'import { PrismaClient } from "@prisma/client";\n'
_WORK = (
    _CLASS + "\nexport async function work() {\n  const prisma = new PrismaClient();\n"
    "  return await prisma.user.count();\n}\n"
)
_NONE = {"src/lib/prisma.ts": "export {};\n"}
_ROOT = {
    **_NONE,
    "package.json": '{"name": "all", "private": true, "workspaces": ["packages/*"]}\n',
    "prisma/schema.prisma": "",
    "packages/api/package.json": MANIFEST.replace("shop", "api"),
    "packages/api/prisma/schema.prisma": SCHEMA,
}


def made(root: Path, **files: str) -> dict[str, str]:
    """The texts that all fixes together lead to, by path."""
    result = run(shop(root, **files), Options(apply=True, unsafe=True, jobs=1))
    return {change.path: change.after.decode() for change in result.changes if change.after is not None}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (("src/work.ts", "src/more.ts"), "src/lib/prisma-client.ts"),
        (("routes/work.ts", "routes/more.ts", "utils/a.ts"), "src/lib/prisma-client.ts"),
    ],
)
def test_a_new_module_of_a_package(tmp_path: Path, files: tuple[str, ...], place: str) -> None:
    assert place in made(tmp_path, **_NONE, **dict.fromkeys(files, _WORK))


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (("routes/work.ts", "routes/more.ts"), "lib/prisma.ts"),
        (("work.ts", "more.ts", "utils/a.ts"), "utils/prisma.ts"),
        (("src/work.ts", "src/more.ts"), "src/lib/prisma.ts"),
    ],
)
def test_a_new_module_of_a_package_of_a_workspace(tmp_path: Path, files: tuple[str, ...], place: str) -> None:
    assert f"packages/api/{place}" in made(tmp_path, **_ROOT, **{f"packages/api/{path}": _WORK for path in files})


def test_a_name_that_another_kind_of_module_has_is_taken(tmp_path: Path) -> None:
    files = {
        "lib/prisma.cjs": "module.exports = 1;\n",
        "lib/prisma-client.mjs": "export {};\n",
        "routes/work.ts": _WORK,
    }
    root = shop(tmp_path, **files)
    (root / "src/lib/prisma.ts").unlink()
    result = run(root, Options(apply=True, jobs=1))
    assert [change.path for change in result.changes] == ["lib/db.ts", "routes/work.ts"]


@pytest.mark.parametrize(
    ("variable", "options", "user", "shared"),
    [
        ("DATABASE_URL", "", True, True),
        ("DATABASE_URL", "", False, True),
        ("OTHER_URL", "", True, False),
        ("DATABASE_URL", '{ log: ["query"] }', True, True),
        ("DATABASE_URL", '{ log: ["query"] }', False, False),
    ],
)
def test_the_client_of_another_package_is_taken_for_the_same_database_only(
    tmp_path: Path, variable: str, options: str, *, user: bool, shared: bool
) -> None:
    depends = MANIFEST.replace("shop", "api").replace('"express"', '"db": "*", "express"')
    files = {
        **_ROOT,
        "packages/db/package.json": MANIFEST.replace("shop", "db"),
        "packages/db/prisma/schema.prisma": SCHEMA,
        "packages/db/index.ts": SHARED.replace("PrismaClient()", f"PrismaClient({options})"),
        "packages/api/package.json": depends,
        "packages/api/prisma/schema.prisma": SCHEMA.replace("DATABASE_URL", variable),
        "packages/api/src/work.ts": _WORK,
    }
    if user:
        files["packages/api/src/n.ts"] = 'import { prisma } from "db";\nexport const n = () => prisma.user.count();\n'
    texts = made(tmp_path, **files)
    line = texts["packages/api/src/work.ts"].splitlines()[0]
    assert line == f'import {{ prisma }} from "{"db" if shared else "./lib/prisma"}";'


def test_the_client_of_a_package_that_is_looked_at_in_another_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_MOST_SEEDS", 1)
    files = {
        **_ROOT,
        "packages/db/package.json": MANIFEST.replace("shop", "db"),
        "packages/db/prisma/schema.prisma": SCHEMA,
        "packages/db/index.ts": SHARED,
        "packages/api/package.json": MANIFEST.replace("shop", "api").replace('"express"', '"db": "*", "express"'),
        "packages/api/src/work.ts": _WORK,
    }
    texts = made(tmp_path, **files)
    assert texts["packages/api/src/work.ts"].startswith('import { prisma } from "db";')


def test_a_leaf_that_nobody_imports_so_far_is_the_shared_module(tmp_path: Path) -> None:
    leaf = (
        'const { PrismaClient } = require("@prisma/client");\nconst prisma = new PrismaClient();\n'
        "module.exports = { prisma };\n"
    )
    work = _WORK.replace(_CLASS, 'const { PrismaClient } = require("@prisma/client");\n').replace(
        "export async function work", "exports.work = async function"
    )
    texts = made(tmp_path, **_NONE, **{"src/lib/db.js": leaf, "src/work.js": work})
    assert sorted(texts) == ["src/work.js"]
    assert texts["src/work.js"].startswith('const { prisma } = require("./lib/db");')


def test_a_module_without_imports_is_what_its_package_says(tmp_path: Path) -> None:
    work = (
        'globalThis.handler = async () => {\n  const { PrismaClient } = await import("@prisma/client");\n'
        "  const prisma = new PrismaClient();\n  return await prisma.user.count();\n};\n"
    )
    manifest = MANIFEST.replace('"name"', '"type": "module", "name"')
    texts = made(tmp_path, **_NONE, **{"package.json": manifest, "src/work.js": work})
    assert texts["src/lib/prisma-client.js"].startswith('import { PrismaClient } from "@prisma/client";')
    assert texts["src/work.js"].startswith('import { prisma } from "./lib/prisma-client.js";')


def test_a_program_that_exports_its_client_is_no_shared_module(tmp_path: Path) -> None:
    program = _CLASS + "export const prisma = new PrismaClient();\nexport const port = 1;\n"
    texts = made(tmp_path, **_NONE, **{"src/app.ts": program, "src/work.ts": _WORK})
    assert "./app" not in texts["src/work.ts"]


def test_a_shared_module_that_prints_something_is_not_imported_for_its_client(tmp_path: Path) -> None:
    loud = (
        _CLASS + 'function make() {\n  console.log("made");\n  return new PrismaClient();\n}\n'
        "export const prisma = make();\n"
    )
    user = 'import { prisma } from "./lib/prisma";\nexport const n = () => prisma.user.count();\n'
    for number, (shared, reason) in enumerate(
        ((loud, "does more at import (`make`)"), (loud.replace('  console.log("made");\n', ""), ""))
    ):
        files = {"src/lib/prisma.ts": shared, "src/n.ts": user, "src/work.ts": _WORK}
        findings = run(shop(tmp_path / str(number), **files), Options(jobs=1)).findings
        assert [reason in f.reason and bool(reason) == bool(f.reason) for f in findings] == [True]


def test_what_the_browser_loads_gets_no_shared_client(tmp_path: Path) -> None:
    files = {
        **_NONE,
        "src/work.ts": _WORK,
        "src/between.ts": 'export { work } from "./work";\n',
        "src/page.tsx": '"use client";\nimport { work } from "./between";\nexport const Page = () => work();\n',
    }
    (found,) = run(shop(tmp_path, **files), Options(jobs=1)).findings
    assert found.applicability == "none"
    assert found.reason.startswith("src/page.tsx runs in the browser")


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ('{ log: ["query"] }', '{ log: ["query"] }', "safe"),
        ('{ log: ["query"] }', "{}", "unsafe"),
    ],
)
def test_options_with_a_name_are_compared_by_what_they_hold(
    tmp_path: Path, here: str, there: str, expected: str
) -> None:
    shared = f"{_CLASS}const options = {there};\nexport const prisma = new PrismaClient(options);\n"
    work = _WORK.replace(_CLASS, f"{_CLASS}const options = {here};\n").replace(
        "PrismaClient()", "PrismaClient(options)"
    )
    user = 'import { prisma } from "./lib/prisma";\nexport const n = () => prisma.user.count();\n'
    files = {"src/lib/prisma.ts": shared, "src/work.ts": work, "src/n.ts": user}
    assert [f.applicability for f in run(shop(tmp_path, **files), Options(jobs=1)).findings] == [expected]


def test_variables_of_two_modules_are_two(tmp_path: Path) -> None:
    level = "let level = 1;"
    made = "PrismaClient({ transactionOptions: { timeout: level } })"
    files = {
        "src/lib/prisma.ts": f"{_CLASS}{level}\nexport const prisma = new {made};\n",
        "src/work.ts": _WORK.replace(_CLASS, f"{_CLASS}{level}\n").replace("PrismaClient()", made),
        "src/n.ts": 'import { prisma } from "./lib/prisma";\nexport const n = () => prisma.user.count();\n',
    }
    (found,) = run(shop(tmp_path, **files), Options(jobs=1)).findings
    assert "is built with other options" in found.reason


@pytest.mark.parametrize(("url", "same"), [("let url = pick();", False), ('const url = "postgresql://db/a";', True)])
def test_urls_that_two_modules_call_the_same_may_be_two_databases(tmp_path: Path, url: str, *, same: bool) -> None:
    module = f"{_CLASS}{url}\nexport const prisma = new PrismaClient({{ datasourceUrl: url }});\n"
    user = 'import { prisma } from "./NAME";\nexport const n = () => prisma.user.count();\n'
    files = {"src/a.ts": module, "src/b.ts": module, "src/m.ts": user.replace("NAME", "a")}
    said = run(shop(tmp_path, **_NONE, **files, **{"src/n.ts": user.replace("NAME", "b")}), Options(jobs=1)).findings
    assert [f.finding.code for f in said] == ["PF102"] * same


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("process.env.OTHER = '1';", ""),
        ("process.env.DATABASE_URL = '1';", "`DATABASE_URL`"),
        ("process.env[name()] = '1';", "the environment"),
        ("Object.assign(process.env, { OTHER: '1' });", ""),
        ("Object.assign(process.env, { OTHER: '1', DATABASE_URL: '1' });", "`DATABASE_URL`"),
        ("Object.assign(process.env, secrets());", "the environment"),
        ("Object.assign(process.env, { ...secrets() });", "the environment"),
        ("Object.assign(settings.env, secrets());", ""),
    ],
)
def test_a_variable_that_is_set_late(tmp_path: Path, statement: str, what: str) -> None:
    options = "{ datasourceUrl: process.env.DATABASE_URL }"
    files = {
        **_NONE,
        "src/work.ts": _WORK.replace("PrismaClient()", f"PrismaClient({options})"),
        "src/main.ts": 'import { work } from "./work";\nexport function start() {\n'
        f"  {statement}\n  return work();\n}}\n",
    }
    (found,) = run(shop(tmp_path, **files), Options(jobs=1)).findings
    assert found.reason.startswith(f"src/main.ts sets {what} at run time (line 3)") if what else found.reason == ""


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("process.env.DATABASE_URL = '1';", ("unsafe", "src/main.ts sets `DATABASE_URL` at run time (line 2)")),
        ("process.env.OTHER = '1';", ("safe", "")),
    ],
)
def test_a_guarded_client_keeps_the_variable_that_it_has_read(
    tmp_path: Path, statement: str, expected: tuple[str, str]
) -> None:
    files = {
        "package.json": '{"name": "shop", "scripts": {"dev": "next dev"}, "dependencies": '
        '{"@prisma/client": "6.19.0", "next": "15.0.0", "react": "19.0.0"}}',
        "src/main.ts": 'import { prisma } from "./lib/prisma";\n'
        f"export const start = () => {{ {statement} return prisma.user.count(); }};\n",
        "src/app/page.tsx": 'import { start } from "../main";\nexport default async () => start();\n',
    }
    (found,) = run(shop(tmp_path, **files), Options(jobs=1, select=("PF103",))).findings
    assert found.applicability == expected[0] and found.reason.startswith(expected[1])
    assert found.reason.endswith("would no longer build it anew") is (expected[0] == "unsafe")


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ('import { chunk } from "lodash";', 'import { chunk } from "lodash";'),
        ('import chunk from "lodash/chunk";', 'import chunk from "lodash/chunk";'),
        ('import { chunk } from "@all/lists";', 'import { chunk } from "@all/lists";'),
        ('import { chunk } from "./chunk";', 'import { chunk } from "./chunk";'),
    ],
)
def test_the_chunking_function_that_the_package_uses(tmp_path: Path, first: str, line: str) -> None:
    slicing = (
        "export function chunk<T>(list: T[], size: number): T[][] {\n  const parts: T[][] = [];\n"
        "  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));\n  return parts;\n}\n"
    )
    files = {
        **_ROOT,
        "packages/lists/package.json": '{"name": "@all/lists", "main": "index.ts"}\n',
        "packages/lists/index.ts": slicing,
        "packages/api/package.json": MANIFEST.replace("shop", "api").replace(
            '"express"', '"@all/lists": "*", "express"'
        ),
        "packages/api/src/prisma.ts": SHARED,
        "packages/api/src/chunk.ts": slicing,
        "packages/api/src/a.ts": f"{first}\nexport async function a(ids: number[]) {{\n"
        "  for (const some of chunk(ids, 5)) await Promise.all(some.map(g));\n}\n",
        "packages/api/src/work.ts": 'import { prisma } from "./prisma";\n\nexport async function f(ids: number[]) {\n'
        "  await Promise.all(ids.map((id) => prisma.user.count({ where: { id } })));\n}\n",
    }
    assert line in made(tmp_path, **files)["packages/api/src/work.ts"].splitlines()


@pytest.mark.parametrize("taken", ["ts", "mts", "cts", "js", "mjs", "cjs", "tsx", "jsx"])
def test_a_new_module_takes_no_name_that_an_import_may_mean(tmp_path: Path, taken: str) -> None:
    files = {"src/lib/prisma.ts": "export {};\n", f"src/lib/prisma.{taken}": "export {};\n", "src/work.ts": _WORK}
    root = shop(tmp_path, **files)
    if taken != "ts":
        (root / "src/lib/prisma.ts").unlink()
    result = run(root, Options(jobs=1, apply=True))
    assert [change.path for change in result.changes if change.before is None] == ["src/lib/prisma-client.ts"]


_NX = {
    **_NONE,
    "package.json": '{"name": "all", "scripts": {"dev": "next dev"}, '
    '"dependencies": {"@prisma/client": "^6.19.0", "next": "^15.0.0", "express": "^4.0.0"}}\n',
    "nx.json": "{}\n",
    "apps/web/project.json": '{"projectType": "application", "targets": {"dev": {"executor": "@nx/next:server"}}}\n',
    "apps/api/project.json": '{"projectType": "application", "targets": {"serve": {"executor": "@nx/js:node"}}}\n',
}


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (("apps/api/src/work.ts", "apps/api/src/more.ts"), "apps/api/src/lib/prisma.ts"),
        (("apps/web/src/work.ts",), "apps/web/src/lib/prisma.ts"),
        (("apps/api/src/work.ts", "apps/web/src/work.ts"), "src/lib/prisma-client.ts"),
    ],
)
def test_a_package_of_several_apps_has_a_module_where_all_importers_are(
    tmp_path: Path, files: tuple[str, ...], place: str
) -> None:
    texts = made(tmp_path, **_NX, **dict.fromkeys(files, _WORK))
    assert sorted(texts) == sorted((*files, place))


@pytest.mark.parametrize(("app", "codes"), [("web", ["PF103"]), ("api", [])])
def test_a_service_beside_an_app_that_reloads_needs_no_guard(tmp_path: Path, app: str, codes: list[str]) -> None:
    files = {
        f"apps/{app}/src/db.ts": SHARED,
        f"apps/{app}/src/n.ts": 'import { prisma } from "./db";\nexport const n = () => prisma.user.count();\n',
    }
    result = run(shop(tmp_path, **_NX, **files), Options(jobs=1))
    assert [found.finding.code for found in result.findings] == codes
