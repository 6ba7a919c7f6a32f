import { and, eq, gte, isNull, ne } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
import { toParams } from "../mail/cause.ts";
import { unlinkAll } from "../providers/unlink-all.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { links } from "../schema-links.ts";
import { endSessionsOf } from "../sessions/end-sessions.ts";
import { lockUser } from "./account-change.ts";
import { isAddressFree } from "./address-free.ts";
import { setEmail } from "./change-email.ts";
import { randomPassword } from "./random-password.ts";

/**
 * Gives an account back the address that it had before a change. Somebody else knew the password, or the change would not
 * have begun: every session ends, the password and the linked providers with them, and a link for a new one goes to the address. Links that came to
 * be later end. Older ones stay: with several changes in a row, the address from before all of them has the last word.
 *
 * @returns how many sessions ended
 * @throws Refusal NOT_FOUND (field `token`) when the link is over, or the account gone or disabled; SERVICE_UNAVAILABLE
 */
export async function undoEmailChange(deps: AuthDeps, token: string, from: Requester): Promise<number> {
  const link = await findAccountLink(deps, { token, purpose: "undo", action: "email.change_undone" }, from);
  const { id, userId, email } = link;
  const passwordHash = await deps.passwords.hash(randomPassword(), { address: from.address, account: email });
  const ended = await deps.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    const at = deps.now();
    const moment = new Date(at);
    if (user.status !== "active") throw linkRefused("account_changed");
    if (!(await useLink(tx, link, moment))) throw linkRefused("link_used");
    if (!(await isAddressFree(tx, { email, userId, at: moment }))) throw linkRefused("email_taken");
    const [used] = await tx.select({ createdAt: links.createdAt }).from(links).where(eq(links.id, id));
    const isLater = and(
      eq(links.userId, userId),
      isNull(links.usedAt),
      gte(links.createdAt, used?.createdAt ?? moment),
    );
    await tx
      .update(links)
      .set({ usedAt: moment })
      .where(and(isLater, ne(links.id, id)));
    await setEmail(tx, { userId, email, at: moment });
    await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
    await unlinkAll(tx, userId, { at, from });
    const sessionsEnded = await endSessionsOf(tx, userId, { reason: "password_reset", at });
    await deps.mail?.add(tx, { to: email, template: "password_reset", params: toParams(from), at });
    const entry = { action: "email.change_undone", outcome: "allowed", actor: userId, subject: userId } as const;
    await record(tx, { ...entry, detail: { sessionsEnded } }, { at, from });
    return sessionsEnded;
  });
  await deps.relay.flush();
  return ended;
}
