"""A file whose settings cannot be read is named in the report, once, and nothing of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.workspace.making import SCHEMA, discover

if TYPE_CHECKING:
    from pathlib import Path


def test_a_broken_deployment_file_is_a_problem(tmp_path: Path) -> None:
    workspace = discover(
        tmp_path,
        {
            "package.json": {"name": "a", "dependencies": {"@prisma/client": "6.1.0"}},
            "prisma/schema.prisma": SCHEMA,
            "wrangler.toml": "[vars]\nDATABASE_URL = postgres://u:hunter2@h/d\n",
        },
    )
    problems = run(workspace, Options()).problems
    assert [problem.path for problem in problems] == ["wrangler.toml"]
    assert "hunter2" not in problems[0].message
