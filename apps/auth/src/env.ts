import path from "node:path";
import { services } from "@countersign/access";
import {
  brokerSettings,
  databaseSettings,
  insecureSharedSecretSettings,
  limitSettings,
  setting,
  shutdownSettings,
  tracingSettings,
} from "@countersign/service";
import { z } from "zod";
import { auditSettings } from "./audit/audit-settings.ts";
import { tokenScopeSettings } from "./oauth/token-scope.ts";
import { secretSettings } from "./secrets/read-secrets.ts";
import { sessionSettings } from "./sessions/session-settings.ts";

/** The environment of auth as a process of its own; `.env.example` has a line on each variable. */
export const authEnv = z.object({
  PORT: setting.port(services.auth.port),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: setting.databaseUrl(),
  ...databaseSettings,
  ...brokerSettings,
  PUBLIC_URL: setting.origin("http://localhost:4000"),
  TOKEN_ALG: setting.algorithm(),
  ...insecureSharedSecretSettings,
  ...secretSettings,
  ...auditSettings,
  ...sessionSettings,
  ...tokenScopeSettings,
  TRUSTED_PROXIES: setting.networks(),
  ...limitSettings,
  ...tracingSettings,
  ...shutdownSettings,
  LOG_LEVEL: setting.logLevel("info"),
});

/** The environment of the commands; the database is the one that the service has. */
export const commandEnv = z.object({
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: setting.databaseUrl().optional(),
  TOKEN_ALG: setting.algorithmOrUnset(),
  ...secretSettings,
  SERVICE_KEYS_DIR: z.string().optional(),
});

export type CommandSettings = z.output<typeof commandEnv>;

/** Where the commands find the database: the embedded one of the data directory unless told. */
export function databaseUrlOf({ DATABASE_URL, DATA_DIR }: CommandSettings): string {
  return DATABASE_URL ?? `file:${path.resolve(DATA_DIR, "database")}`;
}

/** Where the private keys of services lie. */
export function keysDirectoryOf({ SERVICE_KEYS_DIR, DATA_DIR }: CommandSettings): string {
  return path.resolve(SERVICE_KEYS_DIR ?? path.join(DATA_DIR, "keys"));
}
