"""A fan-out of `findUnique` as one `findMany`: exact texts before and after, and what must stay as it is."""

# ruff: noqa: E501 -- lines of other people's code

from __future__ import annotations

import re

import pytest

from prismafix.rules.model import BatchReads
from tests.rewrites.fan_outs import after, call_span, carried_out

REWRITTEN: list[tuple[str, str, str, str, str, str]] = [
    (
        "as a colleague would write it",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(
    orderIds.map((id) => prisma.order.findUnique({ where: { id } })),
  );
  return orders.filter((found) => found !== null && found.items.length > items.length);
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  const orders = orderIds.map((id) => ordersById.get(id) ?? null);
  return orders.filter((found) => found !== null && found.items.length > items.length);
}
""",
    ),
    (
        "a key that is a property of the item",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orders: (Order | null)[] = await Promise.all(items.map((item) => prisma.order.findUnique({ where: { id: item.orderId } })));
  return orders;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderKeys = items.map((item) => item.orderId);
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  const orders: (Order | null)[] = orderKeys.map((id) => ordersById.get(id) ?? null);
  return orders;
}
""",
    ),
    (
        "async, await and a block body",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(
    orderIds.map(async (id) => {
      return await this.prisma.order.findUnique({ where: { id: id } });
    }),
  );
  return orders;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await this.prisma.order.findMany({
    where: { id: { in: orderIds } },
  });
  const ordersById = new Map(
    orderRows.map((order) => [order.id, order] as const),
  );
  const orders = orderIds.map((id) => ordersById.get(id) ?? null);
  return orders;
}
""",
    ),
    (
        "select, include and omit go over unchanged",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(
    items.map(({ orderId }) =>
      prisma.order.findUnique({
        select: {
          id: true,
          items: { where: { open } },
        },
        where: { id: orderId },
      }),
    ),
  );
  return orders;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderKeys = items.map(({ orderId }) => orderId);
  const orderRows = await prisma.order.findMany({
    select: {
      id: true,
      items: { where: { open } },
    },
    where: { id: { in: orderKeys } },
  });
  const ordersById = new Map(
    orderRows.map((order) => [order.id, order] as const),
  );
  const orders = orderKeys.map((id) => ordersById.get(id) ?? null);
  return orders;
}
""",
    ),
    (
        "a spread include",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, include })));
  return orders;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } }, include });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  const orders = orderIds.map((id) => ordersById.get(id) ?? null);
  return orders;
}
""",
    ),
    (
        "another unique key, an irregular plural",
        "src/a.ts",
        "category",
        "slug",
        """async function f(orderIds: number[], items: Item[]) {
  const all = await Promise.all(items.map((item) => db.category.findUnique({ where: { slug: item.slug } })));
  return all;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const categorySlugs = items.map((item) => item.slug);
  const categoryRows = await db.category.findMany({ where: { slug: { in: categorySlugs } } });
  const categoriesBySlug = new Map(categoryRows.map((category) => [category.slug, category] as const));
  const all = categorySlugs.map((slug) => categoriesBySlug.get(slug) ?? null);
  return all;
}
""",
    ),
    (
        "a collection expression is evaluated once",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(getIds().map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderKeys = getIds();
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderKeys.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "a collection that others hold is copied",
        "src/a.ts",
        "order",
        "id",
        """async function f() {
  return await Promise.all(this.ids.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f() {
  const orderIds = [...this.ids];
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderIds.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "a readonly list is copied for the argument",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: readonly number[]) {
  return await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f(orderIds: readonly number[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: [...orderIds] } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderIds.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "an argument",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  res.json(await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } }))));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  res.json(orderIds.map((id) => ordersById.get(id) ?? null));
}
""",
    ),
    (
        "parentheses around it go",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const found = (await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })))).filter(Boolean);
  return found;
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  const found = orderIds.map((id) => ordersById.get(id) ?? null).filter(Boolean);
  return found;
}
""",
    ),
    (
        "returned without await from an async function",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  return Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderIds.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "names that are taken",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = 1;
  const ordersById = 2;
  const order = 3;
  return await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = 1;
  const ordersById = 2;
  const order = 3;
  const orderRows2 = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById2 = new Map(orderRows2.map((row) => [row.id, row] as const));
  return orderIds.map((id) => ordersById2.get(id) ?? null);
}
""",
    ),
    (
        "one of two lists, which others hold",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[] | null, items: Item[]) {
  const orders = await Promise.all((orderIds ?? none).map((id) => prisma.order.findUnique({ where: { id } })));
  return orders;
}
""",
        """async function f(orderIds: number[] | null, items: Item[]) {
  const orderKeys = [...(orderIds ?? none)];
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  const orders = orderKeys.map((id) => ordersById.get(id) ?? null);
  return orders;
}
""",
    ),
    (
        "the index beside the element",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], id: number) {
  return [await Promise.all(orderIds.map((id, n) => prisma.order.findUnique({ where: { id } })))];
}
""",
        """async function f(orderIds: number[], id: number) {
  const orderKeys = orderIds.map((id, n) => id);
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return [orderKeys.map((id) => ordersById.get(id) ?? null)];
}
""",
    ),
    (
        "the same key for all",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], id: number) {
  return [await Promise.all(orderIds.map(() => prisma.order.findUnique({ where: { id } })))];
}
""",
        """async function f(orderIds: number[], id: number) {
  const orderKeys = orderIds.map(() => id);
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return [orderKeys.map((id) => ordersById.get(id) ?? null)];
}
""",
    ),
    (
        "names in quotes",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  return Promise.all(orderIds.map((id) => prisma.order.findUnique({ "where": { 'id': id } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderRows = await prisma.order.findMany({
    where: { id: { in: orderIds } },
  });
  const ordersById = new Map(
    orderRows.map((order) => [order.id, order] as const),
  );
  return orderIds.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "a parameter without brackets",
        "src/a.js",
        "order",
        "id",
        """async function f(items) {
  return Promise.all(items.map(item => prisma.order.findUnique({ where: { id: item.orderId } })));
}
""",
        """async function f(items) {
  const orderIds = items.map(item => item.orderId);
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map(order => [order.id, order]));
  return orderIds.map(id => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "JavaScript has no as const",
        "src/a.js",
        "order",
        "id",
        """async function f(orderIds) {
  const orders = await Promise.all(orderIds.map(id => prisma.order.findUnique({ where: { id } })))
  return orders
}
""",
        """async function f(orderIds) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } })
  const ordersById = new Map(orderRows.map(order => [order.id, order]))
  const orders = orderIds.map(id => ordersById.get(id) ?? null)
  return orders
}
""",
    ),
    (
        "CRLF, tabs and a word that is reserved",
        "src/a.ts",
        "class",
        "id",
        (
            "async function f(ids: number[]) {\r\n"
            "\treturn await Promise.all(ids.map((id) => prisma.class.findUnique({ where: { id } })));\r\n"
            "}\r\n"
        ),
        (
            "async function f(ids: number[]) {\r\n"
            "\tconst classRows = await prisma.class.findMany({ where: { id: { in: ids } } });\r\n"
            "\tconst classesById = new Map(classRows.map((row) => [row.id, row] as const));\r\n"
            "\treturn ids.map((id) => classesById.get(id) ?? null);\r\n"
            "}\r\n"
        ),
    ),
    (
        "a name that is computed once per item",
        "src/a.ts",
        "order",
        "id",
        """async function f(orderIds: number[], items: Item[]) {
  return await Promise.all(items.map((item, i) => prisma.order.findUnique({ where: { id: keyOf(item, i) } })));
}
""",
        """async function f(orderIds: number[], items: Item[]) {
  const orderKeys = items.map((item, i) => keyOf(item, i));
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderKeys } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderKeys.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "omit that leaves the key in",
        "src/a.ts",
        "order",
        "id",
        """async function f(ids: number[]) {
  return await Promise.all(ids.map((id) => prisma.order.findUnique({ where: { id }, omit: { id: false, total: true } })));
}
""",
        """async function f(ids: number[]) {
  const orderRows = await prisma.order.findMany({ where: { id: { in: ids } }, omit: { id: false, total: true } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return ids.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
    (
        "a callback without a parameter",
        "src/a.ts",
        "order",
        "id",
        """async function f(id: number, items: Item[]) {
  return await Promise.all(items.map(() => prisma.order.findUnique({ where: { id } })));
}
""",
        """async function f(id: number, items: Item[]) {
  const orderIds = items.map(() => id);
  const orderRows = await prisma.order.findMany({ where: { id: { in: orderIds } } });
  const ordersById = new Map(orderRows.map((order) => [order.id, order] as const));
  return orderIds.map((id) => ordersById.get(id) ?? null);
}
""",
    ),
]

REFUSED: list[tuple[str, str, str]] = [
    (
        "select without the key",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, select: { total: true } })));
  return orders;
}
""",
        "`select` does not visibly hold `id`, by which the rows are put back in order",
    ),
    (
        "a select that is not seen",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, select: fields })));
  return orders;
}
""",
        "`select` does not visibly hold `id`, by which the rows are put back in order",
    ),
    (
        "omit of the key",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, omit: { id: true } })));
  return orders;
}
""",
        "`omit` leaves out `id`, by which the rows are put back in order",
    ),
    (
        "an omit that is not seen",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, omit: hidden })));
  return orders;
}
""",
        "`omit` leaves out `id`, by which the rows are put back in order",
    ),
    (
        "findUniqueOrThrow",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUniqueOrThrow({ where: { id } })));
  return orders;
}
""",
        "the query is not `order.findUnique`",
    ),
    (
        "another condition",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id, deletedAt: null } })));
  return orders;
}
""",
        "the query does not ask for one `id` alone",
    ),
    (
        "a compound key",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id_tenant: { id, tenant } } })));
  return orders;
}
""",
        "the query does not ask for one `id` alone",
    ),
    (
        "include depends on the item",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id }, include: { items: id > 3 } })));
  return orders;
}
""",
        "`include` differs from item to item",
    ),
    (
        "a spread of arguments",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ ...base, where: { id } })));
  return orders;
}
""",
        "the query's arguments are not written in place",
    ),
    (
        "more than a query",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map(async (id) => { log(id); return prisma.order.findUnique({ where: { id } }); }));
  return orders;
}
""",
        "the callback does more than one query",
    ),
    (
        "a chain behind",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } }).items()));
  return orders;
}
""",
        "the query is not `order.findUnique`",
    ),
    (
        "a client per item",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => clients[id].order.findUnique({ where: { id } })));
  return orders;
}
""",
        "the client differs from item to item",
    ),
    (
        "allSettled",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.allSettled(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
  return orders;
}
""",
        "the fan-out is not a plain `Promise.all(xs.map(…))`",
    ),
    (
        "unused results",
        """async function f(orderIds: number[], items: Item[]) {
  await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        "the results are not used: the reads can go",
    ),
    (
        "an effect before it",
        """async function f(orderIds: number[], items: Item[]) {
  return pair(log(), await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } }))));
}
""",
        "other effects of the statement would come after the query",
    ),
    (
        "only sometimes evaluated",
        """async function f(orderIds: number[], items: Item[]) {
  return ready && (await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } }))));
}
""",
        "other effects of the statement would come after the query",
    ),
    (
        "no place for statements",
        """const f = async (ids: number[]) => await Promise.all(ids.map((id) => prisma.order.findUnique({ where: { id } })));
