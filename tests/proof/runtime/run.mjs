// Runs scenarios: standard input has one request per line, standard output one answer per line, both JSON.
//
// Request: { scenario: path, tables: path of SQL, before: { root, clients }, after: { root, clients } }
// Answer: { before: Outcome, after: Outcome } or { error }; an Outcome is
//   { value | error, effects, unhandled, tables, measured: { statements, connections, in_flight }, peak_connections, failures, texts }
// The first line says where things are: { places, cache, server: { host, port, user, password, log } }.
//
// Every part runs on a freshly seeded database, with modules and globals of its own.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";
import util from "node:util";

import { createLog, HARNESS, watchPools } from "./measure.mjs";
import { createLoader } from "./modules.mjs";
import { encode } from "./values.mjs";

const TIMEOUT = 30_000;
const CONSOLE = ["log", "info", "warn", "error", "debug"];

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { places, cache, server } = JSON.parse((await lines.next()).value);
const require = createRequire(path.join(places[0], "_.js"));
const pg = require("pg");
const { PrismaPg } = require("@prisma/adapter-pg");
const connection = (database) => ({ host: server.host, port: server.port, user: server.user, password: server.password, database, application_name: HARNESS });
const watch = watchPools(pg);
const admin = new pg.Client(connection("postgres"));
await admin.connect();
const logged = createLog(server.log, admin);
const databases = { before: `proof_${process.pid}_before`, after: `proof_${process.pid}_after` };
for (const database of Object.values(databases)) await admin.query(`create database ${database}`);

/** A client without an adapter cannot run where there is no engine; it gets one of its own, so that one client still is one pool. */
function withAdapter(exports) {
  if (!exports.PrismaClient) return exports;
  class PrismaClient extends exports.PrismaClient {
    constructor({ datasources, datasourceUrl, ...options } = {}) {
      const connectionString = datasourceUrl ?? Object.values(datasources ?? {})[0]?.url ?? process.env.DATABASE_URL;
      super(options.adapter || options.accelerateUrl ? options : { ...options, adapter: new PrismaPg({ connectionString }) });
    }
  }
  return { ...exports, PrismaClient };
}

async function within(database, action) {
  const client = new pg.Client(connection(database));
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

async function answer({ scenario: file, tables, before, after }) {
  const scenario = await import(pathToFileURL(file).href);
  const content = `drop schema public cascade; create schema public; ${fs.readFileSync(tables, "utf8")} ${scenario.seed ?? ""}`;
  return { before: await runPart(scenario, content, before, databases.before), after: await runPart(scenario, content, after, databases.after) };
}

async function runPart(scenario, content, { root, clients }, database) {
  // Whoever a run before this one left waiting would hold its locks.
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database]);
  await within(database, (client) => client.query(content));
  const loader = createLoader({ root, clients, places, cache, client: withAdapter });
  loader.prepare();
  await logged(database);
  const began = Date.now();
  const outcome = await isolated(async (effects) => {
    const { user, password, host, port } = server;
    Object.assign(process.env, { NODE_ENV: "production", ...scenario.env, DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/${database}` });
    const effect = (...what) => void effects.push(what);
    const { load, reload, need } = loader;
    return scenario.run({ load, reload, need, effect, settled });
  }, root);
  const { texts, peakConnections, failures, ...measured } = await logged(database);
  measured.in_flight = outcome.in_flight;
  delete outcome.in_flight;
  const result = { ...outcome, tables: await within(database, contents) };
  return { ...withoutClock(result, began), measured, peak_connections: peakConnections, failures, texts };
}

/** The same with "now" for every point in time since `began`, which no two runs share. */
function withoutClock(result, began) {
  const now = (text) => {
    const time = Date.parse(text.endsWith("Z") ? text : `${text}Z`);
    return time >= began && time <= Date.now() ? "now" : text;
  };
  return JSON.parse(JSON.stringify(result).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, now));
}

/** What became of a promise, as a value. */
async function settled(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** Run `action` and put back what it may have changed: environment, globals, console, open pools. */
async function isolated(action, root) {
  const environment = { ...process.env };
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  const printed = Object.fromEntries(CONSOLE.map((method) => [method, console[method]]));
  const effects = [];
  const unhandled = [];
  const onUnhandled = (error) => unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  for (const method of CONSOLE) console[method] = (...what) => effects.push([`console.${method}`, util.format(...what)]);
  watch.start();
  let timer;
  try {
    const late = new Promise((_, reject) => (timer = setTimeout(reject, TIMEOUT, new Error(`no answer within ${TIMEOUT / 1000} s`))));
    const result = await settled(Promise.race([action(effects), late]));
    const { peak, stuck } = await watch.stop();
    const told = "error" in result ? { error: await encode(result.error, root), stack: result.error?.stack } : { value: await encode(result.value, root) };
    return { ...told, effects: await encode(effects, root), unhandled: await encode(unhandled, root), in_flight: peak, stuck };
  } finally {
    clearTimeout(timer);
    Object.assign(console, printed);
    process.off("unhandledRejection", onUnhandled);
    for (const key of Reflect.ownKeys(globalThis)) if (!(key in globals)) delete globalThis[key];
    for (const key of Reflect.ownKeys(globals)) if (globals[key].writable && globalThis[key] !== globals[key].value) globalThis[key] = globals[key].value;
    for (const key of Object.keys(process.env)) if (!(key in environment)) delete process.env[key];
    Object.assign(process.env, environment);
  }
}

/** Every row of every table, as PostgreSQL writes them, sorted. */
async function contents(client) {
  const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public' order by 1");
  const result = {};
  for (const { tablename } of rows) {
    const quoted = `"${tablename}"`;
    const found = await client.query(`select to_jsonb(one) as row from ${quoted} as one order by to_jsonb(one)`);
    result[tablename] = found.rows.map(({ row }) => row);
  }
  return result;
}

for await (const line of lines) {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = await answer(request);
  } catch (error) {
    reply = { error: error.stack };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await admin.end();
process.exit(0);
