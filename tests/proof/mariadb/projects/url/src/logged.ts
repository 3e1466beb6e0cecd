import { inspect } from "node:util";

import { handler as orders } from "./orders";

/** Fails with all that the console would show of the error. */
export async function handler(customer: number) {
  try {
    return await orders(customer);
  } catch (error) {
    throw new Error(inspect(error, { depth: 10 }));
  }
}
