"""What else the work of an item does: functions that are handed over, and functions that come back to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project.building import SHARED, project_of

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.project.reach.model import Effects

LOAD = "export const load = (id: number) => prisma.user.findFirst({ where: { id } });\n"
MAPPER = (
    "export async function inParts<T, R>(all: T[], size: number, fn: (one: T, index: number) => Promise<R>) {\n"
    "const out: R[] = [];\n"
    "for (let i = 0; i < all.length; i += size) {\n"
    "out.push(...(await Promise.all(all.slice(i, i + size).map((one, n) => fn(one, i + n)))));\n"
    "}\nreturn out;\n}\n"
)
AGAIN = (
    "export async function again<T>(fn: () => Promise<T>, failed?: (n: number) => void): Promise<T> {\n"
    "for (let n = 0; ; n++) { try { return await fn(); } catch (e) { failed?.(n); if (n > 2) throw e; } }\n}\n"
    "export const twice = <T>(fn: () => Promise<T>) => again(fn);\n"
    "export const each = <T>(all: T[], fn: (one: T) => void) => all.forEach(fn);\n"
    "export const inOptions = async (options: { first: () => Promise<void>; after?: () => void }) => {\n"
    "await options.first();\noptions.after?.();\n};\n"
    "export const pulled = async ({ first }: { first: () => Promise<void> }) => { await first(); };\n"
    "const one = (id: number) => prisma.user.findFirst({ where: { id } });\n"
    "export const usually = (id: number, find = one) => find(id);\n"
    "export const written = (id: number, find = (n: number) => prisma.user.count({ where: { id: n } })) => find(id);\n"
)


def effects(root: Path, source: str) -> Effects:
    """What runs for each item of the first fan-out of `src/a.ts`."""
    head = (
        "import { prisma } from './db';\nimport { inParts } from './parts';\n"
        "import { again, each, inOptions, pulled, twice, usually, written } from './again';\n"
    )
    project = project_of(
        root,
        {
            "src/db.ts": SHARED,
            "src/parts.ts": MAPPER,
            "src/again.ts": "import { prisma } from './db';\n" + AGAIN,
            "src/a.ts": head + LOAD + source,
        },
    )
    found, *_ = project.fan_outs.find("src/a.ts")
    return project.fan_outs.effects_of(found.items[0])


# the work of an item, the queries that it reaches (each once), and the calls that are not known
HANDED = {
    "(id) => again(() => load(id))": (1, []),
    "(id) => again(() => load(id), (n) => console.log(n))": (1, []),
    "(id) => twice(() => load(id))": (1, []),
    "(id) => again(load)": (1, []),
    "(id) => inParts([id], 5, (one) => load(one))": (1, []),
    "(id) => inParts([id], 5, load)": (1, []),
    "(id) => each([id], (one) => { load(one); })": (1, []),
    "(id) => inOptions({ first: () => load(id) })": (1, []),
    "(id) => inOptions({ first: load })": (1, []),
    "(id) => pulled({ first: load })": (1, []),
    "(id) => usually(id)": (1, []),
    "(id) => usually(id, load)": (1, []),
    "(id) => written(id)": (1, []),
    "(id) => again(elsewhere)": (0, ["calls fn, which could not be resolved"]),
    "(id) => again(() => elsewhere(id))": (0, ["calls elsewhere, which could not be resolved"]),
    "(id) => inOptions(options)": (
        0,
        ["calls options.first, which could not be resolved", "calls options.after, which could not be resolved"],
    ),
    "(id) => each([id], elsewhere)": (0, ["calls fn, which could not be resolved"]),
    "(id) => again(...tasks)": (
        0,
        ["calls fn, which could not be resolved", "calls failed, which could not be resolved"],
    ),
}


@pytest.mark.parametrize(("body", "expected"), HANDED.items())
def test_what_a_function_does_with_what_it_is_handed(
    tmp_path: Path, body: str, expected: tuple[int, list[str]]
) -> None:
    found = effects(tmp_path, f"export const f = (ids: number[]) => Promise.all(ids.map({body}));")
    assert (len(found.queries), [note.text for note in found.unknown]) == expected


CACHE = (
    "const cache = (fetch: (id: number) => Promise<unknown>) => ({ get: async (id: number) => fetch(id) });\n"
    "const users = cache(load);\nconst counts = cache(%s);\n"
    "export const f = (ids: number[]) => Promise.all(ids.map((id) => users.get(id)));"
)
MADE = {
    "(id) => prisma.user.count({ where: { id } })": (1, []),
    "async (id) => id": (0, ["calls fetch, which has several implementations"]),
}


@pytest.mark.parametrize(("other", "expected"), MADE.items())
def test_a_function_that_was_handed_over_earlier_counts_if_all_callers_agree(
    tmp_path: Path, other: str, expected: tuple[int, list[str]]
) -> None:
    found = effects(tmp_path, CACHE % other)
    assert (len(found.queries), [note.text for note in found.unknown]) == expected


def test_functions_that_are_called_together_are_known(tmp_path: Path) -> None:
    source = "const tasks = ids.map((id) => () => load(id));\nreturn Promise.all(tasks.map((task) => task()));"
    found = effects(tmp_path, f"export function f(ids: number[]) {{ {source} }}")
    assert (len(found.queries), found.unknown, found.effects) == (1, (), ())


# functions, and the names of those that come back to themselves
CYCLES = {
    "export async function f(ids) { await Promise.all(ids.map((id) => f([id]))); await load(1); }": ["f"],
    "export async function f(ids) { await Promise.all(ids.map((id) => g(id))); }\n"
    "async function g(id) { await load(id); await f([id]); }": ["f", "g"],
    "export async function f(ids) { await Promise.all(ids.map((id) => g(id))); }\n"
    "async function g(id) { await load(id); await h(id); }\nasync function h(id) { await f([id]); }": ["f", "g", "h"],
    "export async function f(ids) { await Promise.all(ids.map((id) => g(id))); }\n"
    "async function g(id) { await load(id); if (id) await g(id - 1); }": ["g"],
    "export class Tree { async walk(id) { await load(id); const all = await this.below(id);\n"
    "await Promise.all(all.map((one) => this.walk(one.id))); } below(id) { return [id]; } }": ["walk"],
    "export async function f(ids) { await Promise.all(ids.map((id) => g(id))); }\n"
    "async function g(id) { await load(id); await h(id); }\nasync function h(id) { await load(id); }": [],
    "export async function f(ids) { await Promise.all(ids.map((id) => load(id))); f([]); }": [],
}


@pytest.mark.parametrize(("source", "names"), CYCLES.items())
def test_functions_that_come_back_to_themselves(tmp_path: Path, source: str, names: list[str]) -> None:
    found = effects(tmp_path, source)
    # which ones of a cycle are named depends on where it is entered: the function around the fan-out is what counts
    named = {source_of(tmp_path, again.index) for again in found.repeated}
    assert bool(named) == bool(names)
    assert named <= set(names)
    assert "f" not in names or "f" in named


def source_of(root: Path, index: int) -> str:
    """The name of a function of `src/a.ts`."""
    from prismafix.facts.extract import extract

    facts = extract((root / "src/a.ts").read_bytes(), ".ts")
    return facts.functions[index].name


# the work of an item, and whether it starts several queries at once itself
SEVERAL = {
    "async (id) => { await Promise.all(ids.concat(id).map((one) => load(one))); }": True,
    "async (id) => { await inParts([id], 5, load); }": True,
    "async (id) => { const all = ids.map(load); await Promise.all(all); }": True,
    "async (id) => { await Promise.all([load(id), load(id + 1)]); }": False,
    "async (id) => { await Promise.all([1, 2, 3].map((one) => load(one))); }": False,
    "async (id) => { await Promise.all(ids.map((one) => one + 1)); await load(id); }": False,
    "async (id) => { for (const one of ids) await load(one); }": False,
}


@pytest.mark.parametrize(("body", "expected"), SEVERAL.items())
def test_work_that_starts_several_queries_at_once(tmp_path: Path, body: str, expected: bool) -> None:
    source = "export const f = (all: number[]) => Promise.all(all.map((id) => one(id)));\nconst ids = [];\n"
    assert bool(effects(tmp_path, f"{source}const one = {body};").together) == expected


TYPES = (
    "import { Logger, NotFoundException } from '@nestjs/common';\nimport { Redis } from 'ioredis';\n"
    "import { PinoLogger } from 'nestjs-pino';\nimport { existsSync, writeFileSync } from 'node:fs';\n"
    "export class Books { private readonly logger = new Logger('books');\n"
    "constructor(private readonly lines: PinoLogger, private readonly redis: Redis) {}\n"
    "async all(ids: number[], shared: number[]) {\n"
    "return Promise.all(ids.map(async (id) => { BODY return load(id); }));\n}\n}\n"
)
BESIDES: dict[str, list[str]] = {
    "this.logger.warn('seen');": [],
    "this.lines.info('seen');": [],
    "if (!id) throw new NotFoundException();": [],
    "encodeURIComponent(String(id));": [],
    "existsSync('seen');": [],
    "Object.values({ id }).sort();": [],
    "String(id).split('.').pop();": [],
    "[...shared].reverse().sort();": [],
    "JSON.parse(load);": [],
    "writeFileSync('seen', '');": ["calls writeFileSync of the package node:fs"],
    "this.redis.incr('seen');": ["calls this.redis.incr of the package ioredis"],
    "shared.sort();": ["changes shared (sort)"],
    "shared.reverse().pop();": ["changes shared.reverse(…) (pop)", "changes shared (reverse)"],
    "fetch('https://db.example.org');": ["calls fetch"],
    "new Promise(load);": [],
}


@pytest.mark.parametrize(("statement", "expected"), BESIDES.items())
def test_what_the_work_of_an_item_does_besides(tmp_path: Path, statement: str, expected: list[str]) -> None:
    found = effects(tmp_path, TYPES.replace("BODY", statement))
    assert [note.text for note in (*found.unknown, *found.effects)] == expected
    assert len(found.queries) == (2 if statement.startswith("new Promise") else 1)


STAGES = {
    "const one = await load(id); if (!one) throw new Error();": [True],
    "const one = await load(id); if (!one) throw new Error(); if (!one.x) throw new TypeError();": [True, True],
    "const one = await load(id); if (!one) throw new Error(); await load(one); throw new TypeError();": [True, False],
    "if (!id) throw new Error(); await load(id);": [False],
    "if (id) await load(id); throw new Error();": [False],
    "id && (await load(id)); throw new Error();": [False],
    "for (const x of [id]) { await load(x); } throw new Error();": [False],
    "load(id); throw new Error();": [False],
    "try { await load(id); } catch (e) { throw e; }": [True],
    "try { if (!id) throw new Error(); await load(id); } catch (e) { throw e; }": [False, True],
    "try { await load(id); } catch (e) { return; } throw new Error();": [False],
    "const one = await load(id); check(one);": [True],
    "check(id); await load(id);": [False],
    "const one = await load(id); [one].map((x) => { if (!x) throw new Error(); });": [False],
}


@pytest.mark.parametrize(("body", "after"), STAGES.items())
def test_what_has_been_waited_for_when_an_error_is_thrown(tmp_path: Path, body: str, after: list[bool]) -> None:
    check = "function check(x) { if (!x) throw new Error(); }\n"
    source = "export const f = (ids: number[]) => Promise.all(ids.map(async (id) => { BODY }));".replace("BODY", body)
    throws = effects(tmp_path, check + source).throws
    first = next((thrown.stage for thrown in throws if thrown.stage is not None), None)
    assert [thrown.stage is not None and thrown.stage == first for thrown in throws] == after


def test_what_a_constructor_sets_is_new(tmp_path: Path) -> None:
    source = (
        "let last: unknown;\nclass Failed extends Error { code; constructor(code) { super(); this.code = code; MORE } "
        "again() { this.code = 2; } }\n"
        "export const f = (ids) => Promise.all(ids.map(async (id) => { if (!(await load(id))) throw new Failed(1); }));"
    )
    assert [note.text for note in effects(tmp_path / "a", source.replace("MORE", "")).effects] == []
    assert [note.text for note in effects(tmp_path / "b", source.replace("MORE", "last = this;")).effects] == [
        "changes last"
    ]
    assert [note.text for note in effects(tmp_path / "c", source.replace("MORE", "this.again();")).effects] == [
        "changes this.code"
    ]
