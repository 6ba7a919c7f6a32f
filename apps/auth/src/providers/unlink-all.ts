import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { Requester } from "../requester.ts";
import { identities } from "../schema.ts";

/** Unlinks every provider of an account that its owner takes back, with a line in the audit log for each. */
export async function unlinkAll(
  tx: Database,
  userId: string,
  { at, from }: { readonly at: number; readonly from: Requester },
): Promise<void> {
  const removed = await tx.delete(identities).where(eq(identities.userId, userId)).returning();
  for (const { id, provider, issuer } of removed) {
    const entry = {
      action: "identity.unlinked",
      outcome: "allowed",
      reason: "address_proved",
      subject: userId,
    } as const;
    await record(tx, { ...entry, detail: { provider, issuer, identity: id } }, { at, from });
  }
}
