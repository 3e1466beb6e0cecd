import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";

const REGIONS = [1, 2, 3, 4, 5];

/** The largest order of each region. */
export async function handler() {
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE ?? 10) }),
  });
  try {
    return await Promise.all(
      REGIONS.map((region) => prisma.order.findFirst({ where: { customer: region }, orderBy: { cents: "desc" } })),
    );
  } finally {
    await prisma.$disconnect();
  }
}
