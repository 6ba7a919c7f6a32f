import { and, eq } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { identities, sessions, users } from "../schema.ts";
import { isRunning } from "../sessions/is-running.ts";
import type { ProviderIdentity } from "./identity.ts";
import { SignInProblem } from "./problem.ts";
import { addIdentity } from "./prove-identity.ts";

/** Whose account an identity is linked to, and the session in which that was asked for. */
export type Linking = { readonly identity: ProviderIdentity; readonly userId: string; readonly sessionId: string };

/**
 * Links a person at a provider to the account of a signed-in user.
 *
 * @throws SignInProblem `session_ended`, `linked_already`, `linked_elsewhere`
 */
export async function linkIdentity(
  deps: AuthDeps,
  { identity, userId, sessionId }: Linking,
  from: Requester,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const active = and(eq(users.id, userId), eq(users.status, "active"));
    const [user] = await tx.select({ id: users.id }).from(users).where(active).for("update");
    const at = deps.now();
    const running = and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isRunning(new Date(at)));
    const [session] = await tx.select({ id: sessions.id }).from(sessions).where(running).for("update");
    if (user === undefined || session === undefined) throw new SignInProblem("session_ended", { userId });
    if ((await addIdentity(tx, deps, { identity, userId, at, from })) !== null) return;
    const { issuer, subject } = identity;
    const same = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
    const [owner] = await tx.select({ userId: identities.userId }).from(identities).where(same);
    throw new SignInProblem(owner?.userId === userId ? "linked_already" : "linked_elsewhere", { userId });
  });
}
