import { tooMany } from "@countersign/service";
import { and, eq } from "drizzle-orm";
import { isNewDevice } from "../accounts/is-new-device.ts";
import type { AuthDeps } from "../deps.ts";
import { describeDevice } from "../mail/describe-device.ts";
import type { Requester } from "../requester.ts";
import { identities } from "../schema.ts";
import { beginSession } from "../sessions/begin-session.ts";
import type { Mode } from "../sessions/deliver.ts";
import { issueTokens } from "../sessions/issue.ts";
import type { Issued } from "../sessions/issued.ts";
import type { KnownIdentity } from "./prove-identity.ts";

/** Whose session begins, how the client keeps it, and what it held until now; see `SignInRequest`. */
export type IdentitySession = KnownIdentity & {
  readonly mode: Mode;
  readonly replaces?: readonly string[] | undefined;
  readonly devices?: readonly string[] | undefined;
};

/**
 * Starts a session for a person whom a provider has proved.
 *
 * @returns null when the account has been disabled, or the identity unlinked
 * @throws Refusal TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function startWithIdentity(
  deps: AuthDeps,
  { identityId, userId, isNewUser = false, mode, replaces, devices = [] }: IdentitySession,
  from: Requester,
): Promise<Issued | null> {
  const signer = deps.keys.signer();
  const counted = await deps.limits.signedIn(userId);
  if (!counted.allowed) throw tooMany(counted.quota);
  const isNoticed = !isNewUser && (await isNewDevice(deps, userId, devices));
  const at = deps.now();
  const begun = await deps.db.transaction(async (tx) => {
    const linked = and(eq(identities.id, identityId), eq(identities.userId, userId));
    const [held] = await tx.select({ id: identities.id }).from(identities).where(linked).for("share");
    if (held === undefined) return null;
    const session = await beginSession(tx, deps, { userId, passwordHash: null, mode, replaces, at, from });
    const params = { device: describeDevice(from.userAgent), address: from.address };
    if (session !== null && isNoticed)
      await deps.mail?.add(tx, { to: session.session.user.email, template: "new_device", params, at });
    return session === null
      ? null
      : { ended: session.ended, issued: await issueTokens(deps, session.session, { at, signer }) };
  });
  if (begun === null) return null;
  if (begun.ended > 0) await deps.relay.flush();
  return { ...begun.issued, deviceTokens: deps.knownDevices.remember(userId, devices) };
}
