"""A fan-out of `create` as one statement: exact texts before and after, and what must stay as it is."""

# ruff: noqa: E501 -- lines of other people's code

from __future__ import annotations

import pytest

from prismafix.rules.model import CreateMany
from tests.rewrites.fan_outs import PATH, after, call_span, carried_out

REWRITTEN: list[tuple[str, bool, str, str]] = [
    (
        "unused results",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => prisma.order.create({ data: { itemId: item.id } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({ data: items.map((item) => ({ itemId: item.id })) });
}
""",
    ),
    (
        "a field that is called like a nested write",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create({ data: { connect: row.id } })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows.map((row) => ({ connect: row.id })) });
}
""",
    ),
    (
        "a callback without a parameter",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map(() => prisma.order.create({ data: { id: 1 } })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows.map(() => ({ id: 1 })) });
}
""",
    ),
    (
        "a parameter without brackets",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map(row => prisma.order.create({ data: { id: row.id } })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows.map(row => ({ id: row.id })) });
}
""",
    ),
    (
        "an object over several lines",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(
    items.map((item) =>
      prisma.order.create({
        data: {
          itemId: item.id,
          note: `a
  b`,
        },
      }),
    ),
  );
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({
    data: items.map((item) => ({
      itemId: item.id,
      note: `a
  b`,
    })),
  });
}
""",
    ),
    (
        "a block body that returns",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(
    items.map(async (item) => {
      return await prisma.order.create({ data: { itemId: item.id } });
    }),
  );
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({
    data: items.map((item) => ({ itemId: item.id })),
  });
}
""",
    ),
    (
        "the item is the data",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((data) => prisma.order.create({ data })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({ data: items });
}
""",
    ),
    (
        "the item is the data under another name",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => prisma.order.create({ data: item })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({ data: items });
}
""",
    ),
    (
        "returning, with a select",
        True,
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => prisma.order.create({ data: item, select: { id: true } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await prisma.order.createManyAndReturn({ data: items, select: { id: true } });
}
""",
    ),
    (
        "returning, without await",
        True,
        """async function f(orderIds: number[], items: Item[]) {
  return Promise.all(items.map((item, position) => prisma.order.create({ data: { ...item, position } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  return prisma.order.createManyAndReturn({ data: items.map((item, position) => ({ ...item, position })) });
}
""",
    ),
    (
        "a wide call is broken",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(({ id, total, currency }) => prisma.order.create({ data: { itemId: id, total: total * 100, currency } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  await prisma.order.createMany({
    data: items.map(({ id, total, currency }) => ({ itemId: id, total: total * 100, currency })),
  });
}
""",
    ),
    (
        "fields that are not wanted",
        True,
        """async function f(rows: Row[]) {
  const made = await Promise.all(rows.map((row) => prisma.order.create({ data: { id: row.id }, select: { id: true, total: false } })));
  return made;
}
""",
        """async function f(rows: Row[]) {
  const made = await prisma.order.createManyAndReturn({
    data: rows.map((row) => ({ id: row.id })),
    select: { id: true, total: false },
  });
  return made;
}
""",
    ),
    (
        "a parameter with a type that is the data",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row: Row) => prisma.order.create({ data: row })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows });
}
""",
    ),
    (
        "a field that is called like a nested write",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create({ data: { set: row.set } })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows.map((row) => ({ set: row.set })) });
}
""",
    ),
    (
        "a comment in the data",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create({ data: { /* ours */ id: row.id } })));
}
""",
        """async function f(rows: Row[]) {
  await prisma.order.createMany({ data: rows.map((row) => ({ /* ours */ id: row.id })) });
}
""",
    ),
]

REFUSED: list[tuple[str, bool, str, str]] = [
    (
        "connect",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => prisma.order.create({ data: { item: { connect: { id: item.id } } } })));
}
""",
        "`data` writes to other records too, which `createMany` cannot",
    ),
    (
        "nested create",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => prisma.order.create({ data: { lines: { create: [{ n: 1 }] } } })));
}
""",
        "`data` writes to other records too, which `createMany` cannot",
    ),
    (
        "include",
        True,
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => prisma.order.create({ data: item, include: { item: true } })));
}
""",
        "`include` reads other records, which `createMany` cannot",
    ),
    (
        "select of a relation",
        True,
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => prisma.order.create({ data: item, select: { item: { select: { id: true } } } })));
}
""",
        "`select` is not a plain list of fields",
    ),
    (
        "results used without returning",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  const rows = await Promise.all(items.map((item) => prisma.order.create({ data: item })));
}
""",
        "the results are used, and `createMany` returns none",
    ),
    (
        "not awaited",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  Promise.all(items.map((item) => prisma.order.create({ data: item })));
}
""",
        "the results are used, and `createMany` returns none",
    ),
    (
        "more than a query",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(async (item) => { const a = await prisma.order.create({ data: item }); await log(a); }));
}
""",
        "the callback does more than one query",
    ),
    (
        "a spread",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map((item) => prisma.order.create({ ...base, data: item })));
}
""",
        "the query's arguments are not written in place",
    ),
    (
        "awaited data",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(items.map(async (item) => prisma.order.create({ data: await build(item) })));
}
""",
        "`data` is not written in place, or is waited for",
    ),
    (
        "a select that differs",
        True,
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(items.map((item) => prisma.order.create({ data: item, select: item.fields })));
}
""",
        "`select` differs from item to item",
    ),
    (
        "allSettled",
        False,
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.allSettled(items.map((item) => prisma.order.create({ data: item })));
}
""",
        "the fan-out is not a plain `Promise.all(xs.map(…))`",
    ),
    (
        "a comment before the statement",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => { /* why */ return prisma.order.create({ data: row }); }));
}
""",
        "comments in the call would be lost",
    ),
    (
        "a comment before the query",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => /* why */ prisma.order.create({ data: row })));
}
""",
        "comments in the call would be lost",
    ),
    (
        "a comment before the argument",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create(/* why */ { data: row })));
}
""",
        "comments in the call would be lost",
    ),
    (
        "a comment before the data",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create({ /* why */ data: row })));
}
""",
        "comments in the call would be lost",
    ),
    (
        "a comment behind the data",
        False,
        """async function f(rows: Row[]) {
  await Promise.all(rows.map((row) => prisma.order.create({ data: row /* why */ })));
}
""",
        "comments in the call would be lost",
    ),
    (
        "a select that is not seen",
        True,
        """async function f(rows: Row[]) {
  return await Promise.all(rows.map((row) => prisma.order.create({ data: row, select: fields })));
}
""",
        "`select` is not a plain list of fields",
    ),
]


def created(before: str, returning: bool) -> bytes | str:
    data = before.encode()
    return after(carried_out(CreateMany(call_span(PATH, data), "order", returning), {PATH: data}), PATH, data)


@pytest.mark.parametrize(
    ("returning", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_is_one_statement(returning: bool, before: str, expected: str) -> None:
    assert created(before, returning) == expected.encode()


@pytest.mark.parametrize(
    ("returning", "before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_is_refused(returning: bool, before: str, reason: str) -> None:
    assert created(before, returning) == reason
