import path from "node:path";
import type { Log } from "@countersign/context";
import { ConfigurationError, type SettingsOf } from "@countersign/service";
import type { MailOptions } from "./mail/mail-options.ts";

/** Where checkpoints of the audit log go; nowhere but to auth's own log when neither is given. */
export type CheckpointSettings = { readonly file?: string | undefined; readonly url?: string | undefined };

/** The part of the settings that says where checkpoints go. */
export function checkpointsOf(
  settings: Pick<SettingsOf<"auth">, "AUDIT_CHECKPOINT_FILE" | "AUDIT_CHECKPOINT_URL">,
): CheckpointSettings {
  return { file: settings.AUDIT_CHECKPOINT_FILE, url: settings.AUDIT_CHECKPOINT_URL };
}

/** How long a refresh token that was used gives its successor again: to clients with cookies, and to the others. In ms. */
export function sessionLifeOf(
  settings: Pick<SettingsOf<"auth">, "REFRESH_GRACE_SECONDS" | "REFRESH_GRACE_BEARER_SECONDS">,
): { grace: number; bearerGrace: number } {
  return {
    grace: settings.REFRESH_GRACE_SECONDS * 1000,
    bearerGrace: settings.REFRESH_GRACE_BEARER_SECONDS * 1000,
  };
}

/**
 * How mail is sent: by the server of SMTP_URL. Without one, mails are kept to be read in development, and in production
 * there are none, which is said.
 *
 * @throws ConfigurationError when one of SMTP_URL and MAIL_FROM is set without the other
 */
export function mailOf(
  { SMTP_URL, MAIL_FROM, NODE_ENV }: Pick<SettingsOf<"auth">, "SMTP_URL" | "MAIL_FROM" | "NODE_ENV">,
  log: Log,
): MailOptions | null {
  if (SMTP_URL !== undefined && MAIL_FROM !== undefined) return { kind: "smtp", server: SMTP_URL, from: MAIL_FROM };
  if (SMTP_URL !== undefined)
    throw new ConfigurationError("MAIL_FROM: is missing; SMTP_URL needs an address to send from");
  if (MAIL_FROM !== undefined)
    throw new ConfigurationError("SMTP_URL: is missing; MAIL_FROM needs a server to send by");
  if (NODE_ENV !== "production") return { kind: "outbox" };
  log.warn({}, "SMTP_URL is not set: no mail is sent, so that nobody can reset a password but an administrator.");
  return null;
}

/**
 * Whether an account is made only once its mailbox is proved; undefined for what auth does by itself.
 *
 * @throws ConfigurationError where it is asked for and no mail is sent
 */
export function confirmsRegistrationOf(
  { REGISTRATION }: Pick<SettingsOf<"auth">, "REGISTRATION">,
  mail: MailOptions | null,
): boolean | undefined {
  if (REGISTRATION === "confirmed" && mail === null)
    throw new ConfigurationError("REGISTRATION: is confirmed, which needs mail: set SMTP_URL and MAIL_FROM");
  return REGISTRATION === undefined ? undefined : REGISTRATION === "confirmed";
}

/** What the commands read; the database is the one that the service has. */
export type CommandSettings = SettingsOf<"command">;

/** Where the commands find the database: the embedded one of the data directory by default. */
export function databaseUrlOf({ DATABASE_URL, DATA_DIR }: CommandSettings): string {
  return DATABASE_URL ?? `file:${path.resolve(DATA_DIR, "database")}`;
}

/** Where the private keys of services lie. */
export function keysDirectoryOf({
  SERVICE_KEYS_DIR,
  DATA_DIR,
}: Pick<CommandSettings, "SERVICE_KEYS_DIR" | "DATA_DIR">): string {
  return path.resolve(SERVICE_KEYS_DIR ?? path.join(DATA_DIR, "keys"));
}
