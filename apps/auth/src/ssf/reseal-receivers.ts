import type { Database } from "@countersign/database";
import { and, eq, isNotNull } from "drizzle-orm";
import { ssfReceivers } from "../schema.ts";
import type { SealingKey } from "../secrets/derive-secrets.ts";
import { isSealedWith, seal, unseal } from "../secrets/seal.ts";
import { labelOf } from "./receivers.ts";

/**
 * Seals the headers that receivers chose with the first of these keys, so that the others can go.
 *
 * @throws SealError for one that was sealed with another key
 */
export async function resealReceivers(db: Database, keys: readonly SealingKey[]): Promise<void> {
  const [newest] = keys;
  if (newest === undefined) return;
  const { name: nameColumn, sealedAuthorization } = ssfReceivers;
  const rows = await db
    .select({ name: nameColumn, sealed: sealedAuthorization })
    .from(ssfReceivers)
    .where(isNotNull(sealedAuthorization));
  for (const { name, sealed } of rows) {
    if (sealed === null || isSealedWith(sealed, newest)) continue;
    const header = seal(unseal(sealed, labelOf(name), keys), labelOf(name), newest);
    const isUnchanged = and(eq(nameColumn, name), eq(sealedAuthorization, sealed));
    await db.update(ssfReceivers).set({ sealedAuthorization: header }).where(isUnchanged);
  }
}
