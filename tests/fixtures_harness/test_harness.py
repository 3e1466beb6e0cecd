"""The harness can fail: what does not compile is reported, what is incomplete is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .cases import VERSIONS, CaseError, load
from .typechecking import Job, compile_jobs, require_installed

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
datasource db {
  provider = "postgresql"
}

generator client {
  provider = "prisma-client-js"
}

model User {
  id   Int    @id @default(autoincrement())
  name String
}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize("version", VERSIONS)
def test_wrong_types_are_reported(version: str, tmp_path: Path) -> None:
    require_installed()
    good = "import { PrismaClient } from '@prisma/client';\nexport const f = (db: PrismaClient) => db.user.count();\n"
    files = {
        "package.json": "{}",
        "prisma/schema.prisma": SCHEMA,
        "tsconfig.json": '{"compilerOptions": {"strict": true}}',
    }
    right = write(tmp_path / "right", {**files, "a.ts": good})
    wrong = write(
        tmp_path / "wrong",
        {
            **files,
            "a.ts": good.replace("db.user", "db.usr"),
            "b.js": "export const g = () => prisma.user.findMany();\n",
            "c.ts": "import { f } from './gone';\nexport const h = f;\n",
        },
    )
    said = compile_jobs([Job("right", right), Job("wrong", wrong)], version)
    assert said["right"] == []
    assert [line.split(" ")[1] for line in sorted(said["wrong"])] == ["TS2551", "TS2304", "TS2307"]


def test_generated_types_are_those_of_the_schema(tmp_path: Path) -> None:
    require_installed()
    text = "import { f } from './a';\nf().then((users) => users[0]!.name.toFixed());\n"
    root = write(
        tmp_path / "project",
        {
            "package.json": "{}",
            "prisma/schema.prisma": SCHEMA,
            "a.ts": "import { PrismaClient } from '@prisma/client';\n"
            "export const f = () => new PrismaClient().user.findMany();\n",
            "b.ts": text,
        },
    )
    assert [line.split(" ")[1] for line in compile_jobs([Job("p", root)], "6.19")["p"]] == ["TS2551"]


@pytest.mark.parametrize("version", ["6.19", "7"])
def test_a_client_is_found_where_the_project_expects_it(version: str, tmp_path: Path) -> None:
    require_installed()
    schema = SCHEMA.replace('"prisma-client-js"', '"prisma-client"\n  output = "../src/generated"')
    text = (
        "import { Prisma, PrismaClient } from '@/generated/client';\nexport const f = (db: PrismaClient) => db.usr;\n"
    )
    root = write(
        tmp_path / "project",
        {
            "package.json": "{}",
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
            "prisma/schema.prisma": schema,
            "src/a.ts": text,
        },
    )
    assert [line.split(" ")[1] for line in compile_jobs([Job("p", root)], version)["p"]] == ["TS6133", "TS2551"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"case.toml": 'description = "x"'}, "before/package.json is missing"),
        ({"before/package.json": "{}", "case.toml": 'description = "x"\nfinding = []'}, "unknown keys: finding"),
        ({"before/package.json": "{}", "case.toml": 'description = "x"\nprisma = ["7"]'}, "why_not"),
        (
            {"before/package.json": "{}", "after/package.json": "{}", "case.toml": 'description = "x"'},
            "something changes",
        ),
        ({"before/package.json": "{}", "notes": "", "case.toml": 'description = "x"'}, "holds notes"),
    ],
)
def test_an_incomplete_case_is_refused(files: dict[str, str], message: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "PF101-client-per-call" / "case", files)
    with pytest.raises(CaseError, match=message):
        load(folder)
