// Values as JSON in which nothing that a program could see is lost, so that two runs are the same exactly if their texts are.

/**
 * What `value` looks like: types, order of keys, holes, class names, and which objects are one and the same (`{"$same": n}`, n being the
 * ordinal of the object's first appearance). Errors are their class and code, with the message and the direct cause where Prisma did not
 * write it: its messages quote the calling code. `root` is left out of messages.
 */
export async function encode(value, root = "") {
  const seen = new Map();
  const bodies = new Map();
  await readBodies(value, bodies, new Set());
  return visit(value);

  function visit(one) {
    switch (typeof one) {
      case "string":
      case "boolean":
        return one;
      case "number":
        return Number.isFinite(one) && !Object.is(one, -0) ? one : { $number: Object.is(one, -0) ? "-0" : String(one) };
      case "bigint":
        return { $bigint: String(one) };
      case "undefined":
        return { $: "undefined" };
      case "symbol":
        return { $symbol: String(one) };
      case "function":
        return { $function: one.name };
    }
    if (one === null) return null;
    if (seen.has(one)) return { $same: seen.get(one) };
    seen.set(one, seen.size);
    return object(one);
  }

  function object(one) {
    const kind = className(one);
    if (one instanceof Date) return { $date: Number.isNaN(one.getTime()) ? "invalid" : one.toISOString() };
    if (one?.[Symbol.toStringTag] === "[object Decimal]" || kind === "Decimal") return { $decimal: one.toString() };
    if (ArrayBuffer.isView(one)) return { $bytes: kind, hex: Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString("hex") };
    if (one instanceof Error) return error(one, kind);
    if (Array.isArray(one)) return Array.from(one, (item, index) => (index in one ? visit(item) : { $: "hole" }));
    if (one instanceof Map) return { $map: [...one].map(([key, item]) => [visit(key), visit(item)]) };
    if (one instanceof Set) return { $set: [...one].map(visit) };
    if (one instanceof Promise) return { $: "promise" };
    if (one instanceof Response) return { $response: one.status, type: one.headers.get("content-type"), body: bodies.get(one) };
    const fields = Reflect.ownKeys(one).map((key) => [String(key), visit(one[key])]);
    return kind === "Object" || kind === "" ? { $object: fields } : { $instance: kind, fields };
  }

  function error(one, kind) {
    const code = one.code === undefined ? {} : { code: visit(one.code) };
    if (kind.startsWith("PrismaClient")) return { $error: kind, ...code };
    const cause = one.cause === undefined ? {} : { cause: visit(one.cause) };
    const several = one instanceof AggregateError ? { errors: one.errors.map(visit) } : {};
    return { $error: kind, ...code, message: root ? one.message.replaceAll(root, "<root>") : one.message, ...cause, ...several };
  }
}

function className(one) {
  const prototype = Object.getPrototypeOf(one);
  return prototype === null ? "" : (prototype.constructor?.name ?? "");
}

async function readBodies(value, bodies, visited) {
  if (typeof value !== "object" || value === null || visited.has(value)) return;
  visited.add(value);
  if (value instanceof Response) bodies.set(value, await value.clone().text());
  else for (const item of Object.values(value)) await readBodies(item, bodies, visited);
}
