"""What is found in a project does not depend on files beside it that do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .cases import folders, load
from .said import analysed, project, said

if TYPE_CHECKING:
    from pathlib import Path

_EVERYTHING = """import { PrismaClient } from "@prisma/client";

const prisma = new PrismaClient();

test("all of it", async () => {
  const own = new PrismaClient();
  await Promise.all(ids.map((id) => prisma.user.findUnique({ where: { id } })));
  await Promise.all(ids.map((id) => own.user.create({ data: { id } })));
  prisma.user.count();
  await prisma.$transaction(async (tx) => {
    await prisma.user.count();
    await fetch("https://example.com");
  });
  await prisma.$disconnect();
});
"""


def first_of_each_rule() -> list[Path]:
    """The cases in which something is found and tests do not count, a few of each rule."""
    chosen: dict[str, list[Path]] = {}
    for folder in folders():
        case = load(folder)
        if case.findings and not case.include_scripts:
            chosen.setdefault(case.rule, []).append(folder)
    return [folder for cases in chosen.values() for folder in cases[:3]]


@pytest.mark.parametrize("folder", first_of_each_rule(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_test_that_comes_first_changes_nothing(folder: Path, tmp_path: Path) -> None:
    case = load(folder)
    place = project(case, tmp_path / "project")
    before = said(case, analysed(case, place))
    for path in ("aaa/first.test.ts", "zzz/last.test.ts"):
        (place / path).parent.mkdir()
        (place / path).write_text(_EVERYTHING, encoding="utf-8")
    assert said(case, analysed(case, place)) == before
