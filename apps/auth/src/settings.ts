import path from "node:path";
import type { SettingsOf } from "@countersign/service";

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
