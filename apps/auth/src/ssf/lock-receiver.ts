import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { ssfReceivers } from "../schema.ts";
import type { Receiver } from "./receivers.ts";
import { SsfError } from "./ssf-error.ts";

/**
 * Reads a receiver again, and makes everybody else who would change it wait until this transaction ends.
 *
 * @throws SsfError 401 for one that was removed meanwhile
 */
export async function lockReceiver(tx: Database, name: string): Promise<Receiver> {
  const [locked] = await tx.select().from(ssfReceivers).where(eq(ssfReceivers.name, name)).for("update");
  if (locked === undefined) throw new SsfError(401, "This receiver was removed.");
  return locked;
}
