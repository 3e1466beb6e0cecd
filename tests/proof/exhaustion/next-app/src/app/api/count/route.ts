import { NextResponse } from "next/server";
import { prisma } from "@/lib/prisma";
import { revision } from "@/lib/settings";

export async function GET() {
  const orders = await prisma.order.count();
  return NextResponse.json({ orders, note: `revision=${revision}` });
}
