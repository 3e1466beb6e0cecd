"""Bounded concurrency: exact texts before and after, and what must stay as it is."""

# ruff: noqa: E501 -- lines of other people's code

from __future__ import annotations

from typing import Any

import pytest

from prismafix.rewrites.model import Fix
from prismafix.rules.model import SharedModule
from tests.rewrites.fan_outs import PATH, after, bound, carried_out

REWRITTEN: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "parameters on lines of their own, joined where they fit",
        "src/a.ts",
        {"prefer_helper": True},
        """async function f(items: Item[]) {
  const rows = (
    await Promise.all(
      items.map(
        async (
          item: Item,
        ): Promise<SomethingWithAVeryLongName[]> => {
          const row = await load(item);
          return [row];
        },
      ),
    )
  ).flat();
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) {
  const rows = (
    await mapInChunks(
      items,
      5,
      async (item: Item): Promise<SomethingWithAVeryLongName[]> => {
        const row = await load(item);
        return [row];
      },
    )
  ).flat();
  return rows;
}
""",
    ),
    (
        "parameters that need lines of their own keep them",
        "src/a.ts",
        {"prefer_helper": True},
        """async function f(itemsOfThisOrder: Item[]) {
  const rows = (
    await Promise.all(
      itemsOfThisOrder.map(
        async (
          itemOfThisOrder: ItemOfAnOrder,
        ): Promise<SomethingWithAVeryLongName[]> => {
          const row = await load(itemOfThisOrder);
          return [row];
        },
      ),
    )
  ).flat();
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(itemsOfThisOrder: Item[]) {
  const rows = (
    await mapInChunks(
      itemsOfThisOrder,
      5,
      async (
        itemOfThisOrder: ItemOfAnOrder,
      ): Promise<SomethingWithAVeryLongName[]> => {
        const row = await load(itemOfThisOrder);
        return [row];
      },
    )
  ).flat();
  return rows;
}
""",
    ),
    (
        "a const declaration becomes a loop of slices",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const results = await Promise.all(items.map((item) => load(item.id)));
  return results;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const results = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    results.push(...(await Promise.all(chunk.map((item) => load(item.id)))));
  }
  return results;
}
""",
    ),
    (
        "a bare statement needs no list of results",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => load(item.id)));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map((item) => load(item.id)));
  }
}
""",
    ),
    (
        "a return fills a list first",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(items.map((item) => load(item.id)));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const results = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    results.push(...(await Promise.all(chunk.map((item) => load(item.id)))));
  }
  return results;
}
""",
    ),
    (
        "no semicolons, four spaces, no trailing commas",
        "src/a.ts",
        {},
        """async function f(items: Item[]) {
    const found = await Promise.all(
        items.map(async (item) => {
            const row = await load(item.id)
            return row
        })
    )
    return found
}
""",
        """async function f(items: Item[]) {
    const all = [...items]
    const chunkSize = 5
    const found = []
    for (let i = 0; i < all.length; i += chunkSize) {
        const chunk = all.slice(i, i + chunkSize)
        found.push(
            ...(await Promise.all(
                chunk.map(async (item) => {
                    const row = await load(item.id)
                    return row
                })
            ))
        )
    }
    return found
}
""",
    ),
    (
        "tabs and CRLF and a BOM",
        "src/a.ts",
        {},
        (
            "\ufeffasync function f(items: Item[]) {\r\n"
            "\tconst known = 'ä€😀';\r\n"
            "\tconst found = await Promise.all(\r\n"
            "\t\titems.map(async (item) => {\r\n"
            "\t\t\treturn `a\r\n"
            "  ${item.id}`;\r\n"
            "\t\t}),\r\n"
            "\t);\r\n"
            "\treturn found;\r\n"
            "}\r\n"
        ),
        (
            "\ufeffasync function f(items: Item[]) {\r\n"
            "\tconst known = 'ä€😀';\r\n"
            "\tconst all = [...items];\r\n"
            "\tconst chunkSize = 5;\r\n"
            "\tconst found = [];\r\n"
            "\tfor (let i = 0; i < all.length; i += chunkSize) {\r\n"
            "\t\tconst chunk = all.slice(i, i + chunkSize);\r\n"
            "\t\tfound.push(\r\n"
            "\t\t\t...(await Promise.all(\r\n"
            "\t\t\t\tchunk.map(async (item) => {\r\n"
            "\t\t\t\t\treturn `a\r\n"
            "  ${item.id}`;\r\n"
            "\t\t\t\t}),\r\n"
            "\t\t\t)),\r\n"
            "\t\t);\r\n"
            "\t}\r\n"
            "\treturn found;\r\n"
            "}\r\n"
        ),
    ),
    (
        "names that are taken",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const i = 1;
  const chunk = 2;
  const chunkSize = 3;
  return await Promise.all(items.map((item) => load(item.id, i, results)));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const i = 1;
  const chunk = 2;
  const chunkSize = 3;
  const all = [...items];
  const batchSize = 5;
  const allResults = [];
  for (let start = 0; start < all.length; start += batchSize) {
    const batch = all.slice(start, start + batchSize);
    allResults.push(
      ...(await Promise.all(batch.map((item) => load(item.id, i, results)))),
    );
  }
  return allResults;
}
""",
    ),
    (
        "a collection that is an object's is copied once",
        "src/a.ts",
        {},
        """async function f(body: Body) {
  await Promise.all(body.users.map((user) => load(user.id)));
}
""",
        """async function f(body: Body) {
  const users = [...body.users];
  const chunkSize = 5;
  for (let i = 0; i < users.length; i += chunkSize) {
    const chunk = users.slice(i, i + chunkSize);
    await Promise.all(chunk.map((user) => load(user.id)));
  }
}
""",
    ),
    (
        "a collection expression is evaluated once",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.filter(isOpen).map((item) => load(item.id)));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = items.filter(isOpen);
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map((item) => load(item.id)));
  }
}
""",
    ),
    (
        "a module's list that others fill is copied",
        "src/a.ts",
        {},
        """export const queue: Item[] = [];

