import { type ServiceName, serviceNames } from "@countersign/access";
import type { z } from "zod";
import { localOrigins } from "../local-origins.ts";
import * as kinds from "./kinds.ts";

/**
 * Who reads settings: a process of its own (the gateway, auth, a domain service), the two ways to run all of them on one
 * machine, the commands on auth's database, `npm run migrate`, and the demo.
 */
export type Reader = "gateway" | "auth" | "service" | "start" | "start:services" | "command" | "migrate" | "demo";

/** One variable of the environment. */
type Setting<Readings = Partial<Record<Reader, z.ZodType>>> = {
  /** How each of its readers reads it; one that is not named here does not read it. */
  readonly read: Readings;
  /** Whether the value may hold a password or a key: then it may also come from the file that `<name>_FILE` names. */
  readonly secret?: true;
};

const processes = ["gateway", "auth", "service"] as const;
const platforms = ["start", "start:services"] as const;

/** Why a grace of refresh tokens is short. */
const unnoticed = ": a stolen token is not noticed within it";

/**
 * Every setting, for all ways of running. `.env.example` has a line on each, docker-compose.yml gives each container what
 * its process reads, and the guide on operating says who reads what; a test holds all four to each other.
 */
const settings = {
  PORT: { read: by(kinds.port().optional(), ...processes, ...platforms, "demo") },
  HOST: { read: by(kinds.host().default("127.0.0.1"), ...processes, ...platforms) },
  DATA_DIR: { read: by(kinds.text().default(".data"), ...platforms, "command") },
  DATABASE_URL: {
    read: {
      ...by(kinds.postgresUrl().optional(), "gateway"),
      ...by(kinds.databaseUrl(), "auth", "service"),
      ...by(kinds.databaseUrl().optional(), "start", "command"),
      ...by(kinds.postgresUrl(), "start:services", "migrate"),
    },
    secret: true,
  },
  DATABASE_LISTEN_URL: { read: by(kinds.postgresUrl().optional(), ...processes, ...platforms), secret: true },
  DATABASE_PREPARE: {
    read: by(kinds.oneOf("on", "off").default("on"), ...processes, ...platforms, "command", "migrate"),
  },
  AUTH_SCHEMA: { read: by(kinds.schemaName().default("auth"), ...processes, ...platforms, "command", "migrate") },
  EVENTS_URL: {
    read: {
      ...by(kinds.natsUrl().optional(), "gateway", "auth", ...platforms),
      ...by(kinds.natsUrlOrAuth().optional(), "service"),
    },
    secret: true,
  },
  EVENTS_CREDENTIALS_FILE: {
    read: by(kinds.file("BEGIN NATS USER JWT", "a user's JWT and seed").optional(), ...processes, ...platforms),
  },
  EVENTS_CA_FILE: { read: by(kinds.file("BEGIN CERTIFICATE", "certificates").optional(), ...processes, ...platforms) },
  EVENTS_REPLICAS: {
    read: by(kinds.oneOf("1", "3", "5").default("1").transform(Number), ...processes, ...platforms),
  },
  PUBLIC_URL: {
    read: {
      ...by(kinds.origin().default("http://localhost:4000"), ...processes),
      ...by(kinds.origin().optional(), ...platforms, "demo"),
    },
  },
  TOKEN_ALG: {
    // Auth signs; the others check it too, since all processes of a deployment may share one environment.
    read: {
      ...by(kinds.oneOf("RS256", "ES256", "EdDSA").default("RS256"), ...processes, ...platforms),
      ...by(kinds.oneOf("RS256", "ES256", "EdDSA").optional(), "command"),
    },
  },
  SECRETS_KEY: {
    read: { ...by(kinds.secrets(), "auth"), ...by(kinds.secrets().optional(), ...platforms, "command") },
    secret: true,
  },
  INSECURE_SHARED_TOKEN_SECRET: { read: by(kinds.secrets().optional(), ...processes, ...platforms), secret: true },
  INSECURE_SHARED_TOKEN_SECRET_ACCEPTED: {
    read: by(kinds.secrets().optional(), ...processes, ...platforms),
    secret: true,
  },
  TOKEN_CHECK: {
    read: by(kinds.oneOf("keys", "introspection", "gateway").default("keys"), "service", ...platforms),
  },
  INTROSPECTION_CACHE_SECONDS: {
    read: by(seconds(0, 60, ": for so long a session that ended could go on").default(5), "service", ...platforms),
  },
  GATEWAY_URL: { read: by(kinds.origin().optional(), "service") },
  TOKEN_SCOPE: { read: by(kinds.oneOf("none", "permissions").default("none"), "auth", ...platforms) },
  AUDIT_RETENTION_DAYS: {
    read: by(kinds.wholeNumber("a number of days", 2, 36_500).default(400), "auth", ...platforms),
  },
  SMTP_URL: { read: by(kinds.smtpServer().optional(), "auth", ...platforms), secret: true },
  MAIL_FROM: { read: by(kinds.mailSender().optional(), "auth", ...platforms) },
  REGISTRATION: { read: by(kinds.oneOf("immediate", "confirmed").optional(), "auth", ...platforms) },
  SIGN_IN_BY_MAIL: { read: by(kinds.oneOf("off", "link", "code").default("off"), "auth", ...platforms) },
  MAX_SESSIONS_PER_USER: { read: by(atLeastOne().default(100), "auth", ...platforms) },
  REFRESH_GRACE_SECONDS: { read: by(seconds(10, 60, unnoticed).default(10), "auth", ...platforms) },
  REFRESH_GRACE_BEARER_SECONDS: { read: by(seconds(10, 300, unnoticed).default(10), "auth", ...platforms) },
  AUDIT_CHECKPOINT_FILE: { read: by(kinds.text().optional(), "auth", ...platforms) },
  AUDIT_CHECKPOINT_URL: { read: by(kinds.httpUrl().optional(), "auth", ...platforms), secret: true },
  GOOGLE_CLIENT_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  GOOGLE_CLIENT_SECRET: { read: by(kinds.word().optional(), "auth", ...platforms), secret: true },
  MICROSOFT_CLIENT_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  MICROSOFT_CLIENT_SECRET: { read: by(kinds.word().optional(), "auth", ...platforms), secret: true },
  MICROSOFT_TENANT: { read: by(kinds.word().default("common"), "auth", ...platforms) },
  GITHUB_CLIENT_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  GITHUB_CLIENT_SECRET: { read: by(kinds.word().optional(), "auth", ...platforms), secret: true },
  APPLE_CLIENT_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  APPLE_TEAM_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  APPLE_KEY_ID: { read: by(kinds.word().optional(), "auth", ...platforms) },
  APPLE_PRIVATE_KEY: { read: by(kinds.text().optional(), "auth", ...platforms), secret: true },
  OPENID_PROVIDERS: { read: by(kinds.text().optional(), "auth", ...platforms), secret: true },
  SIGN_IN_REDIRECTS: { read: by(kinds.redirects().default([]), "auth", ...platforms) },
  PROVIDER_NETWORKS: { read: by(kinds.networks().default([]), "auth", ...platforms) },
  SERVICE_KEY_FILE: { read: by(kinds.text().optional(), "gateway", "service") },
  SERVICE_KEYS_DIR: { read: by(kinds.text().optional(), ...platforms, "command") },
  ...serviceUrls(),
  UPSTREAMS: { read: by(kinds.upstreams().default({}), "gateway", ...platforms) },
  WEB_URL: { read: by(kinds.origins(/[,|]/).optional(), "gateway", ...platforms) },
  ASSERTED_SERVICES: { read: by(kinds.serviceList().optional(), "gateway", ...platforms) },
  GATEWAY_KEYS_FILE: { read: by(kinds.text().optional(), "gateway", ...platforms) },
  MAX_CONNECTIONS_PER_ADDRESS: { read: by(atLeastOne().default(1_000), "gateway", ...platforms) },
  MAX_IN_FLIGHT: { read: by(atLeastOne().default(1_000), "gateway", ...platforms) },
  ALLOWED_ORIGINS: { read: by(kinds.origins().default([]), "gateway", ...platforms) },
  TRUSTED_PROXIES: {
    // Of a platform on one machine, those of its gateway: its services trust the gateway itself.
    read: {
      ...by(kinds.networks().default([]), "gateway", ...platforms),
      ...by(kinds.networks().default(["127.0.0.1/32", "::1/128"]), "auth", "service"),
    },
  },
  REDIS_URL: { read: by(kinds.redisUrl().optional(), ...processes, ...platforms), secret: true },
  LIMITS: {
    read: by(
      kinds.limitSizes().default(() => new Map()),
      ...processes,
      ...platforms,
    ),
  },
  MAX_STREAMS_PER_USER: { read: by(atLeastOne().optional(), ...processes, ...platforms) },
  MAX_STREAMS_PER_ADDRESS: { read: by(atLeastOne().optional(), ...processes, ...platforms) },
  NODE_ENV: { read: by(kinds.text().optional(), ...processes, ...platforms) },
  SHUTDOWN_DELAY_SECONDS: { read: by(kinds.seconds(300).optional(), ...processes, ...platforms) },
  METRICS_PORT: { read: by(kinds.port().optional(), "gateway", ...platforms) },
  OTEL_EXPORTER_OTLP_ENDPOINT: { read: by(kinds.collectorUrl().optional(), ...processes, ...platforms) },
  OTEL_TRACES_SAMPLER_ARG: { read: by(kinds.ratio().default(1), ...processes, ...platforms) },
  LOG_LEVEL: {
    read: {
      ...by(logLevel().default("info"), ...processes),
      ...by(logLevel().default("warn"), ...platforms),
    },
  },
} as const satisfies Readonly<Record<string, Setting>>;

