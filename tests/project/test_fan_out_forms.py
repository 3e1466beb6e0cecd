"""Which forms of fan-outs are found, and what bounds them: each in a project of its own.

The forms are in `forms/`, one text per verdict. `//// name` begins one, `// src/b.ts` another module of it. Each sees
`prisma`, a shared client, and `load`, a function of another module that runs one query."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.building import SHARED, project_of
from tests.workspace.making import SCHEMA

_ENUMS = """
enum Role {
  ADMIN
  USER @map("user")
  @@map("roles")
}
enum Status {
  A
  B
  C
  D
  E
  F
}
"""
_HEAD = "import { prisma } from './db';\nimport { load } from './load';\n"
_LOAD = (
    "import { prisma } from './db';\n"
    "export async function load(id: number) { return prisma.user.findFirst({ where: { id } }); }\n"
)


def forms(name: str) -> list[object]:
    """The forms of a text, each as the files of its project, with its name."""
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


def verdicts(root: Path, files: dict[str, str]) -> set[str]:
    """What the fan-outs of `src/a.ts` come to: open, bounded, limited."""
    project = project_of(
        root, {"prisma/schema.prisma": SCHEMA + _ENUMS, "src/db.ts": SHARED, "src/load.ts": _LOAD, **files}
    )
    found = set()
    for fan_out in project.fan_outs.find("src/a.ts"):
        queries = [q for item in fan_out.items for q in project.fan_outs.effects_of(item).queries]
        if queries and fan_out.bounded:
            found.add("bounded")
        elif queries:
            found.add("limited" if all(q.limited for q in queries) else "open")
    return found


@pytest.mark.parametrize("files", forms("found"))
def test_something_runs_per_item_and_nothing_bounds_it(tmp_path: Path, files: dict[str, str]) -> None:
    assert "open" in verdicts(tmp_path, files)


@pytest.mark.parametrize("files", forms("bounded"))
def test_something_in_the_module_bounds_it(tmp_path: Path, files: dict[str, str]) -> None:
    assert verdicts(tmp_path, files) == {"bounded"}


@pytest.mark.parametrize("files", forms("limited"))
def test_the_query_waits_for_a_limiter_that_all_items_share(tmp_path: Path, files: dict[str, str]) -> None:
    assert verdicts(tmp_path, files) <= {"limited"}


@pytest.mark.parametrize("files", forms("silent"))
def test_there_is_nothing_to_say(tmp_path: Path, files: dict[str, str]) -> None:
    assert verdicts(tmp_path, files) == set()


# the body of a function that takes `ids`, and what is said about where the work begins
PLACES = {
    "const all = ids.map(load); return Promise.all(all);": (False, False),
    "const all = ids.map(load); return Promise.all(all.map((one) => one.catch(() => null)));": (True, False),
    "return Promise.all(ids.map(load).map(async (one) => (await one)?.id));": (True, False),
    "const all = []; ids.forEach((id) => all.push(load(id))); return Promise.all(all);": (False, False),
    "const all = ids.map(load); const wait = () => Promise.all(all); return wait();": (False, False),
    "return Promise.all(tasks(ids));": (False, True),
    "return Promise.all([...ids.map(load), ...tasks(ids)]);": (False, True),
}


@pytest.mark.parametrize(("body", "expected"), PLACES.items())
def test_where_the_work_begins(tmp_path: Path, body: str, expected: tuple[bool, bool]) -> None:
    source = f"const tasks = (ids: number[]) => ids.map(load);\nexport function run(ids: number[]) {{ {body} }}"
    project = project_of(tmp_path, {"src/db.ts": SHARED, "src/load.ts": _LOAD, "src/a.ts": _HEAD + source})
    (found,) = project.fan_outs.find("src/a.ts")
    assert (found.started, found.apart) == expected