export async function f() {
  await Promise.all(queue.map((item) => load(item.id)));
}
""",
        """export const queue: Item[] = [];

export async function f() {
  const all = [...queue];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map((item) => load(item.id)));
  }
}
""",
    ),
    (
        "a list that a closure fills is copied",
        "src/a.ts",
        {},
        """async function f() {
  const items: Item[] = [];
  source.on('item', (item) => items.push(item));
  await Promise.all(items.map((item) => load(item.id)));
}
""",
        """async function f() {
  const items: Item[] = [];
  source.on('item', (item) => items.push(item));
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map((item) => load(item.id)));
  }
}
""",
    ),
    (
        "allSettled in slices keeps its shape",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const results = await Promise.allSettled(items.map((item) => load(item.id)));
  return results;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const results = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    results.push(
      ...(await Promise.allSettled(chunk.map((item) => load(item.id)))),
    );
  }
  return results;
}
""",
    ),
    (
        "type arguments stay in the slices",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const results = await Promise.all<Row>(items.map<Promise<Row>>((item) => load(item.id)));
  return results;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const results = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    results.push(...(await Promise.all<Row>(chunk.map<Promise<Row>>((item) => load(item.id)))));
  }
  return results;
}
""",
    ),
    (
        "flatMap in slices",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.flatMap((item) => [load(item.id), load(item.other)]));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(
      chunk.flatMap((item) => [load(item.id), load(item.other)]),
    );
  }
}
""",
    ),
    (
        "comments in the call go above the statement",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  // all of them
  await Promise.all(
    // one query each
    items.map((item) => load(item.id)), // behind
  );
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  // all of them
  // one query each
  // behind
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map((item) => load(item.id)));
  }
}
""",
    ),
    (
        "comments in the callback move with it",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(
    items.map((item) => {
      // why
      return load(item.id); // because
    }),
  );
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(
      chunk.map((item) => {
        // why
        return load(item.id); // because
      }),
    );
  }
}
""",
    ),
    (
        "an expression position takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return { counts: await Promise.all(items.map((item, index) => count(item, index))) };
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { counts: await mapInChunks(items, 5, (item, index) => count(item, index)) };
}
""",
    ),
    (
        "an index takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const counts = await Promise.all(items.map((item, index) => count(item, index)));
  return counts;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const counts = await mapInChunks(items, 5, (item, index) => count(item, index));
  return counts;
}
""",
    ),
    (
        "a reference takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(orderIds.map(loadOrder));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return await mapInChunks(orderIds, 5, loadOrder);
}
""",
    ),
    (
        "a type annotation takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const rows: Row[] = await Promise.all(items.map((item) => load(item.id)));
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const rows: Row[] = await mapInChunks(items, 5, (item) => load(item.id));
  return rows;
}
""",
    ),
    (
        "a name that a closure reads takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => load(item.id)));
  return items.map((item, i) => rows[i]);
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const rows = await mapInChunks(items, 5, (item) => load(item.id));
  return items.map((item, i) => rows[i]);
}
""",
    ),
    (
        "without strict the helper",
        "src/a.ts",
        {"strict": False},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => load(item.id)));
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const rows = await mapInChunks(items, 5, (item) => load(item.id));
  return rows;
}
""",
    ),
    (
        "a destructured result takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const [first] = await Promise.all(items.map((item) => load(item.id)));
  return first;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const [first] = await mapInChunks(items, 5, (item) => load(item.id));
  return first;
}
""",
    ),
    (
        "a statement without braces takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  if (items.length) await Promise.all(items.map((item) => load(item.id)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  if (items.length) await mapInChunks(items, 5, (item) => load(item.id));
}
""",
    ),
    (
        "an arrow's body takes the helper",
        "src/a.ts",
        {},
        """const f = async (items: Item[]) => await Promise.all(items.map((item) => load(item.id)));
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

const f = async (items: Item[]) => await mapInChunks(items, 5, (item) => load(item.id));
""",
    ),
    (
        "a case clause takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  switch (items.length) {
    case 1:
      await Promise.all(items.map((item) => load(item.id)));
      break;
  }
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  switch (items.length) {
    case 1:
      await mapInChunks(items, 5, (item) => load(item.id));
      break;
  }
}
""",
    ),
    (
        "a call over several lines keeps its inside",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return {
    rows: await Promise.all(
      items.map(async (item) => {
        const row = await load(item.id);
        return { ...row, text: `
          ${row.text}` };
      }),
    ),
  };
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return {
    rows: await mapInChunks(items, 5, async (item) => {
      const row = await load(item.id);
      return { ...row, text: `
          ${row.text}` };
    }),
  };
}
""",
    ),
    (
        "a type that says nothing is not asked of a callback that gives nothing",
        "src/a.ts",
        {},
        """async function f(items: Item[]) {
  return [await Promise.all(items.map<Promise<unknown>>(async (item) => { await load(item); }))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) {
  return [await mapInChunks(items, 5, async (item) => { await load(item); })];
}
""",
    ),
    (
        "the third argument, of which elements are read",
        "src/a.ts",
        {},
        """async function f() {
  const items = await prisma.item.findMany();
  return [await Promise.all(items.map((item, n, all) => load(item, all[n + 1], all.indexOf(item))))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f() {
  const items = await prisma.item.findMany();
  return [await mapInChunks(items, 5, (item, n, all) => load(item, all[n + 1], all.indexOf(item)))];
}
""",
    ),
    (
        "p-map gives two arguments, and the callback counts them",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f(items: Item[]) {
  return [await Promise.all(items.map(function (item) { return load(item, arguments.length); }))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) {
  return [await mapInChunks(items, 5, function (item) { return load(item, arguments.length); })];
}
""",
    ),
    (
        "p-map would wait for elements that are promises",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f(items: Promise<Item>[]) {
  return [await Promise.all(items.map(async (item) => load(await item)))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Promise<Item>[]) {
  return [await mapInChunks(items, 5, async (item) => load(await item))];
}
""",
    ),
    (
        "p-map would wait for elements that nothing is known of",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f(items: Promise<Item>[]) {
  return [await Promise.all(items.map((item) => load()))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Promise<Item>[]) {
  return [await mapInChunks(items, 5, (item) => load())];
}
""",
    ),
    (
        "p-map reads a list of its own as it is",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f() {
  const items = await prisma.item.findMany();
  return pMapped(await Promise.all(items.map((item) => load(item))));
}
""",
        """import pMap from "p-map";

async function f() {
  const items = await prisma.item.findMany();
  return pMapped(await pMap(items, (item) => load(item), { concurrency: 5 }));
}
""",
    ),
    (
        "thisArg of a function is bound",
        "src/a.ts",
        {},
        """class A {
  async f(items: Item[]) {
    return await Promise.all(items.map(this.load, this));
  }
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

class A {
  async f(items: Item[]) {
    return await mapInChunks(items, 5, this.load.bind(this));
  }
}
""",
    ),
    (
        "thisArg of an arrow means nothing",
        "src/a.ts",
        {},
        """class A {
  async f(items: Item[]) {
    return await Promise.all(items.map((item) => this.load(item), this));
  }
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

class A {
  async f(items: Item[]) {
    return await mapInChunks(items, 5, (item) => this.load(item));
  }
}
""",
    ),
    (
        "map's promise type goes to the callback",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items.map<Promise<Row>>((item) => load(item.id)))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return [await mapInChunks(items, 5, (item): Promise<Row> => load(item.id))];
}
""",
    ),
    (
        "Array.from with a function",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(Array.from(new Set(orderIds), (id) => load(id)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return await mapInChunks(Array.from(new Set(orderIds)), 5, (id) => load(id));
}
""",
    ),
    (
        "Array.from with a length",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(Array.from({ length: 20 }, (_, page) => load(page)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return await mapInChunks(Array.from({ length: 20 }), 5, (_, page) =>
    load(page),
  );
}
""",
    ),
    (
        "a spread of a map",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return { rows: await Promise.all([...items.map((item) => load(item.id))]) };
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { rows: await mapInChunks(items, 5, (item) => load(item.id)) };
}
""",
    ),
    (
        "a comment above promises that were kept stays with the work",
        "src/a.ts",
        {},
        """async function f(items: Item[]) {
  begin();

  // all at once
  const promises = items.map((item) => load(item.id));

  return await Promise.all(promises);
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) {
  begin();

  // all at once
  return await mapInChunks(items, 5, (item) => load(item.id));
}
""",
    ),
    (
        "a local list that is used only there",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const promises = items.map((item) => load(item.id));
  const rows = await Promise.all(promises);
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const rows = await mapInChunks(items, 5, (item) => load(item.id));
  return rows;
}
""",
    ),
    (
        "a loop that only pushes",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const promises: Promise<Row>[] = [];
  for (const { id } of items) {
    promises.push(load(id));
  }

  return (await Promise.all(promises)).filter(Boolean);
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return (await mapInChunks(items, 5, ({ id }): Promise<Row> =>
    load(id),
  )).filter(Boolean);
}
""",
    ),
    (
        "forEach that only pushes",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const promises = [];
  items.forEach((item, index) => promises.push(load(item.id, index)));
  await Promise.all(promises);
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  await mapInChunks(items, 5, (item, index) => load(item.id, index));
}
""",
    ),
    (
        "a parenthesised receiver with as",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all((items as Other[]).map((item) => load(item.id)))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return [await mapInChunks(items as Other[], 5, (item) => load(item.id))];
}
""",
    ),
    (
        "an awaited receiver",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all((await list()).map((item) => load(item.id)))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return [await mapInChunks(await list(), 5, (item) => load(item.id))];
}
""",
    ),
    (
        "a non-null receiver",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items!.map((item) => load(item.id)))];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return [await mapInChunks(items!, 5, (item) => load(item.id))];
}
""",
    ),
    (
        "a receiver over several lines",
        "src/a.ts",
        {"prefer_helper": True},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(
    Object.entries(groups)
      .filter(([key]) => key)
      .map(([key, value], index) => load(key, value, index)),
  );
  return rows[0];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  const rows = await mapInChunks(
    Object.entries(groups)
      .filter(([key]) => key),
    5,
    ([key, value], index) => load(key, value, index),
  );
  return rows[0];
}
""",
    ),
    (
        "await with a type argument, which the grammar reads wrongly",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all<Row>(items.map((item) => load(item.id)));
  return rows;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const rows = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    rows.push(...(await Promise.all<Row>(chunk.map((item) => load(item.id)))));
  }
  return rows;
}
""",
    ),
    (
        "returned without await",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return Promise.all(items.map((item) => load(item.id)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return mapInChunks(items, 5, (item) => load(item.id));
}
""",
    ),
    (
        "settled in an expression",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return { rows: await Promise.allSettled(items.map((item) => load(item.id))) };
}
""",
        """import { mapSettledInChunks } from "./lib/map-settled-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { rows: await mapSettledInChunks(items, 5, (item) => load(item.id)) };
}
""",
    ),
    (
        "an import is extended",
        "src/a.ts",
        {},
        """import { group } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { rows: await Promise.all(items.map((item) => load(item.id))) };
}
""",
        """import { group, mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { rows: await mapInChunks(items, 5, (item) => load(item.id)) };
}
""",
    ),
    (
        "a CommonJS file",
        "src/a.js",
        {
            "helper": SharedModule("src/lib/mapInChunks.js", "mapInChunks"),
            "language": "js",
            "module_system": "commonjs",
        },
        """const { load } = require('./load');

async function f(items) {
  return { rows: await Promise.all(items.map((item) => load(item.id))) };
}

module.exports = { f };
""",
        """const { load } = require('./load');
const { mapInChunks } = require('./lib/mapInChunks');

async function f(items) {
  return { rows: await mapInChunks(items, 5, (item) => load(item.id)) };
}

module.exports = { f };
""",
    ),
    (
        "p-map",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item, index) => load(item.id, index)));
  return rows;
}
""",
        """import pMap from "p-map";

