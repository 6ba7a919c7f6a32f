import { asc, eq, isNull } from "drizzle-orm";
import { type MailContent, mails } from "../src/schema-mail.ts";
import type { TestAuth } from "./open-test-auth.ts";

/** Sends what waits, until nothing does, and gives the mails that an address got, the oldest first. For `kind: "outbox"`. */
export async function readMailbox({ auth }: TestAuth, address: string): Promise<readonly MailContent[]> {
  const { db, mailSender } = auth.deps;
  let waiting = true;
  while (waiting) {
    await mailSender?.turn();
    await mailSender?.idle();
    waiting = (await db.select({ id: mails.id }).from(mails).where(isNull(mails.outcome)).limit(1)).length > 0;
  }
  const rows = await db
    .select({ kept: mails.kept })
    .from(mails)
    .where(eq(mails.recipient, address))
    .orderBy(asc(mails.createdAt), asc(mails.id));
  return rows.flatMap(({ kept }) => (kept === null ? [] : [kept]));
}

/** The token of the link to this path in the newest mail that has one. */
export function tokenIn(mailbox: readonly MailContent[], path: string): string {
  const links = mailbox.flatMap(({ text }) => /\S+\?token=\S+/.exec(text) ?? []);
  const link = links.findLast((url) => new URL(url).pathname === path);
  if (link === undefined) throw new Error(`There is no link to ${path} in these mails.`);
  return new URL(link).searchParams.get("token") ?? "";
}
