"""Where on `globalThis` a client is kept, and what is said where the program uses that place itself."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from prismafix.project import build
from tests.rules.test_shared_clients import SHARED, shop

if TYPE_CHECKING:
    from pathlib import Path

_NEXT = {
    "package.json": '{"name": "shop", "scripts": {"dev": "next dev"}, '
    '"dependencies": {"@prisma/client": "^6.19.0", "next": "^15.0.0"}}\n',
    "src/app/api/users/route.ts": 'import { prisma } from "../../../lib/prisma";\n\n'
    "export const GET = async () => Response.json(await prisma.user.count());\n",
}


def kept_as(root: Path, **files: str) -> str:
    """The property of the global object at which the guard that is written keeps the client."""
    result = run(shop(root, **{**_NEXT, **files}), Options(apply=True, jobs=1))
    assert [(f.finding.code, f.state) for f in result.findings] == [("PF103", "fixed")]
    (after,) = [change.after for change in result.changes if change.path == "src/lib/prisma.ts"]
    assert after is not None
    keys = set(re.findall(r"globalForPrisma\.(\w+)", after.decode()))
    assert len(keys) == 1
    return keys.pop()


@pytest.mark.parametrize(
    "code",
    [
        "console.log(typeof prisma);",
        "console.log(globalThis.prisma);",
        'console.log(global["prisma"]);',
        "if (!(globalThis as any).prisma) console.log(1);",
        'console.log("prisma" in globalThis);',
        "globalThis.prisma = 1;",
        "Object.assign(globalThis, { prisma: 1 });",
        'Object.defineProperty(globalThis, "prisma", { value: 1 });',
        "const { prisma: other } = globalThis as any;\nconsole.log(other);",
        "const held = globalThis as unknown as { prisma?: number };\nexport const is = () => held.prisma;",
        'const KEY = "prisma";\nexport const is = () => globalThis[KEY];',
        "declare global { var prisma: number }\nexport const is = () => typeof prisma;",
    ],
)
def test_a_property_that_the_program_uses_is_not_taken(tmp_path: Path, code: str) -> None:
    assert kept_as(tmp_path, **{"src/lib/state.ts": code + "\n"}) == "prismaGlobal"


@pytest.mark.parametrize(
    "code",
    [
        'import { prisma } from "./prisma";\nconsole.log(typeof prisma, globalThis.name);',
        "const prisma = 1;\nconsole.log(typeof prisma, globalThis.name);",
        "export const is = (held: { prisma: number }) => globalThis.name && held.prisma;",
        "globalThis.app = { prisma: 1 };\nconsole.log(globalThis.app.prisma);",
        'export const key = (name: "prisma") => globalThis.name + "prisma";',
        "const { app: { prisma } } = globalThis as any;\nconsole.log(prisma);",
        "declare global { var prisma: number }\nexport {};",
    ],
)
def test_a_property_that_nobody_uses_has_the_usual_name(tmp_path: Path, code: str) -> None:
    assert kept_as(tmp_path, **{"src/lib/state.ts": code + "\n"}) == "prisma"


def test_a_name_is_looked_for_until_one_is_free(tmp_path: Path) -> None:
    used = "export const all = () => [globalThis.prisma, globalThis.prismaGlobal, globalThis.__prisma];\n"
    assert kept_as(tmp_path, **{"src/lib/state.ts": used}) == "prismaGlobal2"


@pytest.mark.parametrize(
    ("name", "dependencies", "expected"),
    [
        ("shop", ["@acme/log"], "prismaGlobal"),  # it is loaded with the shop
        ("shop", [], "prisma"),
        ("@acme/log", ["shop"], "prismaGlobal"),  # it loads the shop
    ],
)
def test_packages_of_one_process_share_its_global_object(
    tmp_path: Path, name: str, dependencies: list[str], expected: str
) -> None:
    shop_manifest = json.loads(_NEXT["package.json"])
    log_manifest: dict[str, object] = {"name": "@acme/log", "version": "1.0.0"}
    wanted = dict.fromkeys(dependencies, "workspace:*")
    if name == "shop":
        shop_manifest["dependencies"] |= wanted
    else:
        log_manifest["dependencies"] = wanted
    inside = {f"apps/shop/{path}": text for path, text in _NEXT.items() if path != "package.json"}
    files = {
        "package.json": '{"name": "all", "private": true, "workspaces": ["apps/*", "packages/*"]}\n',
        "src/lib/prisma.ts": "export {};\n",
        **inside,
        "apps/shop/package.json": json.dumps(shop_manifest),
        "apps/shop/src/lib/prisma.ts": SHARED,
        "packages/log/package.json": json.dumps(log_manifest),
        "packages/log/index.ts": "export const log = () => console.log(globalThis.prisma);\n",
    }
    result = run(shop(tmp_path, **files), Options(apply=True, jobs=1))
    (after,) = [change.after for change in result.changes]
    assert after is not None
    assert f"globalForPrisma.{expected} ??" in after.decode()


def test_a_new_shared_module_takes_no_property_that_is_used(tmp_path: Path) -> None:
    files = {
        "src/lib/prisma.ts": "export const used = () => globalThis.prisma;\n",
        "src/app/api/users/route.ts": 'import { PrismaClient } from "@prisma/client";\n\n'
        "export async function GET() {\n  const prisma = new PrismaClient();\n"
        "  return Response.json(await prisma.user.count());\n}\n",
    }
    result = run(shop(tmp_path, **{**_NEXT, **files}), Options(apply=True, jobs=1))
    (made,) = [change.after for change in result.changes if change.before is None]
    assert made is not None
    assert b"globalForPrisma.prismaGlobal ?? new PrismaClient()" in made


_BROKEN = {
    "never read": "export const prisma = new PrismaClient();\nglobalThis.prisma = prisma;\n",
    "other name": "export const prisma = globalThis.prisma ?? new PrismaClient();\nglobalThis.database = prisma;\n",
    "in production": "export const prisma = globalThis.prisma ?? new PrismaClient();\n"
    'if (process.env.NODE_ENV === "production") globalThis.prisma = prisma;\n',
}


@pytest.mark.parametrize(
    ("guard", "used", "expected"),
    [
        ("never read", "prisma", "unsafe"),
        ("never read", "other", "safe"),
        ("other name", "prisma", "unsafe"),
        ("other name", "database", "unsafe"),
        ("other name", "other", "safe"),
        ("in production", "prisma", "unsafe"),
        ("in production", "other", "safe"),
    ],
)
def test_a_global_that_other_modules_use_is_for_a_person_to_mend(
    tmp_path: Path, guard: str, used: str, expected: str
) -> None:
    declared = "declare global { var prisma: PrismaClient; var database: PrismaClient }\n"
    files = {
        "src/lib/prisma.ts": f'import {{ PrismaClient }} from "@prisma/client";\n{declared}{_BROKEN[guard]}',
        "src/lib/state.ts": f"export const seen = () => globalThis.{used};\n",
    }
    (found,) = run(shop(tmp_path, **{**_NEXT, **files}), Options(jobs=1)).findings
    assert (found.finding.code, found.applicability) == ("PF104", expected)
    if expected == "unsafe":
        said = f"src/lib/state.ts uses the global `{used}` too: check what it has to find there, and when"
        assert found.reason == said


@pytest.mark.parametrize(("used", "expected"), [("process.prisma", "unsafe"), ("globalThis.prisma", "safe")])
def test_a_client_that_is_kept_at_the_process_is_used_there(tmp_path: Path, used: str, expected: str) -> None:
    guard = "const held = process as any;\nexport const prisma = new PrismaClient();\nheld.prisma = prisma;\n"
    files = {
        "src/lib/prisma.ts": f'import {{ PrismaClient }} from "@prisma/client";\n{guard}',
        "src/lib/state.ts": f"export const seen = () => ({used} as any);\n",
    }
    (found,) = run(shop(tmp_path, **{**_NEXT, **files}), Options(jobs=1)).findings
    assert (found.finding.code, found.applicability) == ("PF104", expected)


@pytest.mark.parametrize("most", [1, 100])
def test_two_clients_of_one_process_are_kept_at_two_properties(
    tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_MOST_SEEDS", most)  # a large workspace is looked at in parts
    manifest = json.loads(_NEXT["package.json"])
    manifest["dependencies"] |= {"@acme/audit": "workspace:*"}
    inside = {f"apps/shop/{path}": text for path, text in _NEXT.items() if path != "package.json"}
    options = SHARED.replace("()", '({ log: ["query"] })')
    audit = {"name": "@acme/audit", "main": "index.ts", "dependencies": {"@prisma/client": "^6.19.0"}}
    files = {
        "package.json": '{"name": "all", "private": true, "workspaces": ["apps/*", "packages/*"]}\n',
        "src/lib/prisma.ts": "export {};\n",
        **inside,
        "apps/shop/package.json": json.dumps(manifest),
        "apps/shop/src/lib/prisma.ts": SHARED,
        "apps/shop/src/app/api/log/route.ts": 'import { prisma } from "@acme/audit";\n\n'
        "export const GET = async () => Response.json(await prisma.user.count());\n",
        "packages/audit/package.json": json.dumps(audit),
        "packages/audit/index.ts": options,
    }
    result = run(shop(tmp_path, **files), Options(apply=True, jobs=1))
    texts = {change.path: change.after.decode() for change in result.changes if change.after is not None}
    kept = {path: re.findall(r"globalForPrisma\.(\w+) \?\?", text) for path, text in texts.items()}
    assert kept == {"apps/shop/src/lib/prisma.ts": ["prisma"], "packages/audit/index.ts": ["prismaGlobal"]}
