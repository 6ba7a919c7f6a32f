import { invalidCredential } from "@countersign/context";
import { tooMany } from "@countersign/service";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
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

/**
 * Writes down that mail reaches the owner of the account of a link. It signs nobody in.
 *
 * @throws Refusal NOT_FOUND (field `token`) when the link is over, or the account is gone, disabled or has another address
 */
export async function verifyEmail(deps: AuthDeps, token: string, from: Requester): Promise<void> {
  const link = await findAccountLink(deps, { token, purpose: "verify", action: "email.verified" }, from);
  const { userId, email } = link;
  await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    const at = deps.now();
    if (user.status !== "active" || user.email !== email) throw linkRefused("account_changed");
    if (!(await useLink(tx, link, new Date(at)))) throw linkRefused("link_used");
    if (user.verifiedAt !== null) return;
    await tx
      .update(users)
      .set({ verifiedAt: new Date(at) })
      .where(eq(users.id, userId));
    await record(tx, { action: "email.verified", outcome: "allowed", actor: userId, subject: userId }, { at, from });
  });
}
