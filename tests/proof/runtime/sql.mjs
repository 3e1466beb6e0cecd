// A Prisma generator that writes the tables of a schema as SQL for PostgreSQL: `prisma migrate` needs an engine that is a download.
//
// Prisma starts it, speaks JSON-RPC on standard input and standard error, and hands over what its own parser made of the schema.
// What has no translation here is refused: a table that is not what the schema says would prove nothing.

import fs from "node:fs";
import readline from "node:readline";

const SCALARS = {
  BigInt: "bigint",
  Boolean: "boolean",
  Bytes: "bytea",
  DateTime: "timestamp(3)",
  Decimal: "decimal(65,30)",
  Float: "double precision",
  Int: "integer",
  Json: "jsonb",
  String: "text",
};
const NATIVE = { DoublePrecision: "double precision" };
const SERIAL = { Int: "serial", BigInt: "bigserial" };
// These are made by the client, so the table has no default.
const BY_THE_CLIENT = new Set(["cuid", "uuid", "nanoid", "ulid"]);
const ON_DELETE = { Cascade: "cascade", Restrict: "restrict", NoAction: "no action", SetNull: "set null", SetDefault: "set default" };

const name = (text) => `"${text.replaceAll('"', '""')}"`;
const literal = (value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value));

function typeOf(field) {
  const [native, args] = field.nativeType ?? [];
  const generated = !Array.isArray(field.default) && field.default?.name;
  if (generated === "autoincrement" && !native) return SERIAL[field.type];
  const base = native
    ? (NATIVE[native] ?? native.toLowerCase()) + (args.length ? `(${args.join(",")})` : "")
    : field.kind === "enum"
      ? name(field.type)
      : SCALARS[field.type];
  if (!base) throw new Error(`no SQL for the type ${field.type}`);
  return field.isList ? `${base}[]` : base;
}

function defaultOf(field) {
  if (field.default === undefined || field.default === null) return "";
  const value = field.default;
  if (Array.isArray(value)) return ` default array[${value.map(literal).join(",")}]::${typeOf(field)}`;
  if (typeof value !== "object") return ` default ${literal(value)}`;
  if (value.name === "autoincrement" || BY_THE_CLIENT.has(value.name)) return "";
  if (value.name === "now") return " default current_timestamp";
  if (value.name === "dbgenerated") return ` default ${value.args[0]}`;
  throw new Error(`no SQL for the default ${value.name}()`);
}

function statements({ models, enums }) {
  const types = enums.map((one) => `create type ${name(one.dbName ?? one.name)} as enum (${one.values.map((value) => literal(value.dbName ?? value.name)).join(", ")})`);
  const tables = [];
  const references = [];
  for (const model of models) {
    const table = name(model.dbName ?? model.name);
    const column = (field) => name(model.fields.find((one) => one.name === field).dbName ?? field);
    const columns = (fields) => fields.map(column).join(", ");
    const lines = [];
    for (const field of model.fields) {
      if (field.kind === "object") {
        const other = models.find((one) => one.name === field.type);
        const back = other.fields.find((one) => one.relationName === field.relationName && one !== field);
        if (field.isList && back?.isList) throw new Error(`no SQL for the many-to-many relation ${field.relationName}`);
        if (!field.relationFromFields.length) continue;
        const target = field.relationToFields.map((one) => name(other.fields.find((candidate) => candidate.name === one).dbName ?? one)).join(", ");
        const onDelete = ON_DELETE[field.relationOnDelete ?? (field.isRequired ? "Restrict" : "SetNull")];
        references.push(
          `alter table ${table} add foreign key (${columns(field.relationFromFields)}) references ${name(other.dbName ?? other.name)} (${target}) on update cascade on delete ${onDelete}`,
        );
        continue;
      }
      const rest = `${field.isRequired && !field.isList ? " not null" : ""}${defaultOf(field)}${field.isId ? " primary key" : ""}${field.isUnique ? " unique" : ""}`;
      lines.push(`${column(field.name)} ${typeOf(field)}${rest}`);
    }
    if (model.primaryKey) lines.push(`primary key (${columns(model.primaryKey.fields)})`);
    for (const fields of model.uniqueFields) lines.push(`unique (${columns(fields)})`);
    tables.push(`create table ${table} (\n  ${lines.join(",\n  ")}\n)`);
  }
  return [...types, ...tables, ...references].map((statement) => `${statement};\n`).join("");
}

function answer({ method, params }) {
  if (method === "getManifest") return { manifest: { prettyName: "tables", defaultOutput: "./tables.sql" } };
  fs.writeFileSync(params.generator.output.value, statements(params.dmmf.datamodel));
  return null;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = { result: answer(request) };
  } catch (error) {
    reply = { error: { code: 1, message: error.message, data: { stack: error.stack } } };
  }
  process.stderr.write(`${JSON.stringify({ jsonrpc: "2.0", id: request.id, ...reply })}\n`);
});
