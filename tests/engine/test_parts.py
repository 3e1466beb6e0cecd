"""A large workspace is looked at in parts: what is said about it is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from prismafix.project import build
from prismafix.report.json_report import to_json
from prismafix.workspace.discover import discover_workspace
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from collections.abc import Mapping

DEMO = Path(__file__).parents[2] / "fixtures" / "demo"

CLIENT = "import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n"
FAN_OUT = """import { loadAll } from '@shop/store';
import { prisma } from '@shop/db';
export async function report(ids: string[]) {
  return Promise.all(ids.map((id) => loadAll([id])));
}
export const unused = 1; // prismafix-ignore PF303
"""
STORE = """import { prisma } from '@shop/db';
export async function loadAll(ids: string[]) {
  return Promise.all(ids.map((id) => prisma.user.findFirst({ where: { id } })));
}
"""
PER_CALL = """import { PrismaClient } from '@prisma/client';
export async function handler() {
  const prisma = new PrismaClient();
  const users = await prisma.user.findMany();
  await prisma.$disconnect();
  return users;
}
"""


def package(name: str, *dependencies: str) -> dict[str, object]:
    return {
        "name": f"@shop/{name}",
        "main": "./src/index.ts",
        "dependencies": {"@prisma/client": "6.19.0", **{f"@shop/{d}": "workspace:*" for d in dependencies}},
    }


WORKSPACE: Mapping[str, object] = {
    "package.json": {"name": "shop", "private": True, "workspaces": ["packages/*"]},
    "prisma/schema.prisma": SCHEMA,
    "packages/db/package.json": package("db"),
    "packages/db/src/index.ts": CLIENT,
    "packages/store/package.json": package("store", "db"),
    "packages/store/src/index.ts": STORE,
    "packages/api/package.json": package("api", "db", "store"),
    "packages/api/src/index.ts": FAN_OUT,
    "packages/jobs/package.json": package("jobs", "db"),
    "packages/jobs/src/index.ts": PER_CALL,
    "packages/jobs/src/worker.ts": "import { handler } from './index';\nexport const run = () => handler();\n",
}


def said(root: Path) -> object:
    return json.loads(to_json(run(discover_workspace(root), Options(jobs=1))))


@pytest.fixture(params=["several packages", "the demonstration"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return DEMO if request.param == "the demonstration" else write(tmp_path, WORKSPACE)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_part_says_what_the_whole_says(root: Path, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = said(root)
    monkeypatch.setattr(build, "_MOST_SEEDS", most)
    assert said(root) == whole


def test_there_are_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_MOST_SEEDS", 1)
    project = build.build_project(discover_workspace(write(tmp_path, WORKSPACE)))
    seeds = []
    for part in project.parts():
        seeds.append(part.seeds())
        del part
    assert seeds == [
        ["packages/api/src/index.ts"],
        ["packages/db/src/index.ts"],
        ["packages/jobs/src/index.ts"],
        ["packages/store/src/index.ts"],
    ]


def test_what_spans_packages_is_found(tmp_path: Path) -> None:
    """The test above compares something: a fan-out over a fan-out of another package, a client of another package."""
    report = said(write(tmp_path, WORKSPACE))
    assert isinstance(report, dict)
    found = {(f["code"], f["path"], f["applicability"]) for f in report["findings"]}
    assert ("PF303", "packages/api/src/index.ts", "unsafe") in found
    assert ("PF303", "packages/store/src/index.ts", "safe") in found
    assert ("PF002", "packages/api/src/index.ts", "safe") in found
    assert {code for code, path, _ in found if path.startswith("packages/jobs")} == {"PF101", "PF201"}


def test_the_client_of_a_package_in_another_part_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_MOST_SEEDS", 1)
    result = run(discover_workspace(write(tmp_path, WORKSPACE)), Options(apply=True, unsafe=True, jobs=1))
    changed = {change.path: change.after for change in result.changes}
    assert b"from '@shop/db'" in (changed["packages/jobs/src/index.ts"] or b"")
