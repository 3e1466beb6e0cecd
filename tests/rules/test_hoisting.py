"""Which clients are replaced by the shared one, and what is said where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import SCHEMA, SHARED, shop

if TYPE_CHECKING:
    from pathlib import Path

_OWN = (
    'import { PrismaClient } from "@prisma/client";\nBEFOREconst prisma = new PrismaClient();\n'
    "export const handler = async () => prisma.user.count();\n"
)


def own(before: str = "") -> str:
    """A module with a client of its own."""
    return _OWN.replace("BEFORE", before)


def found(root: Path, **files: str) -> list[tuple[str, str, str, str]]:
    """(path, rule, applicability, reason) of each finding."""
    findings = run(shop(root, **files), Options(jobs=1)).findings
    return [(f.finding.path, f.finding.code, f.applicability, f.reason) for f in findings]


_NETLIFY = {"netlify.toml": '[functions]\ndirectory = "netlify/functions"\n', "src/lib/prisma.ts": "export {};\n"}


def test_functions_that_are_deployed_apart_keep_their_clients(tmp_path: Path) -> None:
    files = {"netlify/functions/a.ts": own(), "netlify/functions/b.ts": own()}
    said = found(tmp_path, **_NETLIFY, **files)
    reason = "this file is deployed as a function of its own, with its own process"
    assert said == [(path, "PF102", "none", reason) for path in files]


def test_a_function_that_loads_another_client_shares_it(tmp_path: Path) -> None:
    files = {"netlify/functions/a.ts": own('import "../../src/all";\n'), "src/all.ts": own()}
    assert [said[:3] for said in found(tmp_path, **_NETLIFY, **files)] == [(path, "PF102", "safe") for path in files]


def test_a_shared_module_that_imports_its_user_gives_its_client_away(tmp_path: Path) -> None:
    files = {
        "src/lib/prisma.ts": 'import { log } from "./more";\n' + SHARED + "export const used = log;\n",
        "src/lib/more.ts": 'export { log } from "../work";\n',
        "src/work.ts": own() + "export const log = 1;\n",
        "src/count.ts": 'import { prisma } from "./lib/prisma";\nexport const n = () => prisma.user.count();\n',
    }
    ((path, code, applicability, reason),) = found(tmp_path, **files)
    assert (path, code, applicability) == ("src/work.ts", "PF102", "unsafe")
    assert reason.startswith("src/lib/prisma.ts, which has the shared client, imports src/work.ts")


_BUILT = 'const { PrismaClient } = require("@prisma/client");\nconst prisma = new PrismaClient();\n'
_ES = 'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\n'
_REQUIRING = (
    'const { PrismaClient } = require("@prisma/client");\n\nasync function work() {\n'
    "  const db = new PrismaClient();\n  return await db.user.count();\n}\nmodule.exports = { work };\n"
)
_IMPORTING = (
    'import { PrismaClient } from "@prisma/client";\n\nexport async function work() {\n'
    "  const db = new PrismaClient();\n  return await db.user.count();\n}\n"
)


@pytest.mark.parametrize(
    ("shared", "name", "user", "expected"),
    [
        (_BUILT + "module.exports = prisma;\n", "js", _REQUIRING, 'const db = require("./lib/prisma")'),
        (
            _BUILT + "module.exports = prisma;\n",
            "js",
            'const { default: house } = require("./lib/prisma");\n' + _REQUIRING + "module.exports.house = house;\n",
            'const db = require("./lib/prisma")',
        ),
        (_BUILT + "exports.prisma = prisma;\n", "js", _REQUIRING, 'const { prisma: db } = require("./lib/prisma")'),
        (_BUILT + "module.exports = { prisma };\n", "js", _REQUIRING, 'const { prisma: db } = require("./lib/prisma")'),
        (_BUILT + "exports.default = prisma;\n", "js", _REQUIRING, ""),
        (_BUILT + "module.exports.default = prisma;\n", "js", _REQUIRING, ""),
        (_ES + "export default prisma;\n", "ts", _REQUIRING, ""),
        (_ES + "export default prisma;\n", "ts", _IMPORTING, 'import db from "./lib/prisma"'),
    ],
)
def test_a_client_that_is_exported_as_default(tmp_path: Path, shared: str, name: str, user: str, expected: str) -> None:
    suffix = "ts" if user is _IMPORTING else "js"
    files = {f"src/lib/prisma.{name}": shared, f"src/work.{suffix}": user}
    result = run(shop(tmp_path, **{"src/lib/prisma.ts": "export {};\n", **files}), Options(apply=True, jobs=1))
    made = {change.path: (change.after or b"").decode() for change in result.changes}
    if expected:
        assert expected in made[f"src/work.{suffix}"]
    else:
        assert not made
        assert "exports the client as a property `default`" in result.findings[0].reason


def test_a_class_of_a_namespace(tmp_path: Path) -> None:
    handler = (
        'import * as P from "@prisma/client";\n\nexport async function work() {\n'
        "  const prisma = new P.PrismaClient();\n  return await prisma.user.count();\n}\n"
    )
    files = {"src/lib/prisma.ts": "export {};\n", "src/work.ts": handler}
    result = run(shop(tmp_path, **files), Options(apply=True, jobs=1))
    made = {change.path: change.after for change in result.changes}
    assert sorted(made) == ["src/lib/prisma-client.ts", "src/work.ts"]
    assert made["src/lib/prisma-client.ts"] == (
        b'import * as P from "@prisma/client";\n\nexport const prisma = new P.PrismaClient();\n'
    )


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("export default async function () {\n  BODY\n}\n", "this function"),
        ("export default async function work() {\n  BODY\n}\n", "`work`"),
        ("export const work = async () => {\n  BODY\n};\n", "`work`"),
        ("addEventListener('x', async () => {\n  BODY\n});\n", "this function"),
    ],
)
def test_who_builds_a_client_per_call(tmp_path: Path, text: str, who: str) -> None:
    body = "const prisma = new PrismaClient();\n  return await prisma.user.count();"
    files = {"src/work.ts": 'import { PrismaClient } from "@prisma/client";\n\n' + text.replace("BODY", body)}
    (said,) = run(shop(tmp_path, **files), Options(jobs=1)).findings
    assert said.finding.message == f"each call of {who} builds its own client, and with it its own connection pool"


def test_the_key_on_the_global_object_names_the_generated_client(tmp_path: Path) -> None:
    second = SCHEMA.replace("prisma-client-js", "prisma-client").replace(
        '"prisma-client"\n', '"prisma-client"\n  output   = "../src/generated/audit"\n'
    )
    dependencies = '{"@prisma/client": "^6.19.0", "next": "^15.0.0"}'
    handler = (
        'import { PrismaClient } from "../../generated/audit/client";\n\nexport const GET = async () => {\n'
        "  const audit = new PrismaClient();\n  return Response.json(await audit.user.count());\n};\n"
    )
    files = {
        "package.json": f'{{"name": "shop", "scripts": {{"dev": "next dev"}}, "dependencies": {dependencies}}}',
        "audit/schema.prisma": second,
        "next.config.js": "module.exports = {};\n",
        "src/app/api/route.ts": handler,
    }
    result = run(shop(tmp_path, **files), Options(apply=True, unsafe=True, jobs=1))
    texts = [change.after.decode() for change in result.changes if change.after is not None]
    assert any("globalForPrisma.prismaAudit ??" in text for text in texts)


def test_a_guard_inside_of_a_function_is_no_client_of_its_module(tmp_path: Path) -> None:
    guarded = (
        'import { PrismaClient } from "@prisma/client";\n\nexport function database() {\n'
        "  const held = globalThis as unknown as { db?: PrismaClient };\n  const db = held.db ?? new PrismaClient();\n"
        '  if (process.env.NODE_ENV !== "production") held.db = db;\n  return db;\n}\n'
    )
    user = 'import { prisma } from "./lib/prisma";\n\nexport const n = () => prisma.user.count();\n'
    said = found(tmp_path, **{"src/database.ts": guarded, "src/count.ts": user})
    assert "PF102" not in [code for _, code, _, _ in said]


def test_a_client_of_which_nobody_knows_how_often_it_is_built_may_need_its_disconnect(tmp_path: Path) -> None:
    repository = (
        'import { PrismaClient } from "@prisma/client";\n\nclass Base {\n  db = new PrismaClient();\n}\n\n'
        "export class Users extends Base {\n  async all() {\n    const users = await this.db.user.findMany();\n"
        "    await this.db.$disconnect();\n    return users;\n  }\n}\n"
    )
    handler = 'import { Users } from "./users";\n\nexport const all = () => new Users().all();\n'
    said = found(tmp_path, **{"src/users.ts": repository, "src/all.ts": handler})
    reason = "how often this client is built is not known: check that it outlives the call, or pools pile up"
    assert said == [("src/users.ts", "PF201", "unsafe", reason)]