async function f(orderIds: number[], items: Item[]) {
  const rows = await pMap([...items], (item, index) => load(item.id, index), { concurrency: 5 });
  return rows;
}
""",
    ),
    (
        "p-map that is imported under another name",
        "src/a.ts",
        {"limiter": "p-map"},
        """import mapLimit from "p-map";

async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => load(item.id)));
  return rows;
}
""",
        """import mapLimit from "p-map";

async function f(orderIds: number[], items: Item[]) {
  const rows = await mapLimit([...items], (item) => load(item.id), {
    concurrency: 5,
  });
  return rows;
}
""",
    ),
    (
        "p-map gets two arguments only",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f() {
  const items = await prisma.item.findMany();
  const rows = await Promise.all(items.map((item, index, all) => load(item.id, all.length)));
  return rows;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f() {
  const items = await prisma.item.findMany();
  const rows = await mapInChunks(items, 5, (item, index, all) => load(item.id, all.length));
  return rows;
}
""",
    ),
    (
        "p-map has no settled form",
        "src/a.ts",
        {"limiter": "p-map"},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.allSettled(items.map((item) => load(item.id)));
  return rows;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const rows = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    rows.push(
      ...(await Promise.allSettled(chunk.map((item) => load(item.id)))),
    );
  }
  return rows;
}
""",
    ),
    (
        "p-limit: a new limiter before the statement",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(
    items.map(async (item, index) => {
      return await load(item.id, index);
    }),
  );
  return rows;
}
""",
        """import pLimit from "p-limit";

async function f(orderIds: number[], items: Item[]) {
  const limit = pLimit(5);
  const rows = await Promise.all(
    items.map((item, index) =>
      limit(async () => {
        return await load(item.id, index);
      }),
    ),
  );
  return rows;
}
""",
    ),
    (
        "p-limit with allSettled",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(orderIds: number[], items: Item[]) {
  const rows: Row[] = await Promise.allSettled(items.map((item) => load(item.id)));
  return rows;
}
""",
        """import pLimit from "p-limit";

async function f(orderIds: number[], items: Item[]) {
  const limit = pLimit(5);
  const rows: Row[] = await Promise.allSettled(items.map((item) => limit(() => load(item.id))));
  return rows;
}
""",
    ),
    (
        "p-limit in an expression takes the helper",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(orderIds: number[], items: Item[]) {
  return { rows: await Promise.all(items.map((item) => load(item.id))) };
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return { rows: await mapInChunks(items, 5, (item) => load(item.id)) };
}
""",
    ),
    (
        "p-limit when limit is taken",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(orderIds: number[], items: Item[]) {
  const limit = 10;
  await Promise.all(items.map((item) => load(item.id, limit)));
}
""",
        """import pLimit from "p-limit";

async function f(orderIds: number[], items: Item[]) {
  const limit = 10;
  const limitQueries = pLimit(5);
  await Promise.all(
    items.map((item) => limitQueries(() => load(item.id, limit))),
  );
}
""",
    ),
    (
        "the project's own chunk",
        "src/a.ts",
        {"chunk_helper": SharedModule("src/lib/chunk.ts", "chunk")},
        """import { chunk } from "./lib/chunk";

async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => load(item.id)));
  return rows;
}
""",
        """import { chunk } from "./lib/chunk";

