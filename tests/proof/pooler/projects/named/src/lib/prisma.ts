import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";

const names = new Map<string, string>();

/** The same name for the same statement, as a program gets it that looks for speed. */
function statementNameGenerator({ sql }: { sql: string }) {
  const name = names.get(sql) ?? `s${names.size}`;
  names.set(sql, name);
  return name;
}

export const prisma = new PrismaClient({
  adapter: new PrismaPg(
    { connectionString: process.env.DATABASE_URL, max: 1 },
    process.env.NAMED ? { statementNameGenerator } : {},
  ),
});
