import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { users } from "../schema.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { type AccountChange, type AccountDeps, changeUser, notOnYourself } from "./account-change.ts";
import { keepAnAdministrator } from "./administrators.ts";

/**
 * Deletes an account: its row goes with address, password and sessions, and every token ends. The audit log keeps the
 * id, as do other services; a later account with the same address has another one.
 *
 * @returns how many sessions ended
 * @throws Refusal NOT_FOUND; CONFLICT for one's own account and for the last administrator
 */
export async function deleteUser(deps: AccountDeps, change: AccountChange): Promise<number> {
  const { userId, actor, from, force = false } = change;
  if (userId === actor) throw notOnYourself("You cannot delete your own account.");
  return await changeUser(deps, change, async ({ tx, user, at }) => {
    if (!force) await keepAnAdministrator(tx, user, null);
    const sessionsEnded = await endSessionsOf(tx, userId, { reason: "user_deleted", at });
    await tx.delete(users).where(eq(users.id, userId));
    const detail = { sessionsEnded, roles: user.roles };
    const entry = { action: "user.deleted", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return sessionsEnded;
  });
}
