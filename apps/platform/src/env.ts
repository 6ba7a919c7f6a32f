import { gatewayPort } from "@countersign/access";
import { auditSettings, secretSettings, sessionSettings, tokenScopeSettings } from "@countersign/auth/app";
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

/** The environment of the platform, every service in one process; `.env.example` has a line on each variable. */
export const platformEnv = z.object({
  PORT: setting.port(gatewayPort),
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: setting.databaseUrl().optional(),
  ...databaseSettings,
  ...brokerSettings,
  ...secretSettings,
  ...insecureSharedSecretSettings,
  ...auditSettings,
  ...sessionSettings,
  ...tokenScopeSettings,
  ...limitSettings,
  PUBLIC_URL: setting.originOrUnset(),
  TOKEN_ALG: setting.algorithm(),
  ...shutdownSettings,
  METRICS_PORT: setting.portOrUnset(),
  ...tracingSettings,
  LOG_LEVEL: setting.logLevel("warn"),
});

/** The environment of `npm run start:services`, each service as a process of its own. */
export const servicesEnv = z.object({
  PORT: setting.port(gatewayPort),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: setting.postgresUrl(),
  ...databaseSettings,
  ...brokerSettings,
  ...secretSettings,
  ...insecureSharedSecretSettings,
  PUBLIC_URL: setting.origin("http://localhost:4000"),
  TOKEN_ALG: setting.algorithm(),
  ...shutdownSettings,
  LOG_LEVEL: setting.logLevel("warn"),
});