async function f(orderIds: number[], items: Item[]) {
  const rows = [];
  for (const chunkItems of chunk([...items], 5)) {
    rows.push(...(await Promise.all(chunkItems.map((item) => load(item.id)))));
  }
  return rows;
}
""",
    ),
    (
        "p-limit has no place for thisArg",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(items: Item[]) {
  await Promise.all(items.map(function (item: Item) { return this.load(item); }, this));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) {
  await mapInChunks(items, 5, function (item: Item) { return this.load(item); }.bind(this));
}
""",
    ),
    (
        "p-limit cannot hold a generic callback",
        "src/a.ts",
        {"limiter": "p-limit"},
        """async function f(items: Item[]) {
  await Promise.all(items.map(<T,>(item: T) => load(item)));
}
""",
        """async function f(items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map(<T,>(item: T) => load(item)));
  }
}
""",
    ),
    (
        "the project's own chunk, exported as default",
        "src/a.ts",
        {"chunk_helper": SharedModule("src/lib/chunk.ts", "default")},
        """async function f(items: Item[]) {
  await Promise.all(items.map((item) => load(item)));
}
""",
        """import chunk from "./lib/chunk";

async function f(items: Item[]) {
  for (const chunkItems of chunk([...items], 5)) {
    await Promise.all(chunkItems.map((item) => load(item)));
  }
}
""",
    ),
    (
        "a helper that is exported as default",
        "src/a.ts",
        {"helper": SharedModule("src/lib/chunks.ts", "default")},
        """async function f(items: Item[]) {
  return { rows: await Promise.all(items.map((item) => load(item))) };
}
""",
        """import mapInChunks from "./lib/chunks";

async function f(items: Item[]) {
  return { rows: await mapInChunks(items, 5, (item) => load(item)) };
}
""",
    ),
    (
        "an object with decorators and JSX around it",
        "src/a.tsx",
        {},
        """export default async function Page({ items }: Props) {
  return <ul>{await Promise.all(items.map((item) => <Row key={item.id} row={item} />))}</ul>;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

export default async function Page({ items }: Props) {
  return <ul>{await mapInChunks(items, 5, (item) => <Row key={item.id} row={item} />)}</ul>;
}
""",
    ),
    (
        "another callback over one line stays on it",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return (await Promise.all(items.map(async (item) => { return load(item.id) }))).length;
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return (await mapInChunks(items, 5, async (item) => { return load(item.id) })).length;
}
""",
    ),
    (
        "prettier 2: commas behind properties, none behind arguments",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(
    items.map(async (item) => {
      const row = await load({
        id: item.id,
      });
      return row;
    })
  );
  return rows;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = [...items];
  const chunkSize = 5;
  const rows = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    rows.push(
      ...(await Promise.all(
        chunk.map(async (item) => {
          const row = await load({
            id: item.id,
          });
          return row;
        })
      ))
    );
  }
  return rows;
}
""",
    ),
    (
        "a short chain is joined",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(
    Array(COUNT)
      .fill(0)
      .map(() => create())
  );
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const all = Array(COUNT).fill(0);
  const chunkSize = 5;
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    await Promise.all(chunk.map(() => create()));
  }
}
""",
    ),
    (
        "a module's own constant takes the helper",
        "src/a.ts",
        {},
        """const rows = await Promise.all([1, 2].map((id) => load(id)));
