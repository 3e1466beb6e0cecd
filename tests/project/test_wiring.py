"""Which queries are reached through what real projects put between a list and its queries: factories, options, stores
of services, containers, caches, clients that are handed on. Each form in a project of its own.

`forms/wired.ts` holds what is found, `forms/unwired.ts` what looks like it and is not, or cannot be known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prismafix.rules.fan_out import pooled_queries
from tests.project.building import SHARED, project_of

_HEAD = (
    "import type { Prisma, PrismaClient } from '@prisma/client';\n"
    "import { prisma } from './db';\nimport { load } from './load';\n"
)
_LOAD = (
    "import { prisma } from './db';\n"
    "export async function load(id: number) { return prisma.user.findFirst({ where: { id } }); }\n"
)


def _forms(name: str) -> list[object]:
    """The forms of a text, each as the modules of its project, with its name."""
    found: list[object] = []
    for part in re.split(r"(?m)^//// ", (Path(__file__).parent / "forms" / f"{name}.ts").read_text())[1:]:
        title, _, text = part.partition("\n")
        main, *others = re.split(r"(?m)^// (?=src/)", text)
        files = {"src/a.ts": _HEAD + main}
        for other in others:
            path, _, source = other.partition("\n")
            files[path] = source if "load" not in source else "import { load } from './load';\n" + source
        found.append(pytest.param(files, id=title))
    return found


def _fan_outs(root: Path, files: dict[str, str]) -> list[str]:
    """Where a query of the pool runs for each element of a list."""
    project = project_of(root, {"src/db.ts": SHARED, "src/load.ts": _LOAD, **files})
    return [
        path
        for path in files
        for fan_out in project.fan_outs.find(path)
        for item in fan_out.items
        if not fan_out.bounded and pooled_queries(project.fan_outs.effects_of(item))
    ]


@pytest.mark.parametrize("files", _forms("wired"))
def test_a_query_is_reached(tmp_path: Path, files: dict[str, str]) -> None:
    assert _fan_outs(tmp_path, files)


@pytest.mark.parametrize("files", _forms("unwired"))
def test_none_is_reached_or_nobody_knows(tmp_path: Path, files: dict[str, str]) -> None:
    assert _fan_outs(tmp_path, files) == []
