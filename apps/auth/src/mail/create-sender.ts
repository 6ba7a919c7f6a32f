import type { RouterDeps } from "../deps.ts";
import type { MailOptions } from "./mail-options.ts";
import { createMailSender } from "./mail-sender.ts";
import type { MailSender } from "./mail-sender-type.ts";
import type { SendDeps } from "./send-mail.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

type Deps = Omit<RouterDeps, "pusher" | "mailSender">;

/** The sender of mails, as configured; null for none. */
export function createSender(deps: Deps, options: MailOptions | null, counted: SendDeps["counted"]): MailSender | null {
  if (options === null || deps.mail === null) return null;
  const mailer = options.kind === "smtp" ? createSmtpMailer(options.server, options.from, options.patience) : null;
  return createMailSender({ ...deps, queue: deps.mail, mailer, counted });
}
