"""What makes the fix of a fan-out unsafe although its queries only read: work that sees or changes what is around it,
and errors of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import MANIFEST, SCHEMA, shop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        ("(id) => prisma.user.count({ where: { id } })", "safe"),
        ("async (id) => { let n = 0; n += await prisma.user.count({ where: { id } }); return n; }", "safe"),
        ("async (id) => { const o: any = {}; o.n = await prisma.user.count({ where: { id } }); return o; }", "safe"),
        ("async (id) => { total += await prisma.user.count({ where: { id } }); }", "unsafe"),
        ("async (id) => { index++; return prisma.user.count({ where: { id } }); }", "unsafe"),
        ("async (id) => { seen[id] = await prisma.user.count({ where: { id } }); }", "unsafe"),
        ("async (id) => { delete seen[id]; return prisma.user.count({ where: { id } }); }", "unsafe"),
        ("async (id) => { [index] = [await prisma.user.count({ where: { id } })]; }", "unsafe"),
        ("async (id) => { map.set(id, await prisma.user.count({ where: { id } })); }", "unsafe"),
        ("async (id, n, all) => { all.push(await prisma.user.count({ where: { id } })); }", "unsafe"),
        ("async (id, n, all) => { all[n] = await prisma.user.count({ where: { id } }); }", "unsafe"),
        ("async (id, n, all) => all.length + (await prisma.user.count({ where: { id } }))", "safe"),
        ("(id) => prisma.user.findUnique({ where: { id } }).catch(() => null)", "unsafe"),
        ("(id) => prisma.$transaction([prisma.user.count({ where: { id } }), prisma.user.count()])", "safe"),
        ("(id) => prisma.$transaction([prisma.user.count(), prisma.user.delete({ where: { id } })])", "unsafe"),
        ("(id) => prisma.$transaction((tx) => tx.user.count({ where: { id } }))", "safe"),
        ("(id) => prisma.$transaction((tx) => tx.user.delete({ where: { id } }))", "unsafe"),
        ("async (id) => { if (id > 9) throw new TypeError(); return prisma.user.count({ where: { id } }); }", "unsafe"),
    ],
)
def test_reads_are_safe_only_if_nobody_can_tell_when_they_run(tmp_path: Path, callback: str, expected: str) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\nexport async function work(ids: number[]) {\n'
        "  let total = 0;\n  let index = 0;\n  const seen: any = {};\n  const map = new Map<number, number>();\n"
        f"  await Promise.all(ids.map({callback}));\n  return {{ total, index, seen, map }};\n}}\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1))
    assert [(f.finding.code, f.applicability) for f in result.findings] == [("PF303", expected)]


@pytest.mark.parametrize(("client", "expected"), [("prisma", ["PF303"]), ("this.own", [])])
def test_a_store_with_a_client_of_its_own_per_element_is_no_fan_out_of_one_pool(
    tmp_path: Path, client: str, expected: list[str]
) -> None:
    text = (
        'import type { PrismaClient } from "@prisma/client";\nimport { prisma } from "./lib/prisma";\n\n'
        "class Store {\n  constructor(private readonly own: PrismaClient) {}\n"
        f"  count() {{\n    void prisma;\n    return {client}.user.count();\n  }}\n}}\n\n"
        "export const counts = (stores: Store[]) => Promise.all(stores.map((store) => store.count()));\n"
    )
    result = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1))
    assert [f.finding.code for f in result.findings] == expected


@pytest.mark.parametrize(("depth", "expected"), [(8, "safe"), (3, "unsafe")])
def test_calls_that_are_not_followed_to_their_end_are_a_doubt(tmp_path: Path, depth: int, expected: str) -> None:
    calls = "".join(f"const f{n} = (id: number) => f{n + 1}(id + 1);\n" for n in range(5))
    text = (
        f'import {{ prisma }} from "./lib/prisma";\n\n{calls}const f5 = (id: number) => 2 * id;\n\n'
        "export async function work(ids: number[]) {\n  return await Promise.all(ids.map(async (id) => {\n"
        "    const n = await prisma.user.count({ where: { id } });\n    return n + f0(id);\n  }));\n}\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1, depth=depth)).findings
    assert (found.finding.code, found.applicability) == ("PF303", expected)
    assert ("deeper" in found.reason) == (expected == "unsafe")


@pytest.mark.parametrize(("kind", "expected"), [("Int", "unsafe"), ("String", "safe"), ("String @db.Uuid", "unsafe")])
def test_a_key_that_the_database_may_refuse_fails_all_that_are_asked_for_in_one_tick(
    tmp_path: Path, kind: str, expected: str
) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\nexport const work = async (keys: never[]) =>\n'
        "  await Promise.all(keys.map((key) => prisma.user.findUnique({ where: { key } }).catch(() => null)));\n"
    )
    schema = SCHEMA.replace("model User {", f"model User {{\n  key {kind} @unique\n")
    result = run(shop(tmp_path, **{"src/work.ts": text, "prisma/schema.prisma": schema}), Options(jobs=1))
    assert [(f.finding.code, f.applicability) for f in result.findings] == [("PF303", expected)]


_TOLD = [
    ("prisma.$transaction([prisma.user.count({ where: { id } })])", "transaction", ""),
    ("prisma.$executeRaw`SELECT id FROM t WHERE id = ${id}`", "query", "$executeRaw may write"),
    ("prisma.user.deleteMany({ where: { id } })", "query", "prisma.user.deleteMany writes"),
]


@pytest.mark.parametrize(("query", "kind", "doubt"), _TOLD)
def test_what_is_told_of_a_query_per_element(tmp_path: Path, query: str, kind: str, doubt: str) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\nexport async function work(ids: number[]) {\n'
        f"  await Promise.all(ids.map((id) => {query}));\n}}\n"
    )
    (finding,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert finding.finding.message == f"one {kind} per id at once"
    assert doubt in finding.reason


def test_what_is_changed_is_named(tmp_path: Path) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\nexport async function work(ids: number[], seen: any) {\n'
        "  await Promise.all(ids.map(async (id) => { seen.by[id] = await prisma.user.count(); }));\n}\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert found.reason.startswith("the work of an element also changes seen.by[…] (src/work.ts:4)")


LOAD = "const load = async (id: number) => prisma.user.count({ where: { id } });\n"
WAITS = "nothing waits for the query, so that no limit would hold it back: `await` it first"


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        ("async (id) => { load(id); }", ("none", WAITS)),
        ("async (id) => { void load(id); }", ("none", WAITS)),
        ("async (id) => { load(id).catch(console.error); }", ("none", WAITS)),
        ("async (id) => { prisma.user.count({ where: { id } }).then(console.log); }", ("none", WAITS)),
        ("async (id) => { await load(id); }", ("safe", "")),
        ("async (id) => { const n = load(id); return n; }", ("safe", "")),
        ("(id) => load(id)", ("safe", "")),
        ("(id) => new Promise((done) => { load(id).then(done); })", ("unsafe", "the work of an element also ")),
        (
            "async (id) => { await load(id); load(id); }",
            ("unsafe", "nothing waits for prisma.user.count (src/work.ts:3)"),
        ),
    ],
)
def test_a_limit_holds_back_what_the_work_of_an_element_waits_for(
    tmp_path: Path, callback: str, expected: tuple[str, str]
) -> None:
    text = (
        f'import {{ prisma }} from "./lib/prisma";\n\n{LOAD}'
        f"export const work = async (ids: number[]) => {{ await Promise.all(ids.map({callback})); }};\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert (found.applicability, found.reason[: len(expected[1])]) == expected
    assert found.applicability != "safe" or not found.reason


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("findUniqueOrThrow({ where: { id } })", "none"),
        ("findUnique({ where: { email_team: { email: String(id), team: 1 } } })", "none"),
        ("findUnique({ where: { id, name: { not: null } } })", "safe"),
        ("findUnique({ where: { id }, select: id > 3 ? { id: true } : { name: true } })", "safe"),
        ("findFirst({ where: { id } })", "safe"),
    ],
)
def test_no_limit_is_offered_for_what_prisma_sends_as_one_statement(tmp_path: Path, query: str, expected: str) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\n'
        f"export const work = async (ids: number[]) => await Promise.all(ids.map((id) => prisma.user.{query}));\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert (found.finding.code, found.applicability) == ("PF303", expected)
    assert ("Prisma batches these already" in found.finding.message) is (expected == "none")


def test_fan_outs_that_run_each_other_are_taken_one_after_the_other(tmp_path: Path) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\n'
        "export async function walk(ids: number[]): Promise<void> {\n"
        "  await Promise.all(ids.map((id) => step(id)));\n}\n\n"
        "async function step(id: number) {\n  const rows = await prisma.user.findMany({ where: { id } });\n"
        "  await Promise.all(rows.map((row) => walk([row.id])));\n}\n"
    )
    findings = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    start = "the work of an element comes back to this fan-out, so that limits would multiply: one after the other"
    assert [f.reason.startswith(start) for f in findings] == [True, True]
    assert ["starts several at once itself" in f.reason for f in findings] == [False, True]


def test_what_runs_at_the_edge_is_looked_at(tmp_path: Path) -> None:
    route = (
        'import { prisma } from "../../lib/prisma";\nexport const runtime = "edge";\n'
        "export const GET = async (request: any) =>\n"
        "  Response.json(await Promise.all(request.ids.map((id: number) => prisma.user.count({ where: { id } }))));\n"
    )
    files = {"package.json": MANIFEST.replace("express", "next"), "src/app/api/route.ts": route}
    assert [f.finding.code for f in run(shop(tmp_path, **files), Options(jobs=1)).findings] == ["PF303"]


@pytest.mark.parametrize(
    ("argument", "limit"),
    [
        ("", "without `take`"),
        ("{ where: { id: 1 } }", "without `take`"),
        ("{ take: 10 }", "with `take: 10`"),
        ("{ take: n }", "with `take: n`"),
        ("{ take: n * 2 }", "with `take: …`"),
        ("{ take: page.size }", "with `take: …`"),
    ],
)
def test_what_is_known_of_the_size_of_a_list(tmp_path: Path, argument: str, limit: str) -> None:
    text = (
        'import { prisma } from "./lib/prisma";\n\nexport async function work(n: number, page: { size: number }) {\n'
        f"  const rows = await prisma.user.findMany({argument});\n"
        "  await Promise.all(rows.map((row) => prisma.user.count({ where: { id: row.id } })));\n}\n"
    )
    (found,) = run(shop(tmp_path, **{"src/work.ts": text}), Options(jobs=1)).findings
    assert found.finding.label == f"`rows` comes from prisma.user.findMany {limit}"
