import { prisma } from "./lib/prisma";

/** The orders of one customer. */
export async function handler(customer: number) {
  return prisma.order.findMany({ where: { customer } });
}
