// Brings about one error after the other and prints each, as an app's log would have it: a time, a title, the error with its stack.

const { PrismaClient } = require("@prisma/shop");
const { PrismaPg } = require("@prisma/adapter-pg");
const { Client } = require("pg");
const url = process.env.DATABASE_URL;
const other = (change) => Object.assign(new URL(url), change).href;
const client = (options = {}, more = {}) => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, ...options }), ...more });
let second = 0;

async function note(title, action) {
  const time = `2026-11-22T10:00:${String(second++).padStart(2, "0")}.000Z`;
  try {
    await action();
    console.log(`${time} INFO ${title}: no error`);
  } catch (error) {
    console.log(`${time} ERROR ${title}`, error);
  }
}

const sleep = (prisma, seconds) => prisma.$queryRawUnsafe(`select 1 as one from pg_sleep(${seconds})`);

async function eachWithItsOwn(count, of) {
  const clients = Array.from({ length: count }, () => client({ connectionString: of }));
  const results = await Promise.allSettled(clients.map((prisma) => prisma.$queryRawUnsafe("select 1 as one from pg_sleep(0.5)")));
  await Promise.all(clients.map((prisma) => prisma.$disconnect()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function oneMore(of, options) {
  const held = Array.from({ length: 20 }, () => new Client({ connectionString: of }));
  await Promise.allSettled(held.map((one) => one.connect()));
  const prisma = client({}, options);
  try {
    await prisma.order.findMany({ where: { customer: 7 } });
  } finally {
    await Promise.allSettled(held.map((one) => one.end()));
    await prisma.$disconnect();
  }
}

async function withPool(options, action) {
  const prisma = client(options);
  try {
    await action(prisma);
  } finally {
    await prisma.$disconnect();
  }
}

async function main() {
  await note("slots are reserved", () => oneMore(url));
  await note("server full", () => oneMore(process.env.ADMIN_URL));
  await note("server full, minimal", () => oneMore(process.env.ADMIN_URL, { errorFormat: "minimal" }));
  await note("server full, pretty", () => oneMore(process.env.ADMIN_URL, { errorFormat: "pretty" }));
  await note("a client per call", () => eachWithItsOwn(40, process.env.ADMIN_URL));
  await note("pool timeout", () =>
    withPool({ max: 1, connectionTimeoutMillis: 300 }, async (prisma) => {
      const [, result] = await Promise.allSettled([sleep(prisma, 1), prisma.order.findMany()]);
      throw result.reason;
    }),
  );
  await note("transaction does not start", () =>
    withPool({ max: 1 }, async (prisma) => {
      const [, result] = await Promise.allSettled([
        prisma.$transaction((tx) => sleep(tx, 1)),
        prisma.$transaction((tx) => tx.order.count(), { maxWait: 200 }),
      ]);
      throw result.reason;
    }),
  );
  await note("transaction expired", () =>
    withPool({}, (prisma) =>
      prisma.$transaction(
        async (tx) => {
          await new Promise((done) => setTimeout(done, 400));
          return tx.order.count();
        },
        { timeout: 200 },
      ),
    ),
  );
  await note("outer client in a transaction", () =>
    withPool({ max: 1 }, (prisma) => prisma.$transaction(async (tx) => [await tx.order.count(), await prisma.log.count()], { timeout: 500 })),
  );
  await note("nobody listens", () => withPool({ connectionString: other({ port: "1" }) }, (prisma) => prisma.order.count()));
  await note("no such host", () => withPool({ connectionString: other({ hostname: "db.invalid" }) }, (prisma) => prisma.order.count()));
  await note("wrong password", () => withPool({ connectionString: other({ password: "wrong" }) }, (prisma) => prisma.order.count()));
  await note("may not log in", () =>
    withPool({ connectionString: other({ username: "locked", password: "locked" }) }, (prisma) => prisma.order.count()),
  );
  await note("no connection string", () => withPool({ connectionString: "postgresql//svc:s3cret-in-the-log@db:5432/shop" }, (prisma) => prisma.order.count()));
  await note("no port", () => withPool({ connectionString: url.replace(/:\d+\//, ":none/") }, (prisma) => prisma.order.count()));
  await note("ended by an administrator", () =>
    withPool({ application_name: "victim" }, async (prisma) => {
      const admin = new Client({ connectionString: process.env.ADMIN_URL });
      await admin.connect();
      const waiting = Promise.allSettled([prisma.$queryRawUnsafe("select 1 as one from pg_sleep(5)")]);
      await new Promise((done) => setTimeout(done, 300));
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'");
      await admin.end();
      const [result] = await waiting;
      throw result.reason;
    }),
  );
  await note("ended by an administrator while a model was read", () =>
    withPool({ application_name: "victim" }, async (prisma) => {
      const admin = new Client({ connectionString: process.env.ADMIN_URL });
      await admin.connect();
      await admin.query('begin');
      await admin.query('lock table "Order"');
      const waiting = Promise.allSettled([prisma.order.findMany()]);
      await new Promise((done) => setTimeout(done, 300));
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'");
      await admin.query('rollback');
      await admin.end();
      const [result] = await waiting;
      throw result.reason;
    }),
  );
  await note("statement exists", () =>
    withPool({ max: 1 }, async (prisma) => {
      await prisma.$executeRawUnsafe("prepare s0 as select 1");
      await prisma.$executeRawUnsafe("prepare s0 as select 1");
    }),
  );
  await note("statement does not exist", () => withPool({ max: 1 }, (prisma) => prisma.$executeRawUnsafe("execute s1")));
  await note("shared client after $disconnect", () =>
    withPool({ max: 1 }, async (prisma) => {
      const [, result] = await Promise.allSettled([prisma.$disconnect(), prisma.order.count()]);
      if (result.reason) throw result.reason;
    }),
  );
  const before = console.warn;
  console.warn = (...texts) => console.log(...texts);
  await note("eleven clients", async () => {
    const clients = Array.from({ length: 11 }, () => client({ max: 1 }));
    for (const prisma of clients) await prisma.$connect();
    await Promise.all(clients.map((prisma) => prisma.$disconnect()));
  });
  console.warn = before;
  process.exit(0);
}

main();
