import { prisma } from "./lib/prisma";

const REGIONS = [1, 2, 3, 4, 5];

/** The largest order of each region. */
export async function handler() {
  return Promise.all(
    REGIONS.map((region) => prisma.order.findFirst({ where: { customer: region }, orderBy: { cents: "desc" } })),
  );
}
