import type { Database } from "@countersign/database";
import { and, eq, gt, isNull, ne, or } from "drizzle-orm";
import { users } from "../schema.ts";
import { links } from "../schema-links.ts";

/**
 * Whether an account may take this address: no other one has it, or had it until a change that can still be taken back.
 *
 * @param userId the account that may have it already; null for one that is to be made
 */
export async function isAddressFree(
  tx: Database,
  { email, userId, at }: { readonly email: string; readonly userId: string | null; readonly at: Date },
): Promise<boolean> {
  const isOther = userId === null ? undefined : ne(users.id, userId);
  const owners = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.email, email), isOther))
    .limit(1);
  if (owners.length > 0) return false;
  const isOthers = userId === null ? undefined : or(isNull(links.userId), ne(links.userId, userId));
  const isKept = and(eq(links.email, email), eq(links.purpose, "undo"), isNull(links.usedAt), gt(links.expiresAt, at));
  return (await tx.select({ id: links.id }).from(links).where(and(isKept, isOthers)).limit(1)).length === 0;
}
