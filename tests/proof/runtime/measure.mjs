// What a run costs: statements and connections as the server logged them, and how many callers wanted a connection at the same time.

import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The `application_name` of the harness's own connections, which are not counted. */
export const HARNESS = "prismafix proof harness";

/**
 * Watch every pool of this `pg`. A caller counts from the moment it asks a pool for a connection (which every query outside of a transaction
 * and every transaction does once) until it gives it back: those who wait for a connection and those who hold one.
 */
export function watchPools({ Pool }) {
  const pools = new Set();
  let wanting = 0;
  let peak = 0;
  const { connect } = Pool.prototype;
  Pool.prototype.connect = function (callback) {
    if (!pools.has(this)) {
      pools.add(this);
      this.on("release", () => (wanting -= 1));
    }
    wanting += 1;
    peak = Math.max(peak, wanting);
    if (callback) {
      return connect.call(this, (error, ...rest) => {
        if (error) wanting -= 1;
        callback(error, ...rest);
      });
    }
    return connect.call(this).catch((error) => {
      wanting -= 1;
      throw error;
    });
  };
  return {
    start() {
      wanting = 0;
      peak = 0;
      pools.clear();
    },
    /** Wait for what was started and is not answered yet, close what is open, and say how many wanted a connection at once at most. */
    async stop() {
      const deadline = Date.now() + 10_000;
      do await sleep(1);
      while (wanting > 0 && Date.now() < deadline);
      const result = { peak, stuck: wanting > 0 };
      await Promise.allSettled([...pools].filter((pool) => !pool.ending).map((pool) => pool.end()));
      return result;
    },
  };
}

/**
 * What the server logged about `database` since the last call: `{ statements, connections, peakConnections, failures, texts }`
 * (`failures`: how many statements it answered with an error). The log is complete once it
 * holds a marker: a statement that is sent, through `admin`, after everything else has been answered.
 */
export function createLog(file, admin) {
  const descriptor = fs.openSync(file, "r");
  let offset = fs.fstatSync(descriptor).size;
  let rest = "";
  let marks = 0;

  async function entries() {
    const marker = `end ${process.pid} ${(marks += 1)}`;
    await admin.query(`select '${marker}'`);
    const found = [];
    for (;;) {
      const buffer = Buffer.alloc(1 << 16);
      const length = fs.readSync(descriptor, buffer, 0, buffer.length, offset);
      if (length === 0) {
        await sleep(2);
        continue;
      }
      // Bytes are kept as they are until a line is whole: a character may be cut in two.
      offset += length;
      rest += buffer.toString("latin1", 0, length);
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) found.push(JSON.parse(Buffer.from(line, "latin1").toString("utf8")));
      if (found.some((entry) => entry.message?.includes(marker))) return found;
    }
  }

  return async (database) => {
    let open = new Set();
    const seen = new Set();
    let peakConnections = 0;
    let failures = 0;
    const texts = [];
    for (const { dbname, pid, error_severity: severity, message = "" } of (await entries()).filter((one) => one.application_name !== HARNESS)) {
      if (dbname !== database || message.includes(`application_name=${HARNESS}`)) continue;
      if (message.startsWith("connection authorized: ")) {
        seen.add(pid);
        open.add(pid);
        peakConnections = Math.max(peakConnections, open.size);
      } else if (message.startsWith("disconnection: ")) open.delete(pid);
      else if (severity === "ERROR") failures += 1;
      else {
        const statement = /^(?:statement|execute [^:]*): ([^]*)/.exec(message);
        if (statement) texts.push(statement[1]);
      }
    }
    return { statements: texts.length, connections: seen.size, peakConnections, failures, texts };
  };
}