export { rows };
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

const rows = await mapInChunks([1, 2], 5, (id) => load(id));
export { rows };
""",
    ),
    (
        "a class with decorators",
        "src/a.ts",
        {},
        """@Injectable()
export class Loader {
  @Cron('* * * * *')
  async run(@Arg() items: Item[]) {
    await Promise.all(items.map((item) => this.load(item)));
  }
}
""",
        """@Injectable()
export class Loader {
  @Cron('* * * * *')
  async run(@Arg() items: Item[]) {
    const all = [...items];
    const chunkSize = 5;
    for (let i = 0; i < all.length; i += chunkSize) {
      const chunk = all.slice(i, i + chunkSize);
      await Promise.all(chunk.map((item) => this.load(item)));
    }
  }
}
""",
    ),
    (
        "a labelled statement takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  once: await Promise.all(items.map((item) => load(item.id)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  once: await mapInChunks(items, 5, (item) => load(item.id));
}
""",
    ),
    (
        "JavaScript in slices",
        "src/a.mjs",
        {"language": "js"},
        """export async function f(items) {
  const rows = await Promise.all(items.map(item => load(item.id)));
  return () => rows;
}
""",
        """export async function f(items) {
  const all = [...items];
  const chunkSize = 5;
  const rows = [];
  for (let i = 0; i < all.length; i += chunkSize) {
    const chunk = all.slice(i, i + chunkSize);
    rows.push(...(await Promise.all(chunk.map(item => load(item.id)))));
  }
  return () => rows;
}
""",
    ),
    (
        "a function expression that reads arguments takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(function () { return load(arguments[0]); }));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  await mapInChunks(items, 5, function () { return load(arguments[0]); });
}
""",
    ),
    (
        "a rest parameter takes the helper",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((...all) => load(all)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  await mapInChunks(items, 5, (...all) => load(all));
}
""",
    ),
    (
        "a statement behind a leading semicolon takes the helper",
        "src/a.js",
        {"language": "js"},
        """async function f(items) {
  log()
  ;(await Promise.all(items.map((item) => load(item)))).flat()
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks.js";

async function f(items) {
  log()
  ;(await mapInChunks(items, 5, (item) => load(item))).flat()
}
""",
    ),
    (
        "a one-line function takes the helper",
        "src/a.ts",
        {},
        """async function f(items: Item[]) { await Promise.all(items.map((item) => load(item))); }
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(items: Item[]) { await mapInChunks(items, 5, (item) => load(item)); }
""",
    ),
    (
        "a satisfies around it",
        "src/a.ts",
        {},
        """async function f(orderIds: number[], items: Item[]) {
  return (await Promise.all(items.map((item) => load(item.id)))) satisfies Row[];
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function f(orderIds: number[], items: Item[]) {
  return (await mapInChunks(items, 5, (item) => load(item.id))) satisfies Row[];
}
""",
    ),
    (
        "a generator around it",
        "src/a.ts",
        {},
        """async function* f(items: Item[]) {
  yield* await Promise.all(items.map((item) => load(item.id)));
}
""",
        """import { mapInChunks } from "./lib/map-in-chunks";

async function* f(items: Item[]) {
  yield* await mapInChunks(items, 5, (item) => load(item.id));
}
""",
    ),
    (
        "the helper's own module is not imported by itself",
        "src/lib/map-in-chunks.ts",
        {},
        """export async function all(items: Item[]) {
  return [await Promise.all(items.map((item) => load(item.id)))];
}

export function mapInChunks() {}
""",
        """export async function all(items: Item[]) {
  return [await mapInChunks(items, 5, (item) => load(item.id))];
}

export function mapInChunks() {}
""",
    ),
]

