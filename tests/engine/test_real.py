"""The engine with the usual rules, rewrites and project."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.engine.toys import after, workspace_of

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = """\
import { answer } from "./answer";\r
\r
// prismafix-ignore PF303 -- was needed once\r
export const twice = answer * 2; // prismafix-ignore\r
"""


def test_unused_suppressions_go_and_the_second_run_finds_nothing(tmp_path: Path) -> None:
    workspace_of(tmp_path, {"a.ts": BEFORE, "answer.ts": "export const answer = 21;\n"})
    options = Options(apply=True, jobs=1)
    told: list[str] = []
    result = run(tmp_path, options, progress=lambda stage, done, total: told.append(stage))
    assert [(r.finding.code, r.line, r.column, r.state) for r in result.findings] == [
        ("PF002", 3, 1, "fixed"),
        ("PF002", 4, 34, "fixed"),
    ]
    (change,) = result.changes
    assert change.after is not None
    assert b"prismafix-ignore" not in change.after
    assert change.after.count(b"\r\n") == change.after.count(b"\n")
    assert set(told) == {"workspace", "facts", "rules", "fixes"}

    (tmp_path / "a.ts").write_bytes(change.after)
    again = run(tmp_path, options)
    assert (again.findings, again.changes) == ((), ())


def test_the_fix_of_a_suppression_says_what_it_removes(tmp_path: Path) -> None:
    ignoring = "// prismafix-ignore PF303, PF101\nexport const f = (ids: number[]) =>\n"
    fan_out = "  Promise.all(ids.map((id) => prisma.user.count({ where: { id } })));\n"
    shared = 'import { PrismaClient } from "@prisma/client";\nexport const prisma = new PrismaClient();\n'
    source = 'import { prisma } from "./db";\n' + ignoring.replace("=>\n", "=>") + fan_out[1:]
    workspace_of(
        tmp_path, {"a.ts": source, "b.ts": BEFORE, "answer.ts": "export const answer = 21;\n", "db.ts": shared}
    )
    titles = {r.title for r in run(tmp_path, Options(jobs=1)).findings if r.finding.code == "PF002"}
    assert titles == {"Remove PF101 from a suppression in a.ts", "Remove an unused suppression in b.ts"}


def test_the_overlay_is_analysed_as_if_it_were_on_the_disk(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": BEFORE, "answer.ts": "export const answer = 21;\n"})
    result = run(workspace, Options(apply=True, jobs=1))
    assert run(after(workspace, result), Options(apply=True, jobs=1)).findings == ()
    assert (tmp_path / "a.ts").read_bytes() == BEFORE.encode()


def test_what_is_excluded_is_not_looked_at_and_what_git_ignores_is_known(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    files = {"a.ts": BEFORE, "b.ts": BEFORE, "answer.ts": "export const answer = 21;\n"}
    workspace_of(tmp_path, {**files, ".gitignore": ".env\n", ".env": "DATABASE_URL=postgresql://db/shop\n"})
    result = run(tmp_path, Options(exclude=("b.ts",), jobs=1))
    assert {r.finding.path for r in result.findings if r.finding.code == "PF002"} == {"a.ts"}
    assert ".env" in result.ignored_by_git
