import type { MailSender, SmtpServer } from "@countersign/service";
import { createTransport } from "nodemailer";
import type { Delivery, Mailer, MailMessage } from "./mailer.ts";

/** How long an attempt may take, in milliseconds: for each silence of the server, and for all of it. */
export type Patience = { readonly silence: number; readonly whole: number };

const standardPatience: Patience = { silence: 15_000, whole: 50_000 };

/**
 * Hands mail to an SMTP server, a connection for each. The recipient stands in the envelope as it is and is never parsed
 * as a list, and the sender is the configured one. Where TLS is required and not to be had, nothing is sent: neither the
 * password nor a link goes over the network in the open.
 */
export function createSmtpMailer(
  { host, port, security, user, password }: SmtpServer,
  from: MailSender,
  patience: Patience = standardPatience,
): Mailer {
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(user === null ? {} : { auth: { user, pass: password ?? "" }, forceAuth: true }),
    connectionTimeout: patience.silence,
    greetingTimeout: patience.silence,
    socketTimeout: patience.silence,
    dnsTimeout: patience.silence,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send(message, closing) {
      const signal = AbortSignal.any([closing, AbortSignal.timeout(patience.whole)]);
      try {
        await transport.sendMail({ ...toMail(message, from), signal });
        return { result: "sent" };
      } catch (error) {
        return { result: "failed", ...describe(error) };
      }
    },
  };
}

function toMail({ id, to, subject, text }: MailMessage, from: MailSender) {
  const { address } = from;
  return {
    messageId: `<${id}@${address.slice(address.lastIndexOf("@") + 1)}>`,
    from,
    to: { name: "", address: to },
    envelope: { from: address, to: [to] },
    subject,
    text,
    // RFC 3834 §5: no holiday notice is sent in answer
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

/**
 * Only a refusal of this recipient or this text is permanent. When the sender or the password is refused, the
 * configuration is at fault, and the mail can be sent once that is mended.
 */
function describe(error: unknown): Omit<Extract<Delivery, { result: "failed" }>, "result"> {
  const { responseCode, command, code, response } = Object(error) as Readonly<Record<string, unknown>>; // read as unknown
  const isAboutMail = command === "RCPT TO" || command === "DATA";
  const permanent = isAboutMail && typeof responseCode === "number" && responseCode >= 500;
  const [status] = (typeof response === "string" ? /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response) : null) ?? [];
  return { permanent, reason: status ?? (typeof code === "string" ? code.toLowerCase() : "unknown") };
}