""",
        "there is no place for statements before this one",
    ),
    (
        "a statement without braces",
        """async function f(orderIds: number[], items: Item[]) {
  if (ok) return await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        "there is no place for statements before this one",
    ),
    (
        "not awaited in a plain function",
        """function f(ids: number[]) {
  return Promise.all(ids.map((id) => prisma.order.findUnique({ where: { id } })));
}
""",
        "the call is not awaited here",
    ),
    (
        "returned without await from a try",
        """async function f(orderIds: number[], items: Item[]) {
  try {
    return Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } })));
  } catch {
    return [];
  }
}
""",
        "the call is not awaited here",
    ),
    (
        "a comment that would be lost",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => /* why */ prisma.order.findUnique({ where: { id } })));
  return orders;
}
""",
        "comments in the call would be lost",
    ),
    (
        "a comment in a body",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(
    orderIds.map((id) => {
      // why
      return prisma.order.findUnique({ where: { id } });
    }),
  );
  return orders;
}
""",
        "comments in the call would be lost",
    ),
    (
        "a type argument",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique<Args>({ where: { id } })));
  return orders;
}
""",
        "the query's arguments are not written in place",
    ),
    (
        "a second argument",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map((id) => prisma.order.findUnique({ where: { id } }, cached)));
  return orders;
}
""",
        "the query's arguments are not written in place",
    ),
    (
        "a function with a this of its own",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map(function (id) { return this.prisma.order.findUnique({ where: { id } }); }));
  return orders;
}
""",
        "the callback uses its own `this`",
    ),
    (
        "an awaited key",
        """async function f(orderIds: number[], items: Item[]) {
  const orders = await Promise.all(orderIds.map(async (id) => prisma.order.findUnique({ where: { id: await real(id) } })));
  return orders;
}
""",
        "the key is awaited for",
    ),
]


def batched(path: str, model: str, key: str, before: str) -> bytes | str:
    data = before.encode()
    return after(carried_out(BatchReads(call_span(path, data), model, key), {path: data}), path, data)


@pytest.mark.parametrize(
    ("path", "model", "key", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_is_batched(path: str, model: str, key: str, before: str, expected: str) -> None:
    assert batched(path, model, key, before) == expected.encode()


@pytest.mark.parametrize(("before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_is_refused(before: str, reason: str) -> None:
    assert batched("src/a.ts", "order", "id", before) == reason


def one_line(statement: str) -> str:
    """A statement that was broken over several lines, as it would be on one."""
    text = re.sub(r"\s*\n\s*", " ", statement)
    return re.sub(r",? (?=[)\].])", "", re.sub(r"(?<=[(\[]) ", "", re.sub(r", }", " }", text)))


_LENGTHS = [(model, key, 3) for model in range(1, 8) for key in range(2, 9)] + [(3, 2, ids) for ids in range(4, 50)]


@pytest.mark.parametrize(("model", "key", "ids"), _LENGTHS)
@pytest.mark.parametrize("of_item", [False, True])
def test_a_line_is_broken_where_it_would_be_too_long(model: int, key: int, ids: int, of_item: bool) -> None:
    name, field, collection = "o" * model, "k" * key, "i" * ids
    item = "item" if of_item else field
    before = (
        f"async function f({collection}: number[]) {{\n  const all = await Promise.all(\n    {collection}.map(\n"
        f"      ({item}) =>\n        prisma.{name}.findUnique({{ where: {{ {field}: {item}{'.id' * of_item} }} }}),\n"
        "    ),\n  );\n  return all;\n}\n"
    )
    made = batched("src/a.ts", name, field, before)
    assert isinstance(made, bytes)
    assert [line for line in made.decode().splitlines() if len(line) > 80] == []
    broken = [part for part in re.findall(r"(?m)^  const [^;]*;", made.decode()) if "\n" in part]
    assert [one_line(part) for part in broken if len("  " + one_line(part).strip()) <= 80] == []
