import { Refusal } from "@countersign/context";
import { tooMany } from "@countersign/service";
import type { SigningKey } from "@countersign/tokens";
import { and, eq, sql } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import { describeDevice } from "../mail/describe-device.ts";
import { oncePerDatabase } from "../once-per-database.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { beginSession, type WantedSession } from "../sessions/begin-session.ts";
import { issueTokens } from "../sessions/issue.ts";
import type { Issued } from "../sessions/issued.ts";
import type { Credentials, SignInRequest } from "./credentials.ts";
import { isNewDevice } from "./is-new-device.ts";
import { takeAttempt } from "./take-attempt.ts";

/**
 * Signs a user in with a password. An unknown address, a wrong password, an account without a password and a disabled one are answered alike, after
 * the same work: one look-up, one hash, one line in the audit log. Only that answer counts as an attempt: a failure of
 * ours tells nothing about the password, whichever it was, and is not charged.
 *
 * @throws Refusal UNAUTHORIZED, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function login(deps: AuthDeps, credentials: SignInRequest, from: Requester): Promise<Issued> {
  const taken = await takeAttempt(deps, credentials, from);
  if (!taken.allowed) {
    if (taken.first)
      await recordRefused(deps, { email: credentials.email, reason: "rate_limited", userId: null }, from);
    throw tooMany(taken.quota);
  }
  return await countRefusals(taken, ["UNAUTHORIZED"], () => signIn(deps, credentials, from));
}

async function signIn(deps: AuthDeps, credentials: SignInRequest, from: Requester): Promise<Issued> {
  const { email, mode, replaces, devices = [] } = credentials;
  const signer = deps.keys.signer();
  const proved = await prove(deps, credentials, from.address);
  if (!("reason" in proved)) await countSignIn(deps, { email, userId: proved.userId }, from);
  const at = deps.now();
  const isNew = !("reason" in proved) && (await isNewDevice(deps, proved.userId, devices));
  const wanted = { mode, replaces, at, from, noticeTo: isNew ? email : null };
  const issued = "reason" in proved ? null : await start(deps, { ...proved, ...wanted }, signer);
  if (issued === null) {
    const failed = "reason" in proved ? proved : { reason: "changed_meanwhile", userId: proved.userId };
    await recordRefused(deps, { ...failed, email }, from);
    throw new Refusal("UNAUTHORIZED", "The e-mail address or the password is wrong.", { reason: failed.reason });
  }
  return { ...issued, deviceTokens: deps.knownDevices.remember(issued.user.id, devices) };
}

/**
 * Sessions that begin are rows of the audit log, and so are their ends: so many a minute of one user, however they are
 * brought. It is counted after the proof, so that nobody without the password can use it up.
 */
async function countSignIn(
  deps: AuthDeps,
  { email, userId }: { readonly email: string; readonly userId: string },
  from: Requester,
): Promise<void> {
  const { allowed, first, quota } = await deps.limits.signedIn(userId);
  if (allowed) return;
  if (first) await recordRefused(deps, { email, reason: "rate_limited", userId }, from);
  throw tooMany(quota);
}

type Proved = { readonly userId: string; readonly passwordHash: string; readonly renewed: string | null };
type Failed = { readonly reason: string; readonly userId: string | null };

async function prove(
  { db, passwords }: AuthDeps,
  { email, password }: Credentials,
  address: string,
): Promise<Proved | Failed> {
  const [user] = await accountOn(db).execute({ email });
  const share = { address, account: email };
  const { matches, renewed } = await passwords.verify(user?.passwordHash ?? null, password, share);
  if (user === undefined) return { reason: "unknown_email", userId: null };
  if (!matches || user.passwordHash === null) {
    return { reason: user.passwordHash === null ? "no_password" : "bad_password", userId: user.id };
  }
  if (user.status !== "active") return { reason: "user_disabled", userId: user.id };
  return { userId: user.id, passwordHash: user.passwordHash, renewed };
}

const accountOn = oncePerDatabase((db) => {
  const columns = { id: users.id, passwordHash: users.passwordHash, status: users.status };
  return db
    .select(columns)
    .from(users)
    .where(eq(users.email, sql.placeholder("email")))
    .prepare("account_of_email");
});

type Start = Proved & WantedSession & { readonly noticeTo: string | null };

/** The tokens are signed before the session is committed: what cannot be answered has not begun. */
async function start(deps: AuthDeps, proved: Start, signer: SigningKey): Promise<Issued | null> {
  const { renewed, noticeTo, ...wanted } = proved;
  const { userId, passwordHash, at, from } = wanted;
  if (renewed !== null) {
    const isOld = and(eq(users.id, userId), eq(users.passwordHash, passwordHash));
    await deps.db.update(users).set({ passwordHash: renewed }).where(isOld);
  }
  const begun = await deps.db.transaction(async (tx) => {
    const session = await beginSession(tx, deps, { ...wanted, passwordHash: renewed ?? passwordHash });
    const params = { device: describeDevice(from.userAgent), address: from.address };
    if (session !== null && noticeTo !== null)
      await deps.mail?.add(tx, { to: noticeTo, template: "new_device", params, at });
    return session === null
      ? null
      : { ended: session.ended, issued: await issueTokens(deps, session.session, { at, signer }) };
  });
  if (begun !== null && begun.ended > 0) await deps.relay.flush();
  return begun?.issued ?? null;
}

async function recordRefused(
  deps: AuthDeps,
  failed: Failed & { readonly email: string },
  from: Requester,
): Promise<void> {
  const { reason, userId, email } = failed;
  const subject = userId === null ? {} : { subject: userId };
  const entry = { action: "session.started", outcome: "refused", reason, ...subject, detail: { email } } as const;
  await record(deps.db, entry, { at: deps.now(), from });
}
