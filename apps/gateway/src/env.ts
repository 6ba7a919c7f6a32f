import { gatewayPort, type ServiceName, serviceNames } from "@countersign/access";
import {
  brokerSettings,
  databaseSettings,
  insecureSharedSecretSettings,
  limitSettings,
  localOrigins,
  setting,
  shutdownSettings,
  tracingSettings,
} from "@countersign/service";
import { z } from "zod";

/** The environment of the gateway; `.env.example` has a line on each variable. */
export const gatewayEnv = z.object({
  ...serviceUrls(),
  PORT: setting.port(gatewayPort),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: setting.origin(`http://localhost:${gatewayPort}`),
  UPSTREAMS: upstreams(),
  WEB_URL: instances().optional(),
  ASSERTED_SERVICES: list(/,/)
    .pipe(z.array(z.enum(serviceNames)))
    .default([]),
  ALLOWED_ORIGINS: origins().default([]),
  TRUSTED_PROXIES: setting.networks().default([]),
  ...brokerSettings,
  DATABASE_URL: setting.postgresUrl().optional(),
  ...databaseSettings,
  TOKEN_ALG: setting.algorithm(), // auth's: checked here too, since all processes of a deployment share one environment
  ...insecureSharedSecretSettings,
  GATEWAY_KEYS_FILE: z.string().optional(),
  SERVICE_KEY_FILE: z.string().optional(),
  ...limitSettings,
  MAX_CONNECTIONS_PER_ADDRESS: atLeastOne().default(1_000),
  MAX_IN_FLIGHT: atLeastOne().default(1_000),
  METRICS_PORT: setting.portOrUnset(),
  ...tracingSettings,
  ...shutdownSettings,
  LOG_LEVEL: setting.logLevel("info"),
});

export type GatewaySettings = z.output<typeof gatewayEnv>;

/** Whether somebody is to take the gateway's word on who is calling. */
export function isBelieved({ UPSTREAMS, ASSERTED_SERVICES }: GatewaySettings): boolean {
  return Object.keys(UPSTREAMS).length + ASSERTED_SERVICES.length > 0;
}

/** Where the instances of each service are, by these settings. */
export function serviceOrigins(settings: GatewaySettings): Record<ServiceName, readonly string[]> {
  const found = serviceNames.map((name) => [name, settings[variableOf(name)]]);
  return Object.fromEntries(found) as Record<ServiceName, readonly string[]>; // one for every name
}

/** A variable for each service, its port on this machine unless set. */
function serviceUrls() {
  const local = localOrigins();
  const settings = serviceNames.map((name) => [variableOf(name), instances().default([local[name]])]);
  return Object.fromEntries(settings) as Record<UrlVariable, z.ZodDefault<ReturnType<typeof instances>>>; // one for every name
}

type UrlVariable = `${Uppercase<ServiceName>}_URL`;

function variableOf(name: ServiceName): UrlVariable {
  return `${name.toUpperCase()}_URL` as UrlVariable; // toUpperCase is typed as string only
}

/** Separated by commas. */
function origins() {
  return list(/,/).pipe(z.array(setting.origin("")));
}

/** The origins of one service's instances, separated by commas or bars. */
function instances() {
  return list(/[,|]/).pipe(z.array(setting.origin("")).min(1));
}

/** `name=origin|origin,…`: the name is the one below `/api/`. */
function upstreams() {
  const entry = z
    .string()
    .regex(/^[a-z][a-z0-9-]*=./, "is a list such as reports=http://127.0.0.1:5000,search=http://…");
  const parts = entry.transform((text): [string, string] => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return list(/,/)
    .pipe(z.array(parts.pipe(z.tuple([z.string(), instances()]))))
    .refine((given) => new Set(given.map(([name]) => name)).size === given.length, "has a name twice")
    .transform((given) => Object.fromEntries(given))
    .default({});
}

function list(separator: RegExp) {
  return z.string().transform((text): (string | undefined)[] => text.split(separator).map((entry) => entry.trim()));
}

function atLeastOne() {
  return z.coerce.number("is a number").int("is a whole number").min(1, "is at least 1");
}
