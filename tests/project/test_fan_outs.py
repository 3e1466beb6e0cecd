"""Fan-outs: what runs per item, what it reaches by which path, and what bounds it; interactive transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import SHARED, project_of, shown

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.project.model import Project
    from prismafix.project.reach.model import Effects

HEAD = "import { prisma } from './db';\n"
LIMIT = "import pLimit from 'p-limit';\nconst limit = pLimit(5);\n"
QUERY = "prisma.user.findFirst({ where: { id } })"


def project_with(root: Path, source: str, **more: str) -> Project:
    """A project with a shared client in src/db.ts and this source, which sees it as `prisma`, in src/a.ts."""
    files = {f"src/{name}.ts": text for name, text in more.items()}
    package = {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "p-limit": "6.0.0"}}
    return project_of(root, {"package.json": package, "src/db.ts": SHARED, "src/a.ts": HEAD + source, **files})


# source, "form" of the per-item work or "" when there is none, bounded
FAN_OUTS = {
    f"export const f = (ids: number[]) => Promise.all(ids.map((id) => {QUERY}));": ("map", False),
    f"export const f = (ids: number[]) => Promise.allSettled(ids.map(async (id) => {{ await {QUERY} }}));": (
        "map",
        False,
    ),
    f"export const f = (ids: number[]) => Promise.all(ids.flatMap((id) => [{QUERY}]));": ("flatMap", False),
    f"export const f = (ids: Set<number>) => Promise.all(Array.from(ids, (id) => {QUERY}));": ("from", False),
    f"export const f = (ids: number[]) => Promise.all([...ids.map((id) => {QUERY})]);": ("map", False),
    f"export const f = (ids: number[]) => {{ const all = ids.map((id) => {QUERY}); return Promise.all(all); }}": (
        "map",
        False,
    ),
    f"export const f = (ids: number[]) => {{ const all = []; "
    f"for (const id of ids) all.push({QUERY}); return Promise.all(all); }}": (
        "pushed",
        False,
    ),
    f"export const f = (ids: number[]) => Promise.all(ids.filter(Boolean).map((id) => {QUERY}));": ("map", False),
    f"export const f = () => Promise.all([1, 2, 3].map((id) => {QUERY}));": ("map", True),
    f"export const f = () => Promise.all([1, 2, 3, 4, 5].map((id) => {QUERY}));": ("map", True),
    f"export const f = () => Promise.all([1, 2, 3, 4, 5, 6].map((id) => {QUERY}));": ("map", False),
    f"const IDS = [1, 2] as const;\nexport const f = () => Promise.all(IDS.map((id) => {QUERY}));": ("map", True),
    f"export const f = (ids: number[]) => Promise.all(ids.slice(0, 5).map((id) => {QUERY}));": ("map", True),
    f"export const f = (ids: number[]) => Promise.all(ids.slice(0, 50).map((id) => {QUERY}));": ("map", False),
    f"export const f = (ids: number[]) => Promise.all(ids.slice(5).map((id) => {QUERY}));": ("map", False),
    "export const f = async (ids: number[]) => { for (let i = 0; i < ids.length; i += 5) {\n"
    f"const part = ids.slice(i, i + 5); await Promise.all(part.map((id) => {QUERY})); }} }};": ("map", True),
    "const chunk = <T>(all: T[], size: number): T[][] => { const out: T[][] = [];\n"
    "for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size)); return out; };\n"
    f"export const f = async (ids: number[]) => {{ for (const part of chunk(ids, 5)) await "
    f"Promise.all(part.map((id) => {QUERY})); }};": (
        "map",
        True,
    ),
    f"export const f = () => Promise.all([{QUERY.replace('id }', 'id: 1 }')}, prisma.user.count()]);": ("", False),
}


@pytest.mark.parametrize(("source", "expected"), FAN_OUTS.items())
def test_what_runs_per_item_and_what_bounds_it(tmp_path: Path, source: str, expected: tuple[str, bool]) -> None:
    (found,) = project_with(tmp_path, source).fan_outs.find("src/a.ts")
    assert (found.items[0].form if found.items else "", bool(found.bounded)) == expected


@pytest.mark.parametrize(
    ("body", "limited"),
    [
        (f"(id) => limit(() => {QUERY})", True),
        (f"async (id) => {{ const x = await limit(async () => {{ return {QUERY}; }}); return x; }}", True),
        (f"(id) => {QUERY}", False),
        (f"(id) => other(() => {QUERY})", False),
    ],
)
def test_a_limiter_of_the_project_bounds_what_it_is_given(tmp_path: Path, body: str, limited: bool) -> None:
    found = effects(tmp_path, body, head=LIMIT + "const other = (fn) => fn();")
    assert {reached.limited for reached in found.queries} == {limited}


@pytest.mark.parametrize(
    "source",
    [
        "const Promise = { all: (x) => x };\n"
        "export const f = (ids) => Promise.all(ids.map((id) => prisma.user.count()));",
        "export const f = (ids) => prisma.$transaction(ids.map((id) => prisma.user.delete({ where: { id } })));",
        "export const f = (all) => Promise.all(all);",
        "export const f = async (ids) => { for (const id of ids) await prisma.user.count(); };",
    ],
)
def test_what_is_no_fan_out(tmp_path: Path, source: str) -> None:
    assert list(project_with(tmp_path, source).fan_outs.find("src/a.ts")) == []


def effects(root: Path, body: str, **more: str) -> Effects:
    """What runs for each item of the one fan-out of a function with this callback."""
    source = f"{more.pop('head', '')}\nexport const f = (ids: number[]) => Promise.all(ids.map({body}));"
    project = project_with(root, source, **more)
    (found,) = project.fan_outs.find("src/a.ts")
    return project.fan_outs.effects_of(found.items[0])


SERVICE = (
    "import { prisma } from './db';\n"
    "export async function load(id: number) { return prisma.user.findFirst({ where: { id } }); }\n"
)
REACHED: dict[str, tuple[str, dict[str, str], list[tuple[list[str], str]]]] = {
    "directly": ("(id) => prisma.user.findFirst({ where: { id } })", {}, [([], "user.findFirst")]),
    "a function of the file": (
        "(id) => load(id)",
        {"head": "async function load(id) { return prisma.user.count({ where: { id } }); }"},
        [(["load"], "user.count")],
    ),
    "a function of another file": (
        "(id) => load(id)",
        {"head": "import { load } from './b';", "b": SERVICE},
        [(["load"], "user.findFirst")],
    ),
    "handed on by name": ("load", {"head": "import { load } from './b';", "b": SERVICE}, [([], "user.findFirst")]),
    "two calls away": (
        "(id) => outer(id)",
        {
            "head": "import { outer } from './c';",
            "b": SERVICE,
            "c": "import { load } from './b';\n"
            "export const outer = async (id: number) => { const x = await load(id); return x; };",
        },
        [(["outer", "load"], "user.findFirst")],
    ),
    "through a barrel": (
        "(id) => load(id)",
        {"head": "import { load } from './c';", "b": SERVICE, "c": "export * from './b';"},
        [(["load"], "user.findFirst")],
    ),
    "a static method, through `this` of another one": (
        "(id) => Service.all(id)",
        {
            "head": "class Service { static load(id) { return prisma.user.findFirst({ where: { id } }); "
            "} static all(id) { return this.load(id); } }"
        },
        [(["Service.all", "this.load"], "user.findFirst")],
    ),
    "a method": (
        "(id) => service.load(id)",
        {
            "head": "class Service { load(id) { return prisma.user.findFirst({ where: { id } }); "
            "} }\nconst service = new Service();"
        },
        [(["service.load"], "user.findFirst")],
    ),
    "await with type arguments": (
        "async (id) => { const x = await load<User>(id); return x }",
        {"head": "import { load } from './b';", "b": SERVICE},
        [(["load"], "user.findFirst")],
    ),
    "raw with a type argument": ("async (id) => await prisma.$queryRaw<Row>`select ${id}`", {}, [([], "$queryRaw")]),
    "no query": ("(id) => fetch(`/${id}`)", {}, []),
    "a function that only looks alike": (
        "(id) => load(id)",
        {"head": "import { load } from 'elsewhere';", "b": SERVICE},
        [],
    ),
}


@pytest.mark.parametrize("case", REACHED)
def test_which_queries_an_item_reaches_and_by_which_path(tmp_path: Path, case: str) -> None:
    body, more, expected = REACHED[case]
    found = effects(tmp_path, body, **more)
    assert [
        ([step.name for step in reached.steps], f"{reached.query.model}.{reached.query.name}".lstrip("."))
        for reached in found.queries
    ] == expected


# source of a callback's surroundings, and for each interactive transaction its parameter
TRANSACTIONS = {
    "export const f = () => prisma.$transaction(async (tx) => { await tx.user.count(); });": ["tx"],
    "export const f = () => prisma.$transaction(async () => { await prisma.user.count(); });": [""],
    "export const f = () => prisma.$transaction(async function (db) {}, { timeout: 5 });": ["db"],
    "export const f = () => prisma.$transaction([prisma.user.count()]);": [],
    # only Prisma calls a method so: a context that could not be resolved holds a client
    "export const f = (ctx) => ctx.prisma.$transaction(async (tx) => {});": ["tx"],
    "export const f = (db) => db.transaction(async (tx) => {});": [],
    "const fake = { $transaction: (fn) => fn() };\nexport const f = () => fake.$transaction(async (tx) => {});": [],
    "const run = (fn) => prisma.$transaction((tx) => fn(tx));\n"
    "export const f = () => run(async (t) => { await t.user.count(); });": [
        "tx",
        "t",
    ],
}


@pytest.mark.parametrize(("source", "expected"), TRANSACTIONS.items())
def test_interactive_transactions(tmp_path: Path, source: str, expected: list[str]) -> None:
    found = project_with(tmp_path, source).transactions.find("src/a.ts")
    assert [transaction.parameter for transaction in found] == expected


def test_the_client_of_a_transaction_is_its_own_kind_also_where_it_is_handed_to(tmp_path: Path) -> None:
    source = "import { log } from './b';\nexport const f = () => prisma.$transaction(async (tx) => { await log(tx); });"
    body = (
        "import type { Prisma } from '@prisma/client';\n"
        "export const log = (db: Prisma.TransactionClient) => db.user.count();"
    )
    project = project_with(tmp_path, source, b=body)
    facts = project.facts("src/b.ts")
    assert facts is not None
    (function,) = facts.functions
    assert shown(project.evaluator.name("src/b.ts", "db", function.scope)) == "transaction client"
