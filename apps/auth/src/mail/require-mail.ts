import { Refusal } from "@countersign/context";
import type { AuthDeps } from "../deps.ts";
import type { MailQueue } from "./mail-queue.ts";

/**
 * The queue of mail, for what cannot be done without.
 *
 * @throws Refusal NOT_FOUND where auth sends no mail
 */
export function requireMail({ mail }: Pick<AuthDeps, "mail">): MailQueue {
  if (mail !== null) return mail;
  const message = "No mail is sent from here. Turn to an administrator, who can give you a new password.";
  throw new Refusal("NOT_FOUND", message, { reason: "no_mail" });
}
