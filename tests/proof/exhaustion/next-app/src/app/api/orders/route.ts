import { PrismaPg } from "@prisma/adapter-pg";
import { NextResponse } from "next/server";
import { PrismaClient } from "@/generated/prisma/client";
import { idleTimeoutMillis } from "@/lib/settings";

export async function GET() {
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, idleTimeoutMillis }),
  });
  try {
    const orders = await prisma.order.findMany({ orderBy: { id: "desc" }, take: 10 });
    return NextResponse.json(orders);
  } finally {
    await prisma.$disconnect();
  }
}
