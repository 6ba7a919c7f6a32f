import { and, asc, count, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { type MailContent, type MailOutcome, mails } from "../schema-mail.ts";
import type { Delivery, Mailer } from "./mailer.ts";
import type { MailRow } from "./template.ts";
import { findTemplate } from "./templates.ts";

export type SendDeps = Pick<RouterDeps, "db" | "now" | "random" | "log" | "issuer" | "linkTokens" | "signInByMail"> & {
  /** Null in development, where mails are kept to be read. */
  readonly mailer: Mailer | null;
  /** Counts what came of an attempt. */
  readonly counted: (outcome: MailOutcome | "retried") => void;
  /** Told why an attempt failed. */
  readonly complain: (reason: string) => void;
  /** Aborts when the process ends. */
  readonly closing: AbortSignal;
};

/** How long a process has a mail for itself, longer than an attempt takes; and the longest pause after a failure. In ms. */
const lease = 90_000;
const longestPause = 15 * 60_000;

/**
 * Takes mails that are due, for this process alone. Of two processes one gets each; if it dies while it sends, the other
 * one sends the mail again when the lease is over, with the same Message-ID.
 */
export async function claimMails({ db, now }: SendDeps, limit: number): Promise<readonly MailRow[]> {
  const at = now();
  // A moment far ahead was written by a clock that has been set back since
  const isDue = or(lte(mails.dueAt, new Date(at)), gt(mails.dueAt, new Date(at + 2 * longestPause)));
  const due = db
    .select({ id: mails.id })
    .from(mails)
    .where(and(isNull(mails.outcome), isDue))
    .orderBy(asc(mails.dueAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  return await db
    .update(mails)
    .set({ dueAt: new Date(at + lease), attempts: sql`${mails.attempts} + 1` })
    .where(inArray(mails.id, due))
    .returning();
}

/** How many mails wait to be sent. */
export async function countWaiting({ db }: SendDeps): Promise<number> {
  const [row] = await db.select({ waiting: count() }).from(mails).where(isNull(mails.outcome));
  return row?.waiting ?? 0;
}

/** Composes a mail that was claimed, sends it, and writes down what came of it. */
export async function sendMail(deps: SendDeps, mail: MailRow): Promise<void> {
  const template = findTemplate(mail.template);
  if (template === null) return await retry(deps, mail, "unknown_template");
  const endsAt = mail.createdAt.getTime() + template.life;
  if (deps.now() >= endsAt) return await fail(deps, mail, mail.reason ?? "too_late");
  const content = await deps.db.transaction((tx) => template.compose(tx, mail, deps));
  if (content === null) return await settle(deps, mail, { outcome: "dropped" });
  if (deps.mailer === null) return await settle(deps, mail, { outcome: "sent", kept: content });
  const delivery = await deps.mailer.send({ id: mail.id, to: mail.recipient, ...content }, deps.closing);
  await writeDown(deps, mail, delivery);
}

async function writeDown(deps: SendDeps, mail: MailRow, delivery: Delivery): Promise<void> {
  if (delivery.result === "sent") return await settle(deps, mail, { outcome: "sent" });
  if (delivery.permanent) return await fail(deps, mail, delivery.reason);
  await retry(deps, mail, delivery.reason);
}

type Settled = { readonly outcome: MailOutcome; readonly reason?: string; readonly kept?: MailContent };

async function settle(deps: SendDeps, mail: MailRow, settled: Settled): Promise<void> {
  await deps.db
    .update(mails)
    .set({ ...settled, settledAt: new Date(deps.now()) })
    .where(isOurs(mail));
  deps.counted(settled.outcome);
}

/** The mail server's last word, or ours: the mail's time is over. An operator sees it in the log and in the audit log. */
async function fail(deps: SendDeps, mail: MailRow, reason: string): Promise<void> {
  await settle(deps, mail, { outcome: "failed", reason });
  const { id, template, attempts } = mail;
  const entry = { action: "mail.failed", outcome: "refused", actor: "system", subject: id, reason } as const;
  await record(deps.db, { ...entry, detail: { template, attempts } }, { at: deps.now(), from: null });
  deps.log.warn({ mail: id, template, attempts, reason }, "A mail could not be sent.");
}

async function retry(deps: SendDeps, mail: MailRow, reason: string): Promise<void> {
  const pause = Math.min(5_000 * 2 ** Math.min(mail.attempts - 1, 10), longestPause) * (1 + deps.random() / 4);
  const dueAt = new Date(deps.now() + (deps.closing.aborted ? 0 : pause));
  await deps.db.update(mails).set({ reason, dueAt }).where(isOurs(mail));
  deps.counted("retried");
  deps.complain(reason);
}

/** Unless the lease ran out and another process has it now. */
function isOurs({ id, attempts }: MailRow) {
  return and(eq(mails.id, id), eq(mails.attempts, attempts), isNull(mails.outcome));
}
