import type { Role } from "@countersign/access";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { users } from "../schema.ts";
import { endSessionsOf, revokeTokensOf } from "../sessions/end-sessions.ts";
import { type AccountChange, type AccountDeps, changeUser, notOnYourself } from "./account-change.ts";
import { isAdministrator, keepAnAdministrator } from "./administrators.ts";
import { type Account, toAccount } from "./user.ts";

/**
 * Gives a user exactly these roles. Access tokens with the old ones end at once; the sessions go on, and the next
 * refresh reads the new ones.
 *
 * @throws Refusal NOT_FOUND; CONFLICT for administrators who take away their own right to do this, and for the last one
 */
export async function setRoles(deps: AccountDeps, roles: readonly Role[], change: AccountChange): Promise<Account> {
  const { userId, actor, from, force = false } = change;
  const wanted = [...new Set(roles)];
  if (userId === actor && !isAdministrator({ status: "active", roles: wanted }))
    throw notOnYourself("You cannot take the right to administer accounts from yourself.");
  return await changeUser(deps, change, async ({ tx, user, at }) => {
    if (user.roles.length === wanted.length && wanted.every((role) => user.roles.includes(role)))
      return toAccount(user);
    const after = { ...user, roles: wanted };
    if (!force) await keepAnAdministrator(tx, user, after);
    await tx
      .update(users)
      .set({ roles: wanted, updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    await revokeTokensOf(tx, userId, at);
    const detail = { before: user.roles, after: wanted };
    const entry = { action: "user.roles_changed", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return toAccount(after);
  });
}

/**
 * Disables an account: no sign-in, every session over, every token ended. Doing it again changes nothing, and
 * `enableUser` is the way back.
 *
 * @throws Refusal NOT_FOUND; CONFLICT for one's own account and for the last administrator
 */
export async function disableUser(deps: AccountDeps, change: AccountChange): Promise<Account> {
  const { userId, actor, from, force = false } = change;
  if (userId === actor) throw notOnYourself("You cannot disable your own account.");
  return await changeUser(deps, change, async ({ tx, user, at }) => {
    if (user.status === "disabled") return toAccount(user);
    const after = { ...user, status: "disabled" as const };
    if (!force) await keepAnAdministrator(tx, user, after);
    await tx
      .update(users)
      .set({ status: "disabled", updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    const sessionsEnded = await endSessionsOf(tx, userId, { reason: "user_disabled", at });
    const detail = { sessionsEnded };
    const entry = { action: "user.disabled", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return toAccount(after);
  });
}
