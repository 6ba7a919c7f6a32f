import { invalidCredential, Refusal } from "@countersign/context";
import { tooMany } from "@countersign/service";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import { type AccountLink, findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
import { requireMail } from "../mail/require-mail.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { lockUser } from "./account-change.ts";
import { findActiveUser } from "./user.ts";

/**
 * Sends the user a link that proves the mailbox. One whose mailbox is proved gets none.
 *
 * @throws Refusal NOT_FOUND where no mail is sent, UNAUTHORIZED for a user who is gone, TOO_MANY_REQUESTS
 */
export async function requestVerification(deps: AuthDeps, userId: string, from: Requester): Promise<void> {
  const mail = requireMail(deps);
  const user = await findActiveUser(deps.db, userId);
  if (user === null) throw invalidCredential("user_gone");
  const taken = await deps.limits.mailRequest(user.email, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  mail.refuseWhenFull();
  await mail.add(deps.db, { to: user.email, template: "verify_email", at: deps.now() });
}

/** The link's token, and the password of the account. */
export type Verification = { readonly token: string; readonly password: string };

/**
 * Writes down that mail reaches the owner of the account of a link. It signs nobody in. The password is asked for: the owner
 * of a mailbox who follows the link out of habit makes no account good that a stranger registered with the address.
 *
 * @throws Refusal NOT_FOUND (field `token`) when the link is over, or the account is gone, disabled or has another address;
 * FORBIDDEN (field `password`); TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function verifyEmail(deps: AuthDeps, { token, password }: Verification, from: Requester): Promise<void> {
  const link = await findAccountLink(deps, { token, purpose: "verify", action: "email.verified" }, from);
  const { userId, email } = link;
  const proved = await provePassword(deps, { link, password }, from);
  await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    const at = deps.now();
    if (user.status !== "active" || user.email !== email || user.passwordHash !== proved)
      throw linkRefused("account_changed");
    if (!(await useLink(tx, link, new Date(at)))) throw linkRefused("link_used");
    if (user.verifiedAt !== null) return;
    await tx
      .update(users)
      .set({ verifiedAt: new Date(at) })
      .where(eq(users.id, userId));
    await record(tx, { action: "email.verified", outcome: "allowed", actor: userId, subject: userId }, { at, from });
  });
}

type Proof = { readonly link: AccountLink; readonly password: string };

/** The hash that the password fits; an account without a password proves its mailbox by a reset. */
async function provePassword(deps: AuthDeps, { link, password }: Proof, from: Requester): Promise<string | null> {
  const [user] = await deps.db.select().from(users).where(eq(users.id, link.userId));
  const passwordHash = user?.passwordHash ?? null;
  const taken = await deps.limits.confirmation(link.id);
  if (!taken.allowed) throw tooMany(taken.quota);
  await countRefusals(taken, ["FORBIDDEN"], async () => {
    const share = { address: from.address, account: link.email };
    if ((await deps.passwords.verify(passwordHash, password, share)).matches) return;
    const entry = { action: "email.verified", outcome: "refused", reason: "bad_password" } as const;
    await record(deps.db, { ...entry, subject: link.userId }, { at: deps.now(), from });
    throw new Refusal("FORBIDDEN", "The password is wrong.", { field: "password", reason: "bad_password" });
  });
  return passwordHash;
}
