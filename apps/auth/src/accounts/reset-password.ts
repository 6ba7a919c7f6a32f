import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { users } from "../schema.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { type AccountChange, type AccountDeps, changeUser, notOnYourself } from "./account-change.ts";
import type { Passwords } from "./passwords.ts";
import { randomPassword } from "./random-password.ts";

/** A password that was made for a user. It is stored as a hash alone, so it is shown this once. */
export type ResetPassword = { password: string; sessionsEnded: number };

/**
 * Gives a user a new random password, for one that is forgotten or known to others. Every session and token ends. A
 * disabled account stays disabled.
 *
 * @throws Refusal NOT_FOUND; CONFLICT for one's own account, whose current password `changePassword` asks for;
 * SERVICE_UNAVAILABLE when too many hashes wait
 */
export async function resetPassword(
  deps: AccountDeps & { readonly passwords: Pick<Passwords, "hash"> },
  change: AccountChange,
): Promise<ResetPassword> {
  const { userId, actor, from } = change;
  if (userId === actor) throw notOnYourself("Change your own password with the current one.");
  const password = randomPassword();
  const passwordHash = await deps.passwords.hash(password);
  return await changeUser(deps, change, async ({ tx, at }) => {
    await tx
      .update(users)
      .set({ passwordHash, updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    const sessionsEnded = await endSessionsOf(tx, userId, { reason: "password_reset", at });
    const detail = { sessionsEnded };
    const entry = { action: "password.reset", outcome: "allowed", actor, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return { password, sessionsEnded };
  });
}
