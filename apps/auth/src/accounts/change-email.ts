import { invalidCredential, Refusal } from "@countersign/context";
import { type Database, isUniqueViolation } from "@countersign/database";
import { tooMany } from "@countersign/service";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import { createLink } from "../links/create-link.ts";
import { linkLife } from "../links/link-life.ts";
import { type AccountLink, findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
import { toParams } from "../mail/cause.ts";
import { requireMail } from "../mail/require-mail.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { lockUser } from "./account-change.ts";
import { isAddressFree } from "./address-free.ts";
import type { PasswordOwner } from "./change-password.ts";

/** The address that a user wants, and the proof that it is the user. */
export type EmailChange = { readonly newEmail: string; readonly password: string };

/**
 * Sends a link to the new address of a user who knows the password. Nothing changes before it is used, and whether the
 * address has an account is not said. Guesses of the password count as in `changePassword`.
 *
 * @throws Refusal NOT_FOUND where no mail is sent, FORBIDDEN (field `password`), UNAUTHORIZED for a user who is gone, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function requestEmailChange(deps: AuthDeps, wanted: EmailChange, owner: PasswordOwner): Promise<void> {
  const mail = requireMail(deps);
  const { userId, sessionId, from } = owner;
  const [user] = await deps.db.select().from(users).where(eq(users.id, userId));
  if (user === undefined) throw invalidCredential("user_gone");
  const taken = await deps.limits.proofInSession(user.email, sessionId);
  if (!taken.allowed) throw tooMany(taken.quota);
  await countRefusals(taken, ["FORBIDDEN"], async () => {
    const share = { address: from.address, account: user.email };
    const { matches } = await deps.passwords.verify(user.passwordHash, wanted.password, share);
    if (matches) return;
    const entry = { action: "email.change_requested", outcome: "refused", reason: "bad_password" } as const;
    await record(deps.db, { ...entry, actor: userId, subject: userId }, { at: deps.now(), from });
    throw new Refusal("FORBIDDEN", "The password is wrong.", { field: "password", reason: "bad_password" });
  });
  const mailed = await deps.limits.mailRequest(wanted.newEmail, from.address);
  if (!mailed.allowed) throw tooMany(mailed.quota);
  mail.refuseWhenFull();
  const id = deps.newId();
  const at = deps.now();
  const of = { userId, userVersion: user.tokenVersion, email: wanted.newEmail };
  const link = { id, purpose: "change", ...of, createdAt: new Date(at), life: linkLife.change } as const;
  await deps.db.transaction(async (tx) => {
    await createLink(tx, link);
    await mail.add(tx, { id, to: wanted.newEmail, template: "change_email", params: toParams(from), at });
    const entry = { action: "email.change_requested", outcome: "allowed", actor: userId, subject: userId } as const;
    await record(tx, entry, { at, from });
  });
}

/**
 * Gives the account of a link the address that the link went to. The one before is told, and can take it back for a week;
 * until then no other account gets it. Sessions go on.
 *
 * @throws Refusal NOT_FOUND (field `token`) when the link is over, the account gone or disabled, or the address taken
 */
export async function confirmEmailChange(deps: AuthDeps, token: string, from: Requester): Promise<void> {
  const link = await findAccountLink(deps, { token, purpose: "change", action: "email.changed" }, from);
  await deps.db.transaction((tx) => change(tx, deps, { link, from }));
}

type Confirmed = { readonly link: AccountLink; readonly from: Requester };

async function change(tx: Database, deps: AuthDeps, { link, from }: Confirmed): Promise<void> {
  const { userId, email } = link;
  const user = await lockUser(tx, userId);
  const at = deps.now();
  const moment = new Date(at);
  const isSame = user.tokenVersion === link.userVersion; // no new password since, which somebody may have set against this
  if (user.status !== "active" || user.email === email || !isSame) throw linkRefused("account_changed");
  if (!(await useLink(tx, link, moment))) throw linkRefused("link_used");
  if (!(await isAddressFree(tx, { email, userId, at: moment }))) throw linkRefused("email_taken");
  await setEmail(tx, { userId, email, at: moment });
  const id = deps.newId();
  await createLink(tx, { id, purpose: "undo", userId, email: user.email, createdAt: moment, life: linkLife.undo });
  await deps.mail?.add(tx, { id, to: user.email, template: "email_changed", at });
  await record(tx, { action: "email.changed", outcome: "allowed", actor: userId, subject: userId }, { at, from });
}

/**
 * Gives an account an address whose mailbox is proved.
 *
 * @throws Refusal NOT_FOUND (field `token`) when another account took it in this moment
 */
export async function setEmail(
  tx: Database,
  { userId, email, at }: { readonly userId: string; readonly email: string; readonly at: Date },
): Promise<void> {
  try {
    await tx.update(users).set({ email, verifiedAt: at, updatedAt: at }).where(eq(users.id, userId));
  } catch (error) {
    if (isUniqueViolation(error)) throw linkRefused("email_taken");
    throw error;
  }
}
