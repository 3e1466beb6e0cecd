"""What several processes find out together is what one finds out alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from prismafix.engine.aside import in_copies
from prismafix.engine.model import Options
from prismafix.engine.run import run
from prismafix.report.json_report import to_json
from prismafix.rewrites.dispatch import rewrite
from prismafix.workspace.discover import discover_workspace
from prismafix.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from prismafix.rewrites.model import Fix, Refusal
    from prismafix.rewrites.source import Files
    from prismafix.rules.model import Intent

HANDLERS = 30


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Thirty handlers that build a client each. Every third file has an error where the fix would be, which makes the
    fix fail when it is tried."""
    files = {
        "package.json": '{"name": "shop", "dependencies": {"@prisma/client": "5.22.0", "express": "4.19.0"}}',
        "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\nmodel User {\n  id Int @id\n}\n',
        "src/lib/db.ts": "import { PrismaClient } from '@prisma/client'\nexport const prisma = new PrismaClient()\n",
    }
    for number in range(HANDLERS):
        broken = "((" if number % 3 == 0 else ""
        files[f"src/handler{number}.ts"] = (
            "import { PrismaClient } from '@prisma/client'\nexport async function count() {\n"
            f"  const prisma = new PrismaClient({broken})\n  return prisma.user.count()\n}}\n"
        )
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def asking(intent: Intent, files: Files) -> Fix | Refusal:
    """A rewrite that looks for a file that nobody else asks for."""
    assert isinstance(files, Workspace)
    files.exists(f"notes/{crc32(repr(intent).encode())}")
    return rewrite(intent, files)


def test_the_preview_is_the_same_however_many_build_it(project: Path) -> None:
    reports, questions, states = [], [], []
    for jobs in (1, 2, 5):
        workspace = discover_workspace(project)
        result = run(workspace, Options(jobs=jobs), rewrite=asking)
        reports.append(to_json(result))
        states.append([(one.state, one.reason, one.fix_id) for one in result.findings])
        questions.append(workspace.disk.asked)
    assert {state for state, _, _ in states[0]} > {"open"}
    assert len(states[0]) >= HANDLERS
    assert sum(path.startswith("notes/") for path in questions[0]["exists"]) >= HANDLERS
    assert reports[0] == reports[1] == reports[2]
    assert states[0] == states[1] == states[2]
    assert questions[0] == questions[1] == questions[2]


def test_the_results_come_in_the_order_of_the_shares() -> None:
    def work(share: Sequence[int]) -> tuple[list[int], int]:
        return [number * 2 for number in share], os.getpid()

    found = in_copies(work, [[1, 2], [3], []], 3)
    assert [numbers for numbers, _ in found] == [[2, 4], [6], []]
    assert len({process for _, process in found}) == 3


def test_more_shares_than_at_once_are_all_done_in_copies() -> None:
    def work(share: Sequence[int]) -> tuple[list[int], int]:
        return [number * 2 for number in share], os.getpid()

    found = in_copies(work, [[1, 2], [3], [], [4]], 2)
    assert [numbers for numbers, _ in found] == [[2, 4], [6], [], [8]]
    processes = {process for _, process in found}
    assert len(processes) == 4
    assert os.getpid() not in processes


def test_an_error_in_a_copy_is_raised_here() -> None:
    def work(share: Sequence[int]) -> list[float]:
        return [1 / number for number in share]

    with pytest.raises(ZeroDivisionError):
        in_copies(work, [[1], [0]], 2)


def test_what_cannot_be_sent_is_done_here() -> None:
    def work(share: Sequence[int]) -> object:
        return lambda: len(share)

    second = in_copies(work, [[1], [2, 3]], 2)[1]
    assert callable(second)
    assert second() == 2
