import { invalidCredential, Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { tooMany } from "@countersign/service";
import { and, eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import type { Requester } from "../requester.ts";
import { sessions, users } from "../schema.ts";
import { endOtherSessionsOf } from "../sessions/end-sessions.ts";
import { isRunning } from "../sessions/is-running.ts";
import { lockUser } from "./account-change.ts";
import { refusePublicPassword } from "./demo-accounts.ts";

/** The passwords as the input schema gives them: normalised, the new one long enough, and not the current one again. */
export type PasswordChange = { readonly currentPassword: string; readonly newPassword: string };

/** Whose password it is, and the session that asks: the one that goes on. */
export type PasswordOwner = { readonly userId: string; readonly sessionId: string; readonly from: Requester };

/**
 * Changes the password of a user who knows the current one. Every other session ends in the same transaction, each with
 * its access tokens: whoever got in with the old password is out. Guesses count like attempts to sign in, together with
 * them, and a session makes no more of them than a stranger: a stolen one gives no way around the limit. Strangers' guesses
 * hold no session up. A wrong guess is FORBIDDEN and not UNAUTHORIZED, which would tell
 * clients that their session is over.
 *
 * @returns how many other sessions ended
 * @throws Refusal BAD_REQUEST (field `newPassword`) for a public one, FORBIDDEN (field `currentPassword`), UNAUTHORIZED when the session ended meanwhile, CONFLICT when the
 * password changed meanwhile, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function changePassword(deps: AuthDeps, change: PasswordChange, owner: PasswordOwner): Promise<number> {
  const [user] = await deps.db.select().from(users).where(eq(users.id, owner.userId));
  if (user === undefined) throw invalidCredential("user_gone");
  refusePublicPassword(deps, { email: user.email, password: change.newPassword }, "newPassword");
  const taken = await deps.limits.proofInSession(user.email, owner.sessionId);
  if (!taken.allowed) {
    if (taken.first) await recordRefused(deps, owner, "rate_limited");
    throw tooMany(taken.quota);
  }
  const proof = { ...change, email: user.email, proved: user.passwordHash };
  return await countRefusals(taken, ["FORBIDDEN"], () => prove(deps, proof, owner));
}

type Proof = PasswordChange & { readonly email: string; readonly proved: string | null };

async function prove(deps: AuthDeps, change: Proof, owner: PasswordOwner): Promise<number> {
  const { currentPassword, newPassword, email, proved } = change;
  const share = { address: owner.from.address, account: email };
  const { matches } = await deps.passwords.verify(proved, currentPassword, share);
  if (!matches) {
    await recordRefused(deps, owner, "bad_password");
    const options = { field: "currentPassword", reason: "bad_password" };
    throw new Refusal("FORBIDDEN", "The current password is wrong.", options);
  }
  const counted = await deps.limits.passwordChange(owner.userId); // after the proof: a stolen session uses nothing up
  if (!counted.allowed) {
    if (counted.first) await recordRefused(deps, owner, "rate_limited");
    throw tooMany(counted.quota);
  }
  return await replace(deps, { proved, passwordHash: await deps.passwords.hash(newPassword, share) }, owner);
}

type Replacement = { readonly proved: string | null; readonly passwordHash: string };

/** Counts only if the password that was proved is still the one, and the session that asked still stands. */
async function replace(deps: AuthDeps, { proved, passwordHash }: Replacement, owner: PasswordOwner): Promise<number> {
  const { userId, sessionId, from } = owner;
  const ended = await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    const at = deps.now();
    if (user.status !== "active" || !(await stillStands(tx, sessionId, at))) throw invalidCredential("session_ended");
    if (user.passwordHash !== proved) {
      throw new Refusal("CONFLICT", "The password was changed meanwhile.", { reason: "changed_meanwhile" });
    }
    await tx
      .update(users)
      .set({ passwordHash, updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    const which = { userId, keptId: sessionId };
    const sessionsEnded = await endOtherSessionsOf(tx, which, { reason: "password_changed", at });
    const detail = { sessionsEnded, sessionKept: sessionId };
    const entry = { action: "password.changed", outcome: "allowed", actor: userId, subject: userId, detail } as const;
    await record(tx, entry, { at, from });
    return sessionsEnded;
  });
  await deps.relay.flush();
  return ended;
}

/** Held until the transaction ends, so that the session cannot end in between; after its user, as everywhere. */
async function stillStands(tx: Database, sessionId: string, at: number): Promise<boolean> {
  const running = and(eq(sessions.id, sessionId), isRunning(new Date(at)));
  const [found] = await tx.select({ id: sessions.id }).from(sessions).where(running).for("update");
  return found !== undefined;
}

async function recordRefused(deps: AuthDeps, { userId, from }: PasswordOwner, reason: string): Promise<void> {
  const entry = { action: "password.changed", outcome: "refused", reason, actor: userId, subject: userId } as const;
  await record(deps.db, entry, { at: deps.now(), from });
}