REFUSED: list[tuple[str, str, str]] = [
    (
        "race",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.race(items.map((item) => load(item.id)));
}
""",
        "`Promise.race` does not wait for all results",
    ),
    (
        "other promises in the list",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all([log(), ...items.map((item) => load(item.id))]);
}
""",
        "the list holds other promises too",
    ),
    (
        "an optional collection",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items?.map((item) => load(item.id)));
}
""",
        "the collection may be missing (`?.`)",
    ),
    (
        "an optional collection further back",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(a?.items.map((item) => load(item.id)));
}
""",
        "the collection may be missing (`?.`)",
    ),
    (
        "a list changed afterwards",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => load(item.id)).filter(Boolean));
}
""",
        "the list is changed by `filter` after the promises are made",
    ),
    (
        "a cast list",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => load(item.id)) as Promise<Row>[]);
}
""",
        "the list is not built with `map` on the spot",
    ),
    (
        "an array made by length",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(new Array(5).map((item) => load(item)));
}
""",
        "`map` skips the holes of an array made by length",
    ),
    (
        "another library's map",
        """import _ from "lodash";
async function f(orderIds: number[], items: Item[]) {
  await Promise.all(_.map(items, (item) => load(item.id)));
}
""",
        "`map` is not an array's here",
    ),
    (
        "another library's chain",
        """import _ from "lodash";
