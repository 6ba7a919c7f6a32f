import type { Database } from "@countersign/database";
import { tooMany } from "@countersign/service";
import { and, eq, isNull } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { type AccountLink, findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
import { toParams } from "../mail/cause.ts";
import { requireMail } from "../mail/require-mail.ts";
import { unlinkAll } from "../providers/unlink-all.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { links } from "../schema-links.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { lockUser } from "./account-change.ts";
import { refusePublicPassword } from "./demo-accounts.ts";

/**
 * Takes the wish for a new password. Whether the address has an account is looked up when the mail is composed, behind the
 * answer: for each address the same rows are written, and the answer takes as long.
 *
 * @throws Refusal NOT_FOUND where no mail is sent, TOO_MANY_REQUESTS by address and by account, SERVICE_UNAVAILABLE
 */
export async function requestReset(deps: AuthDeps, email: string, from: Requester): Promise<void> {
  const mail = requireMail(deps);
  const taken = await deps.limits.mailRequest(email, from.address);
  if (!taken.allowed) {
    const entry = { action: "password.reset_requested", outcome: "refused", reason: "rate_limited" } as const;
    if (taken.first) await record(deps.db, { ...entry, detail: { email } }, { at: deps.now(), from });
    throw tooMany(taken.quota);
  }
  mail.refuseWhenFull();
  await mail.add(deps.db, { to: email, template: "password_reset", params: toParams(from), at: deps.now() });
}

/** What the page behind the link sends. */
export type ResetByLink = { readonly token: string; readonly newPassword: string };

/**
 * Gives the account of a link the new password, and ends every session and every other link for a reset. That the link
 * arrived proves the mailbox; at the first such proof every linked provider goes, since somebody else may have registered the
 * address and linked their own. Of many uses at once one wins: the account is locked, then the link is used up.
 *
 * @returns how many sessions ended
 * @throws Refusal NOT_FOUND (field `token`) for a link that is none, expired, used or of an account that is gone, disabled or has another address; BAD_REQUEST (field `newPassword`) for a public one; TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function resetByLink(
  deps: AuthDeps,
  { token, newPassword }: ResetByLink,
  from: Requester,
): Promise<number> {
  const link = await findAccountLink(deps, { token, purpose: "reset", action: "password.reset" }, from);
  refusePublicPassword(deps, { email: link.email, password: newPassword }, "newPassword");
  const passwordHash = await deps.passwords.hash(newPassword, { address: from.address, account: link.email });
  const ended = await deps.db.transaction((tx) => replace(tx, deps, { link, passwordHash, from }));
  await deps.relay.flush();
  return ended;
}

type Replacement = { readonly link: AccountLink; readonly passwordHash: string; readonly from: Requester };

async function replace(tx: Database, deps: AuthDeps, { link, passwordHash, from }: Replacement): Promise<number> {
  const { userId, email } = link;
  const user = await lockUser(tx, userId);
  const at = deps.now();
  const moment = new Date(at);
  if (user.status !== "active" || user.email !== email) throw linkRefused("account_changed");
  if (!(await useLink(tx, link, moment))) throw linkRefused("link_used");
  const isOther = and(eq(links.userId, userId), eq(links.purpose, "reset"), isNull(links.usedAt));
  await tx.update(links).set({ usedAt: moment }).where(isOther);
  const proved = user.verifiedAt === null ? { verifiedAt: moment } : {};
  await tx
    .update(users)
    .set({ passwordHash, ...proved, updatedAt: moment })
    .where(eq(users.id, userId));
  if (user.verifiedAt === null) await unlinkAll(tx, userId, { at, from });
  const sessionsEnded = await endSessionsOf(tx, userId, { reason: "password_reset", at });
  const detail = { sessionsEnded, by: "mail" };
  const entry = { action: "password.reset", outcome: "allowed", actor: userId, subject: userId, detail } as const;
  await record(tx, entry, { at, from });
  await deps.mail?.add(tx, { to: email, template: "password_changed", at });
  return sessionsEnded;
}
