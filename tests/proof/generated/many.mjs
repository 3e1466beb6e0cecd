// One scenario that runs many small programs, one after the other, on one client: for programs that have the same schema and leave nothing
// behind but rows. The answer is a list of outcomes, one per program, each as JSON text.
//
// A program is `{ file, calls }`: a module, and functions of its exports, `client`, `attempt` and `promised` that return what is compared. `tables` are the
// names of the tables, each of which has an `id` that counts; `rows` is SQL. `client.ts` exports the client that all of them use.

import { setTimeout as sleep } from "node:timers/promises";

import { encode } from "../runtime/values.mjs";

const PATIENCE = 10_000;
const CONSOLE = ["log", "info", "warn", "error", "debug"];
const counted = Symbol.for("callers of the pools");

export async function runAll({ load, need }, { programs, tables, rows }) {
  const pg = need("pg");
  const callers = countCallers(pg);
  const admin = new pg.Client({ connectionString: process.env.DATABASE_URL, application_name: "prismafix proof harness" });
  await admin.connect();
  const contents = async () => JSON.stringify((await admin.query(everything(tables))).rows[0]);
  const { client } = load("client.ts");
  try {
    const seeded = await contents();
    const outcomes = [];
    for (const program of programs) {
      const outcome = await runOne(program, { load, client, callers });
      const left = await contents();
      if (left !== seeded) await admin.query(`truncate ${tables.map((table) => `"${table}"`).join(", ")} restart identity cascade; ${rows}`);
      outcomes.push(JSON.stringify({ ...outcome, tables: left === seeded ? null : JSON.parse(left) }));
    }
    return outcomes;
  } finally {
    await admin.end();
  }
}

async function runOne({ file, calls }, { load, client, callers }) {
  const effects = [];
  const unhandled = [];
  const printed = Object.fromEntries(CONSOLE.map((method) => [method, console[method]]));
  const onUnhandled = (error) => unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  for (const method of CONSOLE) console[method] = (...what) => effects.push([method, ...what]);
  callers.peak = 0;
  const value = [];
  let stuck = false;
  const module = load(file);
  try {
    for (const call of calls) {
      const limit = AbortSignal.timeout(PATIENCE);
      const late = new Promise((resolve) => limit.addEventListener("abort", () => resolve("late"), { once: true }));
      value.push(await Promise.race([call({ ...module, client, attempt, promised }), late]));
      // What a failed call left running must not meet the next one: Prisma would answer both together.
      const began = Date.now();
      for (let quiet = 0; quiet < 3 && !stuck; quiet = callers.now() > 0 ? 0 : quiet + 1) {
        await sleep(1);
        stuck = Date.now() - began > PATIENCE;
      }
    }
  } finally {
    Object.assign(console, printed);
    process.off("unhandledRejection", onUnhandled);
  }
  return { value: await encode(value), effects: await encode(effects), unhandled: await encode(unhandled), stuck, peak: callers.peak };
}

/** What became of a call: it threw, its promise was rejected, or it gave a value. */
async function attempt(call) {
  let promise;
  try {
    promise = call();
  } catch (thrown) {
    return { thrown };
  }
  try {
    return { value: await promise };
  } catch (rejected) {
    return { rejected };
  }
}

/** A promise of `value`, of which every fourth fails; nobody is told of a failure that the program does not see. */
function promised(at, value) {
  const promise = at % 4 === 3 ? Promise.reject(new RangeError(`element ${at}`)) : Promise.resolve(value);
  promise.catch(() => {});
  return promise;
}

function everything(tables) {
  const parts = tables.map(
    (table) =>
      `(select coalesce(jsonb_agg(to_jsonb(one) order by one.id), '[]') from "${table}" as one) as "${table}", (select last_value from "${table}_id_seq") as "next ${table}"`,
  );
  return `select ${parts.join(", ")}`;
}

/** How many callers want or hold a connection of the pool that was asked last: now, and at most. */
function countCallers({ Pool }) {
  if (Pool[counted]) return Pool[counted];
  let last;
  const callers = (Pool[counted] = { peak: 0, now: () => (last ? last.totalCount - last.idleCount + last.waitingCount : 0) });
  const { connect } = Pool.prototype;
  Pool.prototype.connect = function (...given) {
    last = this;
    const promise = connect.apply(this, given);
    callers.peak = Math.max(callers.peak, callers.now());
    return promise;
  };
  return callers;
}