type Settings = typeof settings;

/** The name of a setting. */
export type SettingName = keyof Settings;

/** The names of the settings, in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[]; // the keys of a const object

type SchemasOf<Who extends Reader> = {
  [Name in SettingName as Settings[Name]["read"] extends Readonly<Record<Who, z.ZodType>>
    ? Name
    : never]: Settings[Name]["read"] extends Readonly<Record<Who, infer Schema extends z.ZodType>> ? Schema : never;
};

/** What a reader gets: a value for each of its settings. */
export type SettingsOf<Who extends Reader> = {
  readonly [Name in keyof SchemasOf<Who>]: z.output<SchemasOf<Who>[Name]>;
};

/** How this reader reads this setting; undefined where it does not. */
export function readingOf(reader: Reader, name: SettingName): z.ZodType | undefined {
  const { read }: Setting = settings[name];
  return read[reader];
}

/** Whether the value of a setting is a secret, which may come from a file. */
export function isSecretSetting(name: SettingName): boolean {
  return "secret" in settings[name];
}

function by<Schema extends z.ZodType, Who extends Reader>(schema: Schema, ...readers: readonly Who[]) {
  return Object.fromEntries(readers.map((reader) => [reader, schema])) as Readonly<Record<Who, Schema>>; // one for each
}

type ServiceUrl = `${Uppercase<ServiceName>}_URL`;

/** The variable that says where a service is reached. */
export function serviceUrlOf(service: ServiceName): ServiceUrl {
  return `${service.toUpperCase()}_URL` as ServiceUrl; // toUpperCase is typed as string only
}

/** Where each service is reached: its port on this machine by default, at the gateway in several instances. */
function serviceUrls() {
  const local = localOrigins();
  const each = (service: ServiceName) => ({
    read: {
      ...by(kinds.origins(/[,|]/).default([local[service]]), "gateway"),
      ...by(kinds.origin().default(local[service]), "service"),
    },
  });
  const urls = serviceNames.map((service) => [serviceUrlOf(service), each(service)]);
  return Object.fromEntries(urls) as Readonly<Record<ServiceUrl, ReturnType<typeof each>>>; // one for every service
}

function logLevel() {
  return kinds.oneOf("debug", "info", "warn", "error", "silent");
}

function atLeastOne() {
  return kinds.wholeNumber("a whole number", 1);
}

function seconds(least: number, most: number, why: string) {
  return kinds.wholeNumber("a whole number of seconds", least, { at: most, why });
}
