import type { Role } from "@countersign/access";
import { Refusal, statusOf } from "@countersign/context";
import { tooMany } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { beginSession } from "../sessions/begin-session.ts";
import { issueTokens } from "../sessions/issue.ts";
import type { Issued } from "../sessions/issued.ts";
import type { SignInRequest } from "./credentials.ts";
import { refusePublicPassword } from "./demo-accounts.ts";

const rolesOfNewUsers: readonly Role[] = ["user"];

/**
 * Makes an account and signs it in. That an address is taken is said openly: the person who is about to sign in with it
 * has to learn it, and whoever wants to find out could by trying; attempts are limited per address and per account,
 * and each costs a hash.
 *
 * @throws Refusal BAD_REQUEST (field `password`) for a public one, CONFLICT (field `email`) for a known address, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function register(deps: AuthDeps, wanted: SignInRequest, from: Requester): Promise<Issued> {
  const { email, password } = wanted;
  refusePublicPassword(deps, { email, password }, "password");
  const taken = await deps.limits.registration(email, from.address);
  if (!taken.allowed) {
    const entry = { action: "account.registered", outcome: "refused", reason: "rate_limited" } as const;
    if (taken.first) await record(deps.db, { ...entry, detail: { email } }, { at: deps.now(), from });
    throw tooMany(taken.quota);
  }
  try {
    return await make(deps, wanted, from);
  } catch (error) {
    if (!(error instanceof Refusal) || statusOf(error) >= 500) await taken.giveBack(); // a failure of ours
    throw error;
  }
}

/** The tokens are signed before the account is committed: what cannot be answered has not been made. */
async function make(deps: AuthDeps, wanted: SignInRequest, from: Requester): Promise<Issued> {
  const { email, password, mode, replaces, devices = [] } = wanted;
  const signer = deps.keys.signer();
  const passwordHash = await deps.passwords.hash(password, { address: from.address, account: email });
  const at = deps.now();
  const moment = new Date(at);
  const userId = deps.newId();
  const begun = await deps.db.transaction(async (tx) => {
    const account = { id: userId, email, passwordHash, roles: [...rolesOfNewUsers], status: "active" as const };
    const [made] = await tx
      .insert(users)
      .values({ ...account, createdAt: moment, updatedAt: moment })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id });
    if (made === undefined) return null;
    await record(
      tx,
      { action: "account.registered", outcome: "allowed", actor: userId, subject: userId },
      { at, from },
    );
    const session = await beginSession(tx, deps, { userId, passwordHash, mode, replaces, at, from });
    return session === null
      ? null
      : { ended: session.ended, issued: await issueTokens(deps, session.session, { at, signer }) };
  });
  if (begun !== null) {
    if (begun.ended > 0) await deps.relay.flush();
    return { ...begun.issued, deviceTokens: deps.knownDevices.remember(userId, devices) };
  }
  const known = { action: "account.registered", outcome: "refused", reason: "email_taken", detail: { email } } as const;
  await record(deps.db, known, { at, from });
  throw new Refusal("CONFLICT", "There is an account with this e-mail address; sign in instead.", { field: "email" });
}
