import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";

/** The orders of one customer. */
export async function handler(customer: number) {
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE ?? 10) }),
  });
  try {
    return await prisma.order.findMany({ where: { customer } });
  } finally {
    await prisma.$disconnect();
  }
}
