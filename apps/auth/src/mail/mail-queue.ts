import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { type MailParams, mails } from "../schema-mail.ts";
import type { TemplateName } from "./template-name.ts";

/** A mail that is to be sent. */
export type NewMail = {
  /** Where a link is made before the mail is composed, the id of both. */
  readonly id?: string;
  readonly to: string;
  readonly template: TemplateName;
  /** What its template reads, such as the id of the user; never a credential. */
  readonly params?: MailParams;
  /** Milliseconds. */
  readonly at: number;
};

/** Where mail waits until it is sent. */
export type MailQueue = {
  /** Whether mails are kept to be read in development, and not sent. */
  readonly isOutbox: boolean;
  /** Writes a mail into the transaction of its cause, so that neither stands without the other. Sends nothing yet. */
  add(tx: Database, mail: NewMail): Promise<void>;
  /**
   * Refuses what strangers can cause while too much waits already.
   *
   * @throws Refusal SERVICE_UNAVAILABLE
   */
  refuseWhenFull(): void;
  /** Told how many mails wait, from time to time. */
  setWaiting(count: number): void;
  waiting(): number;
};

/** A mail is some hundred bytes; a mail server takes some thousands in ten minutes. */
const most = 10_000;

export function createMailQueue(newId: () => string, isOutbox: boolean): MailQueue {
  let waiting = 0;
  return {
    isOutbox,
    async add(tx, { id = newId(), to, template, params = {}, at }) {
      const moment = new Date(at);
      await tx.insert(mails).values({ id, recipient: to, template, params, createdAt: moment, dueAt: moment });
    },
    refuseWhenFull() {
      if (waiting < most) return;
      const options = { reason: "mail_queue_full", retryAfterSeconds: 60 };
      throw new Refusal("SERVICE_UNAVAILABLE", "Too many mails wait to be sent; try again later.", options);
    },
    setWaiting(count) {
      waiting = count;
    },
    waiting: () => waiting,
  };
}
