import type { Role } from "@countersign/access";
import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { endSessionsOf, revokeTokensOf } from "../sessions/end-sessions.ts";
import { type Account, toAccount } from "./user.ts";

/** Which account an administrator changes, and who that is. */
export type AccountChange = { readonly userId: string; readonly actor: string; readonly from: Requester };

/**
 * Gives a user exactly these roles. Access tokens with the old ones end at once; the sessions go on, and the next
 * refresh reads the new ones.
 *
 * @throws Refusal NOT_FOUND; CONFLICT for administrators who take away their own right to do this
 */
export async function setRoles(deps: AuthDeps, roles: readonly Role[], change: AccountChange): Promise<Account> {
  const { userId, actor, from } = change;
  if (userId === actor && !roles.includes("admin"))
    throw notOnYourself("You cannot take the admin role from yourself.");
  const account = await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    const at = deps.now();
    const wanted = [...new Set(roles)];
    if (user.roles.length === wanted.length && wanted.every((role) => user.roles.includes(role)))
      return toAccount(user);
    await tx
      .update(users)
      .set({ roles: wanted, updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    await revokeTokensOf(tx, userId, at);
    const detail = { before: user.roles, after: wanted };
    const entry = { action: "user.roles_changed", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return toAccount({ ...user, roles: wanted });
  });
  await deps.relay.flush();
  return account;
}

/**
 * Disables an account: no sign-in, every session over, every token ended. Doing it again changes nothing.
 *
 * @throws Refusal NOT_FOUND; CONFLICT for one's own account
 */
export async function disableUser(deps: AuthDeps, change: AccountChange): Promise<Account> {
  const { userId, actor, from } = change;
  if (userId === actor) throw notOnYourself("You cannot disable your own account.");
  const account = await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    if (user.status === "disabled") return toAccount(user);
    const at = deps.now();
    await tx
      .update(users)
      .set({ status: "disabled", updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    const ended = await endSessionsOf(tx, userId, { reason: "user_disabled", at });
    const detail = { sessionsEnded: ended };
    const entry = { action: "user.disabled", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return toAccount({ ...user, status: "disabled" });
  });
  await deps.relay.flush();
  return account;
}

/** Holds the account until the transaction ends; the time of a change is taken after this, never before. */
export async function lockUser(tx: Database, userId: string): Promise<typeof users.$inferSelect> {
  const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
  if (user === undefined) throw new Refusal("NOT_FOUND", "There is no such user.");
  return user;
}

function notOnYourself(message: string): Refusal {
  return new Refusal("CONFLICT", message, { field: "userId", reason: "own_account" });
}
