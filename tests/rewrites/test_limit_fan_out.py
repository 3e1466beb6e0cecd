"""Lists that hold other promises too: exact texts before and after, and what must stay as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from prismafix.rewrites.limit_helper import limit_module
from prismafix.rewrites.model import Fix
from prismafix.rewrites.style import Style
from prismafix.rules.model import SharedModule
from tests.rewrites.fan_outs import PATH, after, bound, call_span, carried_out

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.rewrites.model import Refusal

HELPER = SharedModule("src/lib/limit-concurrency.ts", "limitConcurrency")

REWRITTEN: list[tuple[str, tuple[str, ...], dict[str, Any], str, str]] = [
    (
        "a spread among other promises",
        ("ids.map",),
        {},
        """async function f(ids: string[]) {
  const [first, ...rest] = await Promise.all([load("a"), ...ids.map((id) => load(id))]);
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(ids: string[]) {
  const limit = limitConcurrency(5);
  const [first, ...rest] = await Promise.all([
    load("a"),
    ...ids.map((id) => limit(() => load(id))),
  ]);
}
""",
    ),
    (
        "an async callback keeps its body",
        ("users.map",),
        {},
        """async function f(users: User[]) {
  await Promise.all([
    notify(),
    ...users.map(async (user) => {
      const plan = await planOf(user);
      await save(plan);
    }),
  ]);
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(users: User[]) {
  const limit = limitConcurrency(5);
  await Promise.all([
    notify(),
    ...users.map((user) =>
      limit(async () => {
        const plan = await planOf(user);
        await save(plan);
      }),
    ),
  ]);
}
""",
    ),
    (
        "a list that loops fill, with conditions",
        ("tasks.push", "tasks.push(drop"),
        {},
        """async function f(items: Item[], old: Item[]) {
  const tasks = [];
  for (const item of items) {
    if (item.done) continue;
    const total = item.price * item.count;
    tasks.push(
      save({
        id: item.id,
        total,
      }),
    );
  }
  old.forEach((item) => {
    tasks.push(drop(item));
  });
  return Promise.all(tasks);
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(items: Item[], old: Item[]) {
  const tasks = [];
  const limit = limitConcurrency(5);
  for (const item of items) {
    if (item.done) continue;
    const total = item.price * item.count;
    tasks.push(
      limit(() =>
        save({
          id: item.id,
          total,
        }),
      ),
    );
  }
  old.forEach((item) => {
    tasks.push(limit(() => drop(item)));
  });
  return Promise.all(tasks);
}
""",
    ),
    (
        "p-limit where the package has it, with a free name",
        ("ids.map",),
        {"limiter": "p-limit"},
        """import { load } from "./load";

async function f(ids: string[], limit: number) {
  await Promise.all([load(limit), ...ids.map((id) => load(id))]);
}
""",
        """import { load } from "./load";
import pLimit from "p-limit";

async function f(ids: string[], limit: number) {
  const limitQueries = pLimit(5);
  await Promise.all([
    load(limit),
    ...ids.map((id) => limitQueries(() => load(id))),
  ]);
}
""",
    ),
    (
        "flatMap that gives a list on the spot",
        ("ids.flatMap",),
        {"prefer_helper": True},
        """async function f(ids: string[]) {
  await Promise.all(
    ids.flatMap((id) => [load(id), drop(id)]),
  );
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(ids: string[]) {
  const limit = limitConcurrency(5);
  await Promise.all(
    ids.flatMap((id) => [limit(() => load(id)), limit(() => drop(id))]),
  );
}
""",
    ),
    (
        "variables that change before the work or after it",
        ("tasks.push",),
        {},
        """async function f(load: Load) {
  let page = 0;
  let rows;
  rows = await load(page);
  while (rows.length) {
    const tasks = [];
    for (const row of rows) {
      if (row.id) tasks.push(save(row, page));
    }
    await Promise.all(tasks);
    page++;
    rows = await load(page);
  }
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(load: Load) {
  let page = 0;
  let rows;
  rows = await load(page);
  while (rows.length) {
    const tasks = [];
    const limit = limitConcurrency(5);
    for (const row of rows) {
      if (row.id) tasks.push(limit(() => save(row, page)));
    }
    await Promise.all(tasks);
    page++;
    rows = await load(page);
  }
}
""",
    ),
    (
        "a promise that has a name first",
        ("tasks.push",),
        {},
        """async function f(items: Item[]) {
  const tasks = [];
  for (const item of items) {
    if (item.done) continue;
    const saving = save(item)
      .then(log)
      .catch(report);
    tasks.push(saving);
  }
  await Promise.allSettled(tasks);
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(items: Item[]) {
  const tasks = [];
  const limit = limitConcurrency(5);
  for (const item of items) {
    if (item.done) continue;
    const saving = limit(() =>
      save(item)
        .then(log)
        .catch(report),
    );
    tasks.push(saving);
  }
  await Promise.allSettled(tasks);
}
""",
    ),
    (
        "a map of a map",
        ("users.flatMap",),
        {},
        """async function f(users: User[]) {
  await Promise.all([
    notify(),
    ...users.flatMap((user) => user.orders.map((order) => save(user, order))),
  ]);
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(users: User[]) {
  const limit = limitConcurrency(5);
  await Promise.all([
    notify(),
    ...users.flatMap((user) => user.orders.map((order) =>
      limit(() => save(user, order)),
    )),
  ]);
}
""",
    ),
    (
        "what changes from round to round, when each round waits",
        ("ids.map",),
        {},
        """async function f(ids: string[]) {
  let day = 0;
  for (const start of days) {
    day = start;
    await Promise.all([first(), ...ids.map((id) => load(id, day))]);
  }
}
""",
        """import { limitConcurrency } from "./lib/limit-concurrency";

async function f(ids: string[]) {
  let day = 0;
  for (const start of days) {
    day = start;
    const limit = limitConcurrency(5);
    await Promise.all([
      first(),
      ...ids.map((id) => limit(() => load(id, day))),
    ]);
  }
}
""",
    ),
]

REFUSED: list[tuple[str, tuple[str, ...], str, str]] = [
    (
        "a list whose elements are looked at",
        ("ids.map",),
        """async function f(ids: string[]) {
  return [await Promise.all(ids.map((id) => (id ? load(id) : null)).filter(Boolean))];
}
""",
        "the list is changed by `filter` after the promises are made",
    ),
    (
        "a variable whose elements are looked at",
        ("tasks.push",),
        """async function f(ids: string[]) {
  const tasks = [];
  for (const id of ids) tasks.push(load(id));
  tasks.push(load("last"));
  await Promise.all(tasks.filter(Boolean));
}
""",
        "the list is changed by `filter` after the promises are made",
    ),
    (
        "a counter that has gone on when the work starts",
        ("ids.map",),
        """async function f(ids: string[]) {
  let n = 0;
  await Promise.all([load("a"), ...ids.map((id) => save(id, n++))]);
}
""",
        "the list holds other promises too",
    ),
    (
        "a variable of the loop that changes",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  let previous = null;
  for (const item of items) {
    tasks.push(save(item, previous));
    previous = item;
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "an object that changes in the loop",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  const query = { page: 0 };
  for (const item of items) {
    query.page += 1;
    tasks.push(save(item, query));
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "what is pushed is used once more",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  for (const item of items) {
    const saving = save(item);
    tasks.push(saving);
    saving.catch(report);
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "something runs before it is pushed",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  for (const item of items) {
    const saving = save(item);
    item.count += 1;
    tasks.push(saving);
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "what is pushed has started already",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  for (const item of items) {
    const saving = save(item);
    saving.catch(report);
    tasks.push(saving);
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "a function by name, whose parameters cannot be told",
        ("ids.map",),
        """async function f(ids: string[]) {
  await Promise.all([load("a"), ...ids.map(load)]);
}
""",
        "the list holds other promises too",
    ),
    (
        "an awaited value among what is pushed",
        ("tasks.push",),
        """async function f(items: Item[]) {
  const tasks = [];
  for (const item of items) {
    const plan = item.plan;
    tasks.push(save(item, await planOf(plan)));
  }
  await Promise.all(tasks);
}
""",
        "the loop that fills `tasks` does more than that",
    ),
    (
        "a comment that would be lost",
        ("ids.map",),
        """async function f(ids: string[]) {
  await Promise.all([load("a"), ...ids.map((id /* of a user */) => /* now */ load(id))]);
}
""",
        "the list holds other promises too",
    ),
]


def limited(before: str, works: tuple[str, ...], **options: Any) -> Fix | Refusal:
    data = before.encode()
    spans = tuple(call_span(PATH, data, work.encode()) for work in works)
    return carried_out(bound(data, works=spans, limit_helper=HELPER, **options), {PATH: data})


@pytest.mark.parametrize(
    ("works", "options", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_is_limited(works: tuple[str, ...], options: dict[str, Any], before: str, expected: str) -> None:
    text = after(limited(before, works, **options), PATH, before.encode())
    assert isinstance(text, bytes), text
    assert text.decode() == expected


@pytest.mark.parametrize(("works", "before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused(works: tuple[str, ...], before: str, reason: str) -> None:
    assert after(limited(before, works), PATH, before.encode()) == reason


def test_p_limit_cannot_be_required() -> None:
    data = b'async function f(ids) {\n  await Promise.all([load("a"), ...ids.map((id) => load(id))]);\n}\n'
    options = {"works": (call_span("src/a.js", data, b"ids.map"),), "limiter": "p-limit", "language": "js"}
    helper = SharedModule("src/lib/limit-concurrency.js", "limitConcurrency")
    for system, line in (
        ("esm", b'import pLimit from "p-limit";'),
        ("commonjs", b'const { limitConcurrency } = require("./lib/limit-concurrency.js");'),
    ):
        action = bound(data, "src/a.js", module_system=system, limit_helper=helper, **options)
        text = after(carried_out(action, {"src/a.js": data}), "src/a.js", data)
        assert isinstance(text, bytes)
        assert text.splitlines()[0] == line


def test_an_error_thrown_at_once_is_a_doubt_where_it_could_be_told() -> None:
    def doubts(text: str, *works: str) -> list[str]:
        made = limited(text, works)
        assert isinstance(made, Fix)
        return [doubt.applicability for doubt in made.doubts]

    awaited = "async function f(ids: X[]) {\n  await Promise.all([a(), ...ids.map((id) => load(id))]);\n}\n"
    assert doubts(awaited, "ids.map") == []
    assert doubts(awaited.replace("Promise.all", "Promise.allSettled"), "ids.map") == ["unsafe"]
    assert doubts(awaited.replace("await ", "void "), "ids.map") == ["unsafe"]
    assert doubts(awaited.replace("await ", "void ").replace("(id) =>", "async (id) =>"), "ids.map") == []


@pytest.mark.parametrize("language", ["ts", "js"])
def test_the_helper_runs_so_many_at_a_time_and_keeps_the_order(tmp_path: Path, language: str) -> None:
    text = limit_module(language="js", module_system="commonjs", style=Style()).decode()
    if language == "ts":
        text = limit_module(language="ts", module_system="esm", style=Style()).decode()
        for typed in (": (() => void)[]", ": () => T | PromiseLike<T>", ": Promise<T>", "<T>", "<void>", ": number"):
            assert typed in text
            text = text.replace(typed, "")
        text = text.replace("export ", "") + "\nmodule.exports = { limitConcurrency };\n"
    (tmp_path / "limit.js").write_text(text)
    (tmp_path / "run.js").write_text("""
const { limitConcurrency } = require("./limit.js");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
(async () => {
  let running = 0, peak = 0;
  const started = [];
  const limit = limitConcurrency(3);
  const work = async (n) => {
    started.push(n);
    running += 1;
    peak = Math.max(peak, running);
    await sleep((n * 7) % 5);
    running -= 1;
    if (n === 4) throw new Error("four");
    return n;
  };
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) => (n === 9 ? limit(() => n) : limit(() => work(n)))));
  console.log(JSON.stringify({ peak, started, results: results.map((r) => r.value ?? r.reason.message) }));
})();
""")
    node = shutil.which("node")
    assert node is not None
    said = json.loads(subprocess.run([node, "run.js"], cwd=tmp_path, capture_output=True, check=True).stdout)
    assert said["peak"] == 3
    assert said["started"] == [n for n in range(12) if n != 9]
    assert said["results"] == [n if n != 4 else "four" for n in range(12)]


@pytest.mark.parametrize("length", range(1, 45))
@pytest.mark.parametrize(
    ("work", "line"),
    [
        ("save", "    const saving = save(item, NAME);\n    tasks.push(saving);"),
        ("tasks.push", "    tasks.push(save(item, NAME));"),
        ("tasks.push", "    tasks.push(\n      save(item, NAME),\n    );"),
    ],
)
def test_a_line_is_broken_where_it_would_be_too_long(length: int, work: str, line: str) -> None:
    name = "n" * length
    before = (
        f"async function f(items: Item[]) {{\n  const {name} = 1;\n  const tasks = [];\n"
        f"  for (const item of items) {{\n{line.replace('NAME', name)}\n  }}\n  await Promise.all(tasks);\n}}\n"
    )
    works = ("tasks.push",) if work == "save" else (work,)
    made = after(limited(before, works), PATH, before.encode())
    assert isinstance(made, bytes), made
    assert [long for long in made.decode().splitlines() if len(long) > 80] == []


@pytest.mark.parametrize("length", range(1, 60))
def test_a_callback_is_broken_where_it_would_be_too_long(length: int) -> None:
    name = "n" * length
    before = (
        f'async function f(ids: string[]) {{\n  const {name} = 1;\n  await Promise.all([\n    load("a"),\n'
        f"    ...ids.map((id) =>\n      load(id, {name}),\n    ),\n  ]);\n}}\n"
    )
    made = after(limited(before, ("ids.map",)), PATH, before.encode())
    assert isinstance(made, bytes), made
    assert [long for long in made.decode().splitlines() if len(long) > 80] == []
