// What scenarios have in common: rows for the schemas that most fixture cases share. Every value is fixed.

const AT = "timestamp '2025-03-04 05:06:07.089'";

/**
 * Rows for User, Order, OrderItem and Log: user n (from 1) has n % 4 orders, every third order is closed, order m has two items. `users`: how many.
 */
export function shop(users) {
  return `
    insert into "User" (email, name, plan, "createdAt")
      select 'user' || n || '@example.com', case when n % 5 = 0 then null else 'User ' || n end, case when n % 2 = 0 then 'pro' else 'free' end, ${AT} + n * interval '1 hour'
      from generate_series(1, ${users}) as n;
    insert into "Order" (number, total, status, "userId", "createdAt")
      select 'A-' || n || '-' || k, n * 100 + k, case when (n + k) % 3 = 0 then 'closed' else 'open' end, n, ${AT} + k * interval '1 day'
      from generate_series(1, ${users}) as n, generate_series(1, n % 4) as k order by n, k;
    insert into "OrderItem" (sku, quantity, "orderId")
      select 'sku-' || (id % 3) || '-' || k, k, id from "Order", generate_series(1, 2) as k order by id, k;
    insert into "Log" (message, "createdAt") values ('seeded', ${AT});
  `;
}

/** Rows for Author, Post and Comment: author n (from 1) has n posts, every second one is published, each has one comment. */
export function blog(authors) {
  return `
    insert into "Author" (id, email, name) select 'author' || n, 'author' || n || '@example.com', 'Author ' || n from generate_series(1, ${authors}) as n;
    insert into "Post" (id, slug, title, body, published, "authorId")
      select 'post' || n || '-' || k, 'slug-' || n || '-' || k, 'Title ' || k, repeat('word ', 10 * k), k % 2 = 0, 'author' || n
      from generate_series(1, ${authors}) as n, generate_series(1, n) as k;
    insert into "Comment" (text, "postId") select 'on ' || id, id from "Post" order by id;
  `;
}

/** Leave only the first `users` users of `shop`, with what is theirs. */
export async function keep(prisma, users) {
  await prisma.orderItem.deleteMany({ where: { order: { userId: { gt: users } } } });
  await prisma.order.deleteMany({ where: { userId: { gt: users } } });
  await prisma.user.deleteMany({ where: { id: { gt: users } } });
}

/** What a report says of 23 users, of six, of one and of none. `file` exports `report`, `client` exports `prisma`. */
export async function report({ load, settled }, file = "src/report.ts", client = "src/lib/prisma.ts") {
  const { report } = await load(file);
  const { prisma } = await load(client);
  const results = [];
  for (const users of [23, 6, 1, 0]) {
    await keep(prisma, users);
    results.push(await settled(report()));
  }
  return results;
}

/** A server of `express` on a free port for as long as `use(get)` takes; `get(path)` is the answer to a request. */
export async function serving(need, routers, use) {
  const express = need("express");
  const app = express();
  for (const [path, router] of Object.entries(routers)) app.use(path, router);
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
  try {
    return await use((path) => fetch(`http://127.0.0.1:${server.address().port}${path}`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What `call(exports)` of a module answers while a development server evaluates everything again, four times. */
export async function edits({ load, reload }, file, call) {
  const answers = [];
  for (let edit = 0; edit < 4; edit++) {
    answers.push(await call(await load(file)));
    reload();
  }
  return answers;
}
