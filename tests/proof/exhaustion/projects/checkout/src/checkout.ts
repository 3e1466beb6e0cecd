import { prisma } from "./lib/prisma";

const limits = { maxWait: 8_000, timeout: 8_000 };

/** Order something, and note it. */
export async function handler(customer: number, cents: number) {
  return prisma.$transaction(async (tx) => {
    const order = await tx.order.create({ data: { customer, cents } });
    await prisma.log.create({ data: { message: `order ${order.id}` } });
    return order;
  }, limits);
}
