import { directProcedure } from "@countersign/context";
import { asc, eq } from "drizzle-orm";
import type { RouterDeps } from "../deps.ts";
import { identities, users } from "../schema.ts";

/** A provider that is linked to an account; times as ISO 8601. */
type IdentityView = {
  id: string;
  provider: string;
  email: string | null;
  linkedAt: string;
  lastUsedAt: string;
};

/** The user's ways in: the linked providers, the oldest first, and whether there is a password. */
export const listIdentities = ({ db }: RouterDeps) =>
  directProcedure.query(async ({ ctx }): Promise<{ items: IdentityView[]; hasPassword: boolean }> => {
    const [user] = await db.select({ hash: users.passwordHash }).from(users).where(eq(users.id, ctx.user.id));
    const rows = await db
      .select()
      .from(identities)
      .where(eq(identities.userId, ctx.user.id))
      .orderBy(asc(identities.linkedAt), asc(identities.id));
    return { items: rows.map(toView), hasPassword: (user?.hash ?? null) !== null };
  });

function toView({ id, provider, email, linkedAt, lastUsedAt }: typeof identities.$inferSelect): IdentityView {
  return { id, provider, email, linkedAt: linkedAt.toISOString(), lastUsedAt: lastUsedAt.toISOString() };
}
