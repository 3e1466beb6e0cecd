import { prisma } from "@/lib/prisma";
import { revision } from "@/lib/settings";

export const dynamic = "force-dynamic";

export default async function Page() {
  const orders = await prisma.order.findMany({ orderBy: { id: "desc" }, take: 10 });
  return (
    <main>
      <h1>Orders</h1>
      <ul>
        {orders.map((order) => (
          <li key={order.id}>
            {order.customer}: {order.cents / 100} €
          </li>
        ))}
      </ul>
      <footer>{`revision=${revision}`}</footer>
    </main>
  );
}
