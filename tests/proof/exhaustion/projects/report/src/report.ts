import { prisma } from "./lib/prisma";

/** The largest order of each customer. */
export async function handler(customers: number[]) {
  return Promise.all(
    customers.map((customer) => prisma.order.findFirst({ where: { customer }, orderBy: { cents: "desc" } })),
  );
}
