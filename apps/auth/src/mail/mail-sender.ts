import { and, lte, ne, or } from "drizzle-orm";
import { mails } from "../schema-mail.ts";
import type { MailQueue } from "./mail-queue.ts";
import type { MailSender } from "./mail-sender-type.ts";
import { claimMails, countWaiting, type SendDeps, sendMail } from "./send-mail.ts";

type SenderDeps = Omit<SendDeps, "closing" | "complain"> & {
  readonly queue: MailQueue;
  readonly careFailed: (work: string, error: unknown) => void;
};

const slots = 5;
/** How often the mails that wait are counted, and how often a failure is said, in milliseconds. */
const every = { count: 5_000, complaint: 60_000 };
const day = 24 * 3600_000;
const kept = { sent: day, failed: 30 * day };
const closesWithin = 3_000;

export function createMailSender(deps: SenderDeps): MailSender {
  const { now, log, queue } = deps;
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  const isTimeToCount = atMostEvery(every.count, now);
  const isTimeToComplain = atMostEvery(every.complaint, now);
  const sending: SendDeps = {
    ...deps,
    closing: closing.signal,
    complain(reason) {
      if (isTimeToComplain()) log.warn({ reason, waiting: queue.waiting() }, "Mail is not taken; it is tried again.");
    },
  };
  const idle = async () => void (await Promise.all(running));

  return {
    async turn() {
      if (isTimeToCount()) queue.setWaiting(await countWaiting(sending));
      const free = slots - running.size;
      if (free <= 0 || closing.signal.aborted) return;
      for (const mail of await claimMails(sending, free)) {
        const sent = sendMail(sending, mail)
          .catch((error: unknown) => {
            deps.careFailed("mail", error);
            log.warn({ err: error, mail: mail.id }, "A mail could not be worked on; it is tried again.");
          })
          .finally(() => running.delete(sent));
        running.add(sent);
      }
    },
    idle,
    async close() {
      const timer = setTimeout(() => closing.abort(), closesWithin);
      await idle();
      clearTimeout(timer);
      closing.abort();
    },
    async sweep() {
      const isOld = (age: number) => lte(mails.settledAt, new Date(now() - age));
      const isDone = and(ne(mails.outcome, "failed"), isOld(kept.sent));
      await deps.db.delete(mails).where(or(isDone, isOld(kept.failed)));
    },
  };
}

/** Whether it is time again; a clock that is set back makes it time. */
function atMostEvery(interval: number, now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (Math.abs(now() - last) < interval) return false;
    last = now();
    return true;
  };
}
