import type { MailSender, SmtpServer } from "@countersign/service";
import type { Patience } from "./smtp-mailer.ts";

/** By a mail server; or into the database, to be read at `/auth/dev/mails` in development. */
export type MailOptions =
  | { readonly kind: "smtp"; readonly server: SmtpServer; readonly from: MailSender; readonly patience?: Patience }
  | { readonly kind: "outbox" };