async function f(orderIds: number[], items: Item[]) {
  await Promise.all(_(items).map((item) => load(item.id)));
}
""",
        "`map` is not an array's here",
    ),
    (
        "a parameter as the list",
        """async function f(promises: Promise<Row>[]) {
  await Promise.all(promises);
}
""",
        "`promises` is not a local list of promises",
    ),
    (
        "a list that is used twice",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = items.map((item) => load(item.id));
  console.log(promises.length);
  await Promise.all(promises);
}
""",
        "`promises` is used for something else, or other statements stand between",
    ),
    (
        "statements between",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = items.map((item) => load(item.id));
  log();
  await Promise.all(promises);
}
""",
        "`promises` is used for something else, or other statements stand between",
    ),
    (
        "effects before the list is awaited",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = items.map((item) => load(item.id));
  return pair(log(), await Promise.all(promises));
}
""",
        "`promises` is awaited where other effects would come before its promises",
    ),
    (
        "a loop that does more",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = [];
  for (const item of items) {
    log(item);
    promises.push(load(item.id));
  }
  await Promise.all(promises);
}
""",
        "the loop that fills `promises` does more than that",
    ),
    (
        "a loop that awaits",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = [];
  for (const item of items) promises.push(load(await key(item)));
  await Promise.all(promises);
}
""",
        "the loop that fills `promises` does more than that",
    ),
    (
        "a counting loop",
        """async function f(orderIds: number[], items: Item[]) {
  const promises = [];
  for (let i = 0; i < 9; i++) promises.push(load(i));
  await Promise.all(promises);
}
""",
        "the loop that fills `promises` does more than that",
    ),
    (
        "an annotated list",
        """async function f(orderIds: number[], items: Item[]) {
  const promises: Loader[] = items.map((item) => load(item.id));
  await Promise.all(promises);
}
""",
        "`promises` is annotated with a type that the callback cannot be given",
    ),
    (
        "flatMap in an expression",
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items.flatMap((item) => [load(item.id)]))];
}
""",
        "`flatMap` gives a list of another length: bound it by hand",
    ),
    (
        "a type argument in an expression",
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all<Row>(items.map((item) => load(item.id)))];
}
""",
        "`Promise.all` has a type argument that the helper cannot be given",
    ),
    (
        "map's other type argument in an expression",
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items.map<Row>((item) => load(item.id)))];
}
""",
        "`map` has a type argument that the helper cannot be given",
    ),
    (
        "a generator",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(function* (item) { yield item; }));
}
""",
        "the callback is a generator",
    ),
    (
        "thisArg of a function whose parameters have no types",
        """async function f(context: { n: number }, items: Item[]) {
  return [await Promise.all(items.map(function (this: { n: number }, item) { return load(item, this.n); }, context))];
}
""",
        "the callback's parameters get their types from `map`, and would not behind `bind`",
    ),
    (
        "thisArg of an arrow, which is used for nothing else",
        """async function f(items: Item[]) {
  const context = {};
  return [await Promise.all(items.map((item) => load(item), context))];
}
""",
        "an arrow function has no use for `context` as its `this`",
    ),
    (
        "the list itself",
        """async function f(items: Item[]) {
  return [await Promise.all(items.map((item, n, all) => load(item, all === items)))];
}
""",
        "the callback is after the list itself, and the helper works on a copy",
    ),
    (
        "thisArg with effects",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(loader, make()));
}
""",
        "the value of `this` for the callback has effects of its own",
    ),
    (
        "a name that a variable in a block of the module has",
        """if (Math.random() > 0.5) {
  var mapInChunks = 1;
}
async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items.map((item) => load(item.id)))];
}
""",
        "the name `mapInChunks` means something else where the helper is needed",
    ),
    (
        "a name that a namespace has",
        """namespace mapInChunks {
  export const a = 1;
}
async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(items.map((item) => load(item.id)))];
}
""",
        "the name `mapInChunks` means something else where the helper is needed",
    ),
    (
        "a name that means something else",
        """async function f(orderIds: number[], items: Item[]) {
  const mapInChunks = 1;
  return [await Promise.all(items.map((item) => load(item.id)))];
}
""",
        "the name `mapInChunks` means something else where the helper is needed",
    ),
    (
        "comments with no place",
        """const f = async (items: Item[]) => await Promise.all(/* all */ items.map((item) => load(item.id)));
""",
        "comments in the call would be lost",
    ),
    (
        "a reference through Array.from",
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(Array.from(orderIds, load))];
}
""",
        "`Array.from` calls a named function with two arguments, the helper with three",
    ),
    (
        "an object that is no list",
        """async function f(orderIds: number[], items: Item[]) {
  return [await Promise.all(Array.from({ size: 3 }, (_, i) => load(i)))];
}
""",
        "the collection is an object that is not visibly a list",
    ),
    (
        "no argument",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all();
}
""",
        "the call does not have one argument",
    ),
    (
        "a literal list",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all([load(1), load(2)]);
}
""",
        "the list is written out",
    ),
]


