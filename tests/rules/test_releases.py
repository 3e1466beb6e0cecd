"""Which `$disconnect` ends a call, and which is only there for whoever wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import shop

if TYPE_CHECKING:
    from pathlib import Path

_IMPORT = 'import { prisma } from "./lib/prisma";\n\n'
_FIRST = "export async function first() {\n  return await prisma.user.count();\n}\n\n"


def found(root: Path, text: str, **files: str) -> list[str]:
    """The rules of the findings in a module that has `prisma` and begins with a function of its own."""
    result = run(shop(root, **{"src/work.ts": _IMPORT + _FIRST + text, **files}), Options(jobs=1))
    return [f.finding.code for f in result.findings]


@pytest.mark.parametrize(
    "text",
    [
        "export async function close() {\n  await prisma.$disconnect();\n}\n",
        'export async function close() {\n  await prisma.$disconnect();\n  console.log("closed");\n}\n',
        'export async function close() {\n  logger.warn("closing");\n  await prisma.$disconnect();\n}\n',
        "export const close = () => prisma.$disconnect();\n",
        "export async function close() {\n  logger.debug('closing');\n  await prisma.$disconnect();\n}\n",
        "export class Store {\n  async close() {\n    await prisma.$disconnect();\n  }\n}\n",
    ],
)
def test_a_function_that_only_disconnects_and_that_nobody_calls(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "export async function close() {\n  await prisma.user.count();\n  await prisma.$disconnect();\n}\n",
        "export async function close() {\n  await prisma.$disconnect();\n  new Report();\n}\n",
        "export async function close() {\n  await prisma.$disconnect();\n  mail.send();\n}\n",
        "export const plugin = {\n  async close() {\n    await prisma.$disconnect();\n  },\n};\n",
        "async function close() {\n  await prisma.$disconnect();\n}\n\n"
        "export async function GET() {\n  const n = await first();\n  await close();\n  return n;\n}\n",
    ],
)
def test_a_function_that_does_more_or_is_called(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == ["PF201"]


def test_the_one_behind_a_helper_is_found_too(tmp_path: Path) -> None:
    text = (
        "export async function close() {\n  await prisma.$disconnect();\n}\n\n"
        "export async function GET() {\n  await prisma.user.count();\n  await prisma.$disconnect();\n}\n"
    )
    assert found(tmp_path, text) == ["PF201"]


def test_a_module_that_only_disconnects(tmp_path: Path) -> None:
    files = {"src/work.ts": _IMPORT + "export async function close() {\n  await prisma.$disconnect();\n}\n"}
    assert run(shop(tmp_path, **files), Options(jobs=1)).findings == ()


@pytest.mark.parametrize(("statement", "expected"), [("pool.connect();", 0), ("const c = await pool.connect();", 1)])
def test_a_connection_that_is_taken_out_is_waited_for(tmp_path: Path, statement: str, expected: int) -> None:
    text = (
        'import { Pool } from "pg";\n\nconst pool = new Pool();\n\n'
        f"export async function work() {{\n  {statement}\n}}\n"
    )
    findings = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert [f.finding.code for f in findings] == ["PF107"] * expected
