"""A module that has the shared client and builds another one: it uses its own, and imports nothing from itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import shop

if TYPE_CHECKING:
    from pathlib import Path

_IMPORT = 'import { PrismaClient } from "@prisma/client";\n\n'
_USER = 'import { IMPORTED } from "./users";\n\nexport const n = () => IMPORTED.user.count();\n'
_BUILDS = "export async function all() {\n  const db = new PrismaClient();\n  return db.user.findMany();\n}\n"
_USES = "export async function all() {\n  const db = prisma;\n  return db.user.findMany();\n}\n"


def fixed(root: Path, code: str, imported: str = "prisma") -> str:
    """`src/users.ts` after all safe fixes, without its first import, or what is said of the client in a function."""
    called = 'import * as users from "./users";\n\nexport const every = () => users.all();\n'
    files = {"src/lib/prisma.ts": "export {};\n", "src/count.ts": _USER.replace("IMPORTED", imported)}
    files["src/every.ts"] = called
    result = run(shop(root, **files, **{"src/users.ts": _IMPORT + code}), Options(apply=True, jobs=1))
    (found,) = result.findings
    assert found.finding.code == "PF101"
    if found.state != "fixed":
        assert result.changes == ()
        return f"{found.applicability}: {found.reason}"
    (after,) = [change.after for change in result.changes]
    assert after is not None
    return after.decode().removeprefix(_IMPORT)


_SHARED = "export const prisma = new PrismaClient();\n"
_FACTORY = "function make() {\n  return new PrismaClient();\n}\n\nexport const prisma = make();\n"
_LATE = "export async function all() {\n  let db: PrismaClient;\n  db = CLIENT;\n  return db.user.findMany();\n}\n"
_IN_PLACE = "export const all = () => CLIENT.user.findMany();\n"
_SAME_NAME = "export async function all() {\n  return prisma.user.findMany();\n}\n"
_NEW = "new PrismaClient()"


@pytest.mark.parametrize(
    ("shared", "imported", "builds", "uses"),
    [
        (_SHARED, "prisma", _BUILDS, _USES),
        ("const prisma = new PrismaClient();\nexport { prisma as db };\n", "db", _BUILDS, _USES),
        (_SHARED, "prisma", _BUILDS.replace("db", "prisma"), _SAME_NAME),
        (_SHARED, "prisma", _IN_PLACE.replace("CLIENT", _NEW), _IN_PLACE.replace("CLIENT", "prisma")),
        (_FACTORY, "prisma", _BUILDS, _USES),
        (_SHARED, "prisma", _LATE.replace("CLIENT", _NEW), _LATE.replace("CLIENT", "prisma")),
    ],
)
def test_a_client_beside_the_shared_one(tmp_path: Path, shared: str, imported: str, builds: str, uses: str) -> None:
    assert fixed(tmp_path, shared + builds, imported) == shared + uses


@pytest.mark.parametrize(
    "between",
    [
        "const limit = Number(process.env.LIMIT);\n",
        'console.log("users", process.env.LIMIT);\n',
        "export const handlers = { all };\n",
        "const size = 3;\nexport const few = Math.min(size, 5);\n",
        "const least = (a: number, b: number) => (a < b ? a : b);\nexport const few = [3].map((n) => least(n, 5));\n",
    ],
)
def test_a_function_above_the_shared_client_that_nobody_calls_by_then(tmp_path: Path, between: str) -> None:
    assert fixed(tmp_path, _BUILDS + between + _SHARED) == _USES + between + _SHARED


@pytest.mark.parametrize(
    "between",
    [
        "void all();\n",
        "setImmediate(all);\n",
        "const handlers = { all };\nObject.values(handlers).forEach((each) => each());\n",
        "const again = all;\nconst wrapped = again;\nvoid wrapped();\n",
        "export const first = [1].map((id) => all());\n",
    ],
)
def test_code_that_may_run_before_the_shared_client_is_built(tmp_path: Path, between: str) -> None:
    line = 3 + (_BUILDS + between).count("\n")
    expected = f"unsafe: line {line - 1} of src/users.ts may run this code before `prisma` is built"
    assert fixed(tmp_path, _BUILDS + between + _SHARED) == expected


def test_a_callback_that_is_handed_on_before_the_shared_client_is_built(tmp_path: Path) -> None:
    builds = _BUILDS.replace("export async function all() {", "export const all = wrapped(async () => {")
    handed = 'import { wrapped } from "wrapping";\n' + builds.removesuffix("}\n") + "});\n"
    expected = "unsafe: line 4 of src/users.ts may run this code before `prisma` is built"
    assert fixed(tmp_path, handed + _SHARED) == expected


def test_the_name_of_the_shared_client_means_something_else_there(tmp_path: Path) -> None:
    builds = (
        "export async function all(prisma: string) {\n  const db = new PrismaClient();\n"
        "  return db.user.findMany({ where: { name: prisma } });\n}\n"
    )
    said = "none: `prisma`, the shared client of this module, means something else at line 5"
    assert fixed(tmp_path, _SHARED + builds) == said


def test_a_shared_client_without_a_name(tmp_path: Path) -> None:
    said = "none: the shared client has no name in src/users.ts: give it one first"
    user = "default as prisma"
    root = shop(
        tmp_path,
        **{
            "src/lib/prisma.ts": "export {};\n",
            "src/count.ts": f'import {{ {user} }} from "./users";\n\nexport const n = () => prisma.user.count();\n',
            "src/users.ts": _IMPORT + "export default new PrismaClient();\n" + _BUILDS,
        },
    )
    (found,) = run(root, Options(jobs=1)).findings
    assert f"{found.applicability}: {found.reason}" == said


@pytest.mark.parametrize(
    "exports",
    ["module.exports = { prisma: db, all };\n", "exports.all = all;\nexports.prisma = db;\nexports.most = most;\n"],
)
def test_commonjs(tmp_path: Path, exports: str) -> None:
    code = (
        'const { PrismaClient } = require("@prisma/client");\n\nconst db = new PrismaClient();\nconst most = 5;\n\n'
        f"async function all() {{\n  const prisma = NEW;\n  return prisma.user.findMany();\n}}\n\n{exports}"
    )
    files = {
        "src/users.js": code.replace("NEW", "new PrismaClient()"),
        "src/count.js": 'const { prisma } = require("./users");\n\nexports.n = () => prisma.user.count();\n',
        "src/lib/prisma.ts": "export {};\n",
    }
    (change,) = run(shop(tmp_path, **files), Options(apply=True, jobs=1)).changes
    assert (change.after or b"").decode() == code.replace("NEW", "db")


def test_commonjs_that_is_the_client_itself(tmp_path: Path) -> None:
    code = (
        'const { PrismaClient } = require("@prisma/client");\n\nconst db = new PrismaClient();\n\n'
        "db.work = async () => {\n  const prisma = NEW;\n  return prisma.user.findMany();\n};\n\nmodule.exports = db;\n"
    )
    files = {
        "src/users.js": code.replace("NEW", "new PrismaClient()"),
        "src/count.js": 'const prisma = require("./users");\n\nexports.n = () => prisma.work();\n',
        "src/lib/prisma.ts": "export {};\n",
    }
    result = run(shop(tmp_path, **files), Options(apply=True, unsafe=True, jobs=1))
    texts = {change.path: (change.after or b"").decode() for change in result.changes}
    assert texts == {"src/users.js": code.replace("NEW", "db")}