@pytest.mark.parametrize(
    ("path", "options", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_is_bounded(path: str, options: dict[str, Any], before: str, expected: str) -> None:
    data = before.encode()
    assert after(carried_out(bound(data, path, **options), {path: data}), path, data) == expected.encode()


@pytest.mark.parametrize(("before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused(before: str, reason: str) -> None:
    data = before.encode()
    assert after(carried_out(bound(data), {PATH: data}), PATH, data) == reason


def doubts(before: str, **options: Any) -> list[str]:
    data = before.encode()
    made = carried_out(bound(data, **options), {PATH: data})
    assert isinstance(made, Fix)
    return [doubt.applicability for doubt in made.doubts]


def test_an_error_thrown_at_once_is_a_doubt_where_nobody_awaits() -> None:
    assert doubts("function f(xs: X[]) {\n  return Promise.all(xs.map((x) => load(x)));\n}\n") == ["unsafe"]
    assert doubts("function f(xs: X[]) {\n  return Promise.all(xs.map(async (x) => load(x)));\n}\n") == []
    assert doubts("async function f(xs: X[]) {\n  return Promise.all(xs.map((x) => load(x)));\n}\n") == []


def test_an_error_thrown_at_once_is_a_doubt_where_allsettled_would_have_let_it_through() -> None:
    text = "async function f(xs: X[]) {\n  await Promise.allSettled(xs.map((x) => load(x)));\n}\n"
    assert doubts(text, limiter="p-limit") == ["unsafe"]
    assert doubts(text.replace("(x) =>", "async (x) =>"), limiter="p-limit") == []
    assert doubts(text.replace("allSettled", "all"), limiter="p-limit") == []


def test_two_loops_in_one_block_touch_the_same_bytes_so_that_their_names_cannot_collide() -> None:
    """Otherwise both would declare `chunkSize`."""
    text = b"async function f(xs: X[]) {\n  await Promise.all(xs.map((x) => a(x)));\n  await Promise.all(xs.map((x) => b(x)));\n}\n"
    second = text.replace(b"Promise.all(xs.map((x) => a(x)))", b"Promise_all(xs.map((x) => a(x)))")
    spans = []
    for data in (text, second):
        made = carried_out(bound(data), {PATH: data})
        assert isinstance(made, Fix)
        spans.append({(edit.start, edit.end) for edit in made.edits})
    assert spans[0] & spans[1] == {(text.index(b"{"), text.index(b"{") + 1)}


def test_a_second_round_names_its_loop_anew() -> None:
    data = b"async function f(xs: X[]) {\n  const chunkSize = 5;\n  for (let i = 0; i < xs.length; i += chunkSize) {\n    const chunk = xs.slice(i, i + chunkSize);\n    await Promise.all(chunk.map((x) => a(x)));\n  }\n  await Promise.all([...xs].map((x) => b(x)));\n}\n"
    action = bound(data.replace(b"Promise.all(chunk", b"Promise_all(chunk"))
    made = after(carried_out(action, {PATH: data}), PATH, data)
    assert isinstance(made, bytes)
    assert made.count(b"const chunkSize =") == 1
    assert b"const batchSize = 5;" in made


@pytest.mark.parametrize("collection", ["ids!", "(ids!)", "((ids)!)", "(ids as string[])"])
def test_what_the_compiler_was_told_of_the_list_stays(collection: str) -> None:
    data = (
        f"async function f(ids?: string[]) {{\n  return {{ all: await Promise.all({collection}.map((id) => load(id))) }};\n}}\n"
    ).encode()
    text = after(carried_out(bound(data), {PATH: data}), PATH, data)
    assert isinstance(text, bytes)
    assert (b"ids!," in text or b"(ids)!," in text) or b"ids as string[]," in text


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            "const tasks: Promise<Row>[] = [...ids.map((id) => load(id))];",
            "await mapInChunks(ids, 5, (id): Promise<Row> => load(id));",
        ),
        ("const tasks: Promise<Row>[] = ids.map(load);", "the list's type cannot be given to the callback"),
        (
            "const tasks: any[] = [];\n  ids.forEach(async (id) => {\n    tasks.push(load(id));\n  });",
            "the loop that fills `tasks` does more than that",
        ),
        (
            "const tasks: any[] = [];\n  for (const id of ids) tasks.push({ id, rows: load(id) });",
            "the loop that fills `tasks` does more than that",
        ),
    ],
)
def test_a_list_that_has_a_name(made: str, expected: str) -> None:
    data = f"async function f(ids: number[]) {{\n  {made}\n  await Promise.all(tasks);\n}}\n".encode()
    text = after(carried_out(bound(data, prefer_helper=True), {PATH: data}), PATH, data)
    assert text == expected if isinstance(text, str) else expected in text.decode()
