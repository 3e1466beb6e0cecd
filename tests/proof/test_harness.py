"""The harness can fail: a difference is seen, and what was started is gone afterwards."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fixtures_harness.cases import CaseError, load

from .running import HERE, VERSIONS, Runner

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
CLIENT = 'import { PrismaClient } from "@prisma/client";\n\nexport const prisma = new PrismaClient();\n'
SCENARIO = """
export const seed = `insert into "User" (name) values ('Ann'), ('Bob')`;

export async function run({ load, effect, settled }) {
  const { act } = await load("act.ts");
  return settled(act(effect));
}
"""
COST = "{ statements = 1, connections = 1, in_flight = 1 }"
PRELUDE = 'import { prisma } from "./client";\n\nexport async function act(effect: (what: unknown) => void) {\n'


def outcome(runner: Runner, root: Path, before: str, after: str) -> dict[str, Any]:
    """What becomes of the bodies of two functions."""
    (root / "scenario.mjs").write_text(SCENARIO)
    for name, body in (("before", before), ("after", after)):
        (root / name / "prisma").mkdir(parents=True)
        (root / name / "package.json").write_text("{}")
        (root / name / "prisma" / "schema.prisma").write_text(SCHEMA)
        (root / name / "client.ts").write_text(CLIENT)
        (root / name / "act.ts").write_text(f"{PRELUDE}{body}\n}}\n")
    return runner.run(root / "scenario.mjs", root / "before", root / "after")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("value", "return [null]", "return [undefined]"),
        ("value", "return [1, 2]", "return [2, 1]"),
        ("value", "return { a: 1, b: 2 }", "return { b: 2, a: 1 }"),
        ("value", "return 1n", "return 1"),
        ("value", "return new Date(0)", "return new Date(0).toISOString()"),
        ("value", "return Buffer.from('a')", "return Uint8Array.from([97])"),
        ("value", "return [{}, {}]", "const one = {}; return [one, one]"),
        ("value", "return prisma.user.findMany()", "return prisma.user.findMany({ orderBy: { id: 'desc' } })"),
        ("value", "throw new TypeError('no')", "throw new Error('no')"),
        (
            "value",
            "return prisma.user.findUniqueOrThrow({ where: { id: 9 } })",
            "return prisma.user.create({ data: { id: 1, name: 'Cid' } })",
        ),
        ("effects", "effect(1); effect(2)", "effect(2); effect(1)"),
        ("effects", "console.log('a')", ""),
        ("unhandled", "Promise.reject(new Error('nobody'))", ""),
        ("tables", "await prisma.user.update({ where: { id: 1 }, data: { name: 'Eve' } })", ""),
    ],
)
def test_a_difference_is_seen(
    key: str, before: str, after: str, version: str, runners: dict[str, Runner], tmp_path: Path
) -> None:
    said = outcome(runners[version], tmp_path, before, after)
    parts = ("value", "effects", "unhandled", "tables")
    differing = {part for part in parts if said["before"][part] != said["after"][part]}
    assert differing == {key}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_measured(version: str, runners: dict[str, Runner], tmp_path: Path) -> None:
    said = outcome(
        runners[version],
        tmp_path,
        "for (const _ of [1, 2, 3]) await prisma.user.count()",
        "await Promise.all([1, 2, 3].map(() => prisma.user.count()))",
    )
    assert said["before"]["measured"] == {"statements": 3, "connections": 1, "in_flight": 1}
    assert said["after"]["measured"] == {"statements": 3, "connections": 3, "in_flight": 3}
    assert (said["before"]["failures"], said["after"]["failures"]) == (0, 0)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_statement_that_failed_without_a_word_costs_a_connection(
    version: str, runners: dict[str, Runner], tmp_path: Path
) -> None:
    """So more connections than one caller needs do not show a second pool where `failures` is not 0."""
    again = "for (const _ of [1, 2, 3]) await prisma.user.create({ data: { id: 1, name: 'Cid' } }).catch(() => null)"
    said = outcome(runners[version], tmp_path, again, "")
    assert (said["before"]["failures"], said["before"]["measured"]["connections"]) == (3, 3)
    assert said["after"]["failures"] == 0


@pytest.mark.parametrize(
    ("text", "scenario", "message"),
    [
        ("runtime = true\n[measured]", False, "has a scenario.mjs"),
        ("", True, "and no other has"),
        ("runtime = true", True, "says what before and after cost"),
        ("runtime = true\n[measured]\nbefore = { statements = 1 }", True, "says what before and after cost"),
        (f"runtime = true\n[measured]\nbefore = {COST}", True, "has before and after"),
        (f'runtime = true\ndiffers = ["Log"]\n[measured]\nbefore = {COST}\nafter = {COST}', True, "nothing differs"),
    ],
)
def test_an_incomplete_runtime_case_is_refused(text: str, scenario: bool, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "PF101-client-per-call" / "case"
    for name, content in (("before", "{}"), ("after", "{ }")):
        (folder / name).mkdir(parents=True)
        (folder / name / "package.json").write_text(content)
    finding = 'code = "PF101"\npath = "a.ts"\nline = 1\ncolumn = 1\napplicability = "safe"\n'
    (folder / "case.toml").write_text(f'description = "x"\n{text}\n[[findings]]\n{finding}')
    if scenario:
        (folder / "scenario.mjs").write_text("")
    with pytest.raises(CaseError, match=message):
        load(folder)


def test_a_server_ends_with_its_starter() -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(HERE.parent)!r}, {str(HERE.parents[1])!r}]\n"
        "import json, time\n"
        "from proof.running import server\n"
        "with server() as place:\n"
        "    print(json.dumps(place), flush=True)\n"
        "    time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    folder = Path(json.loads(starter.stdout.readline())["log"]).parents[2]
    assert folder.is_dir()
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    gone(folder)


def gone(folder: Path) -> None:
    """Wait until `folder` is no more."""
    deadline = time.monotonic() + 60
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.05)
