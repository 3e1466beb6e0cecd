// One instance of a function: a process that loads a project and calls its handlers when it is told to.
//
// The first line of standard input says where things are: { places, cache, root, clients }. Each further line is a request and gets one
// line of JSON: { call: file, count, arguments } starts `count` calls of the `handler` that `file` exports, without waiting for them; {}
// only asks. The answer is what has become of all calls so far:
//   { calls, answered, errors: [text], asked, queued, held }
// `asked`: how often code asked a pool for a connection; `queued`: who waits for one of a pool that is full; `held`: connections handed out.
// The process ends with its standard input.

import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

import { createLoader } from "../runtime/modules.mjs";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { places, ...setup } = JSON.parse((await lines.next()).value);
const { Pool } = createRequire(path.join(places[0], "_.js"))("pg");
const loader = createLoader({ ...setup, places, client: (exports) => exports });
const pools = new Set();
const told = { calls: 0, answered: 0, errors: [], asked: 0 };
let held = 0;

// Every query and every transaction outside of one begins with this.
const { connect } = Pool.prototype;
Pool.prototype.connect = function (callback) {
  if (!pools.has(this)) {
    pools.add(this);
    this.on("acquire", () => (held += 1));
    this.on("release", () => (held -= 1));
  }
  told.asked += 1;
  return connect.call(this, callback);
};

async function call(handler, parameters) {
  try {
    await handler(...parameters);
    told.answered += 1;
  } catch (error) {
    told.errors.push(`${error.code ?? error.name}: ${error.message}`);
  }
}

for await (const line of lines) {
  const { call: file, count, arguments: parameters = [] } = JSON.parse(line);
  if (file) {
    const { handler } = loader.load(file);
    told.calls += count;
    for (let n = 0; n < count; n += 1) void call(handler, parameters);
  }
  const queued = [...pools].reduce((sum, pool) => sum + pool.waitingCount, 0);
  process.stdout.write(`${JSON.stringify({ ...told, queued, held })}\n`);
}
process.exit(0);
