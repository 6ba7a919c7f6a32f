import type { Database } from "@countersign/database";
import type { RouterDeps } from "../deps.ts";
import type { MailContent, mails } from "../schema-mail.ts";

export type MailRow = typeof mails.$inferSelect;

/** What templates work with. */
export type TemplateDeps = Pick<RouterDeps, "issuer" | "linkTokens" | "now" | "signInByMail">;

/** One kind of mail. */
export type Template = {
  /** For how long sending it is tried, in milliseconds. */
  readonly life: number;
  /**
   * Says, at each attempt, what the mail says now; null when there is nothing to send any more. What has to be looked up
   * for a stranger's request is looked up here, behind the answer, which therefore takes as long for any address.
   *
   * @param tx a transaction, in which the link that it holds comes to be
   */
  readonly compose: (tx: Database, mail: MailRow, deps: TemplateDeps) => Promise<MailContent | null>;
};
