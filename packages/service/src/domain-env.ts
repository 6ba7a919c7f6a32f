import path from "node:path";
import { type ServiceName, serviceNames, services } from "@countersign/access";
import { z } from "zod";
import { databaseSettings } from "./database-settings.ts";
import { setting } from "./env.ts";
import { eventsSettings } from "./events-settings.ts";
import { insecureSharedSecretSettings } from "./insecure-shared-secret.ts";
import { limitSettings } from "./limits/settings.ts";
import { localOrigins } from "./local-origins.ts";
import { shutdownSettings } from "./shutdown-settings.ts";
import { tokenCheckSettings } from "./token-check-settings.ts";
import { tracingSettings } from "./tracing/settings.ts";

type OriginVariable = `${Uppercase<ServiceName>}_URL`;
type OriginSettings = Readonly<Partial<Record<OriginVariable, string>>>;

/** The environment of a domain service; `.env.example` has a line on each variable. */
export function domainEnv(service: ServiceName) {
  return z.object({
    ...originSettings(services[service].calls),
    PORT: setting.port(services[service].port),
    HOST: z.string().default("127.0.0.1"),
    DATABASE_URL: setting.databaseUrl(),
    ...databaseSettings,
    EVENTS_URL: setting.eventsSource(),
    ...eventsSettings,
    PUBLIC_URL: setting.origin("http://localhost:4000"),
    TOKEN_ALG: setting.algorithm(), // auth's: checked here too, since all processes of a deployment share one environment
    ...insecureSharedSecretSettings,
    ...tokenCheckSettings,
    SERVICE_KEY_FILE: z.string().default(path.join(".data", "keys", `${service}.json`)),
    TRUSTED_PROXIES: setting.networks(),
    ...limitSettings,
    ...tracingSettings,
    ...shutdownSettings,
    LOG_LEVEL: setting.logLevel("info"),
  });
}

/** A variable for the origin of each of these services: `PRODUCTS_URL` for products, its local port unless set. */
export function originSettings(names: readonly ServiceName[]) {
  const settings = names.map((name) => [variableOf(name), setting.origin(localOrigins()[name])]);
  return Object.fromEntries(settings) as Record<OriginVariable, ReturnType<typeof setting.origin>>; // of `names`, checked by `originsFrom`
}

/** Where each service is reached by these settings; its port on this machine for those that have no variable. */
export function originsFrom(settings: OriginSettings): Record<ServiceName, string> {
  const origins = localOrigins();
  for (const name of serviceNames) origins[name] = settings[variableOf(name)] ?? origins[name];
  return origins;
}

function variableOf(name: ServiceName): OriginVariable {
  return `${name.toUpperCase()}_URL` as OriginVariable; // toUpperCase is typed as string only
}
