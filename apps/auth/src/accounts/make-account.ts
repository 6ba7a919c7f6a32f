import type { Role } from "@countersign/access";
import type { Database } from "@countersign/database";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { beginSession } from "../sessions/begin-session.ts";
import { issueTokens } from "../sessions/issue.ts";
import type { Issued } from "../sessions/issued.ts";
import { isAddressFree } from "./address-free.ts";
import type { SignInRequest } from "./credentials.ts";

/** The roles of an account that was just made. */
export const rolesOfNewUsers: readonly Role[] = ["user"];

/** An account that is to be made and signed in. */
export type NewAccount = Omit<SignInRequest, "password"> & {
  readonly passwordHash: string;
  /** Whether its mailbox is proved. */
  readonly isVerified: boolean;
  /** What else happens in the same transaction, before it; false leaves everything undone. */
  readonly before?: (tx: Database, at: number) => Promise<boolean>;
};

/**
 * Makes an account and starts its first session. The tokens are signed before the account is committed: what cannot be
 * answered has not been made. Mail to the address asks to confirm it, where that is not done.
 *
 * @returns null when the address has an account, or `before` said no
 */
export async function makeAccount(deps: AuthDeps, wanted: NewAccount, from: Requester): Promise<Issued | null> {
  const { email, passwordHash, mode, replaces, devices = [], isVerified, before } = wanted;
  const signer = deps.keys.signer();
  const at = deps.now();
  const moment = new Date(at);
  const userId = deps.newId();
  const begun = await deps.db.transaction(async (tx) => {
    if (before !== undefined && !(await before(tx, at))) return null;
    if (!(await isAddressFree(tx, { email, userId: null, at: moment }))) return null;
    const account = { id: userId, email, passwordHash, roles: [...rolesOfNewUsers], status: "active" as const };
    const [made] = await tx
      .insert(users)
      .values({ ...account, verifiedAt: isVerified ? moment : null, createdAt: moment, updatedAt: moment })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id });
    if (made === undefined) return null;
    const entry = { action: "account.registered", outcome: "allowed", actor: userId, subject: userId } as const;
    await record(tx, entry, { at, from });
    if (!isVerified) await deps.mail?.add(tx, { to: email, template: "verify_email", at });
    const session = await beginSession(tx, deps, { userId, passwordHash, mode, replaces, at, from });
    return session === null
      ? null
      : { ended: session.ended, issued: await issueTokens(deps, session.session, { at, signer }) };
  });
  if (begun === null) return null;
  if (begun.ended > 0) await deps.relay.flush();
  return { ...begun.issued, deviceTokens: deps.knownDevices.remember(userId, devices) };
}
