"""When one statement does what a query per element did (PF301, PF302), and when it would not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from prismafix.engine.run import run
from tests.rules.test_shared_clients import MANIFEST, SHARED, shop

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA = """datasource db {
  provider = "%s"
  url      = env("DATABASE_URL")
}

generator client {
  provider = "prisma-client-js"
}

enum Kind {
  A
  B
}

model Card {
  id      Int     @id
  small   Int     @unique @db.SmallInt
  large   Int     @unique @db.Oid
  code    String  @unique @db.Text
  fixed   String  @unique @db.Char(8)
  email   String? @unique
  score   Float   @unique
  tags    Int[]   @unique
  name    String
  kind    Kind    @default(A)
  extra   Json?
  ownerId Int
  owner   Owner   @relation(fields: [ownerId], references: [id])
}

model Owner {
  id    Int    @id
  cards Card[]
}
"""
_EXTENDED = SHARED.replace("new PrismaClient()", "new PrismaClient().$extends({ query: { card: {} } })")


def found(root: Path, code: str, *, provider: str = "postgresql", version: str = "", **files: str) -> list[str]:
    """The rules of the findings in a module that has `ids`, `rows` and `prisma`, each with its applicability."""
    text = (
        'import { prisma } from "./lib/prisma";\n\ntype Row = { name: string; ownerId: number };\n\n'
        f"export async function work(ids: number[], rows: Row[], fields: object) {{\n  {code}\n}}\n"
    )
    manifest = MANIFEST.replace("^6.19.0", version) if version else MANIFEST
    schema = _SCHEMA % provider
    every = {"src/work.ts": text, "package.json": manifest, "prisma/schema.prisma": schema, **files}
    return [f"{f.finding.code} {f.applicability}" for f in run(shop(root, **every), Options(jobs=1)).findings]


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("id", "PF301"),
        ("small", "PF301"),
        ("code", "PF301"),
        ("large", "PF303"),
        ("fixed", "PF303"),
        ("email", "PF303"),
        ("score", "PF303"),
        ("tags", "PF303"),
        ("name", "PF303"),
    ],
)
def test_a_key_whose_equality_is_that_of_javascript(tmp_path: Path, key: str, rule: str) -> None:
    code = f"return await Promise.all(ids.map((id) => prisma.card.findUnique({{ where: {{ {key}: id as any }} }})));"
    assert [said.split()[0] for said in found(tmp_path, code)] == [rule]


@pytest.mark.parametrize(
    ("argument", "rule"),
    [
        ("{ where: { id } }", "PF301"),
        ("{ where: { id }, select: { id: true } }", "PF301"),
        ("{ where: { id }, select: { id: false, name: true } }", "PF303"),
        ("{ where: { id }, select: fields }", "PF303"),
        ("{ where: { id }, omit: { name: true } }", "PF303"),
        ("{ where: { id }, include: { owner: true } }", "PF301"),
        ("{ where: { id }, include: { owner: id > 1 } }", "PF303"),
        ("{ where: { id }, include: some() }", "PF303"),
        ("{ where: { id: next(id) } }", "PF303"),
        ("{ where: { id }, cacheStrategy: { ttl: 1 } }", "PF303"),
    ],
)
def test_arguments_that_are_the_same_for_all(tmp_path: Path, argument: str, rule: str) -> None:
    code = f"return await Promise.all(ids.map((id) => prisma.card.findUnique({argument})));"
    assert [said.split()[0] for said in found(tmp_path, code)] == [rule]


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        ("ids", "PF301 unsafe"),
        ("[...new Set(ids)]", "PF301 safe"),
        ("Array.from(new Set(ids))", "PF301 safe"),
        ("[...ids]", "PF301 unsafe"),
        ("[0, ...new Set(ids)]", "PF301 unsafe"),
        ("Array.from(ids)", "PF301 unsafe"),
        ("Array.from(new Set(ids), (id) => id % 2)", "PF301 unsafe"),
        ("Object.keys(fields)", "PF301 safe"),
        ("Object.values(fields)", "PF301 unsafe"),
        ("[...new Box(ids)]", "PF301 unsafe"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_safe_is_a_list_that_names_nothing_twice(tmp_path: Path, collection: str, expected: str, named: bool) -> None:
    before = f"const unique = {collection};\n  " if named else ""
    query = "prisma.card.findUnique({ where: { code: key } })"
    code = f"{before}return await Promise.all({'unique' if named else collection}.map((key: any) => {query}));"
    assert found(tmp_path, code) == [expected]


def test_a_list_that_may_be_another_by_then_is_not_known_to_be_unique(tmp_path: Path) -> None:
    code = (
        "let unique = [...new Set(ids)];\n  if (fields) unique = ids;\n"
        "  return await Promise.all(unique.map((id) => prisma.card.findUnique({ where: { id } })));"
    )
    assert found(tmp_path, code) == ["PF301 unsafe"]


def test_a_part_of_a_list_that_names_nothing_twice(tmp_path: Path) -> None:
    code = (
        "const [unique] = [...new Set([ids])];\n"
        "  return await Promise.all(unique.map((id) => prisma.card.findUnique({ where: { id } })));"
    )
    assert found(tmp_path, code) == ["PF301 unsafe"]


@pytest.mark.parametrize(
    "work",
    [
        "[...ids.map((id) => prisma.card.findUnique({ where: { id } })), ...ids.map((id) => Promise.resolve(id))]",
        "rows.map(async (row) => { await prisma.card.create({ data: row }); return row.name; })",
        "rows.map((row) => row.name ? prisma.card.create({ data: row }) : null)",
        "rows.map((row) => prisma.card.create({ data: { name: row.name, ownerId: (total += 1) } }))",
        "rows.map((row) => prisma.card.create({ data: row }).then(print))",
    ],
)
def test_what_is_more_than_a_query_is_only_bounded(tmp_path: Path, work: str) -> None:
    assert [said.split()[0] for said in found(tmp_path, f"let total = 0;\n  await Promise.all({work});")] == ["PF303"]


def test_a_transaction_has_one_connection_for_all(tmp_path: Path) -> None:
    query = "Promise.all(ids.map((id) => tx.card.findUnique({ where: { id } })))"
    assert found(tmp_path, f"return await prisma.$transaction(async (tx) => {query});") == []


@pytest.mark.parametrize(
    ("shared", "rule"),
    [
        (SHARED, "PF301"),
        (_EXTENDED, "PF303"),
        (SHARED + "prisma.$use((params, next) => next(params));\n", "PF303"),
        (SHARED + "export const logged = prisma.$extends({ query: {} });\n", "PF303"),
    ],
)
def test_what_is_registered_on_the_client_could_tell(tmp_path: Path, shared: str, rule: str) -> None:
    code = "return await Promise.all(ids.map((id) => prisma.card.findUnique({ where: { id } })));"
    assert rule in {said.split()[0] for said in found(tmp_path, code, **{"src/lib/prisma.ts": shared})}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("row", "PF302"),
        ("{ name: row.name, ownerId: row.ownerId }", "PF302"),
        ('{ name: row.name, ownerId: 1, kind: "A" }', "PF302"),
        ("{ name: row.name, ownerId: 1, kind: kind }", "PF302"),
        ("{ name: row.name, ownerId: 1, extra: { from: row.name } }", "PF302"),
        ("row.card", "PF303"),
        ("{ name: row.name, owner: { connect: { id: 1 } } }", "PF303"),
        ("{ name: row.name, owner: whose }", "PF303"),
        ("{ ...row }", "PF303"),
        ("{ name: await real(row) }", "PF303"),
        ("toCard(row)", "PF303"),
    ],
)
def test_rows_without_other_records_in_them(tmp_path: Path, data: str, rule: str) -> None:
    code = f"await Promise.all(rows.map(async (row) => prisma.card.create({{ data: {data} }})));"
    assert [said.split()[0] for said in found(tmp_path, code)] == [rule]


@pytest.mark.parametrize(
    ("provider", "version", "rule"),
    [
        ("postgresql", "5.14.0", "PF302"),
        ("postgresql", "5.13.1", "PF303"),
        ("cockroachdb", "6.1.0", "PF302"),
        ("mysql", "6.19.0", "PF303"),
    ],
)
def test_created_rows_come_back_where_the_database_can(tmp_path: Path, provider: str, version: str, rule: str) -> None:
    code = "return await Promise.all(rows.map((row) => prisma.card.create({ data: row })));"
    assert [said.split()[0] for said in found(tmp_path, code, provider=provider, version=version)] == [rule]


@pytest.mark.parametrize(("provider", "rule"), [("mysql", "PF302"), ("sqlserver", "PF302"), ("mongodb", "PF303")])
def test_rows_that_nobody_wants_back(tmp_path: Path, provider: str, rule: str) -> None:
    code = "await Promise.all(rows.map((row) => prisma.card.create({ data: row })));"
    assert [said.split()[0] for said in found(tmp_path, code, provider=provider)] == [rule]


def test_an_extension_may_see_create_and_not_create_many(tmp_path: Path) -> None:
    code = "await Promise.all(rows.map((row) => prisma.card.create({ data: row })));"
    text = f'import {{ prisma }} from "./lib/prisma";\n\nexport async function work(rows: any[]) {{\n  {code}\n}}\n'
    for number, (shared, warned) in enumerate(((SHARED, False), (_EXTENDED, True))):
        root = tmp_path / str(number)
        files = {"src/work.ts": text, "src/lib/prisma.ts": shared, "prisma/schema.prisma": _SCHEMA % "postgresql"}
        reasons = [f.reason for f in run(shop(root, **files), Options(jobs=1)).findings if f.finding.code == "PF302"]
        assert ["extensions" in reason for reason in reasons] == [warned]
