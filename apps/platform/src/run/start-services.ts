import { type ClientName, type ServiceName, serviceNames } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import type { Log } from "@countersign/context";
import { type OpenOptions, openDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { ConfigurationError, createShutdown, type Env, type Shutdown, serviceUrlOf, toUrl } from "@countersign/service";
import { plainName, startPlainService } from "../plain/start-plain-service.ts";
import { childEnv } from "./child-env.ts";
import type { DoorNames } from "./open-doors.ts";
import { doorNames } from "./ports.ts";
import { prepare, seedDemo } from "./prepare.ts";
import { loopback } from "./shared.ts";
import { type Child, startChild } from "./start-child.ts";
import type { Platform } from "./start-platform.ts";

export type ServicesOptions = {
  /** Where service keys lie. */
  readonly dataDir: string;
  /** `postgres://…`: several processes cannot share an embedded database. */
  readonly databaseUrl: string;
  /** How a PostgreSQL is spoken to: prepared statements, and where it is listened to. */
  readonly databaseOptions?: OpenOptions | undefined;
  /** The secrets that seal keys and refresh tokens, current first. */
  readonly secrets: readonly Uint8Array[];
  readonly publicUrl: string;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly seed: boolean;
  /** Where the keys of services lie; in `keys` of `dataDir` by default. */
  readonly keysDir?: string | undefined;
  /** The address on which the gateway listens; the services listen on 127.0.0.1. */
  readonly hostname: string;
  readonly portOf: (name: DoorNames) => number;
  /** The services that take the gateway's word on users; none by default. */
  readonly asserted?: readonly ServiceName[];
  /** The environment that the processes inherit, each of it what it reads. */
  readonly env: Env;
  readonly log: Log;
  /** Told when a process ends by itself. */
  readonly onLost: (name: string) => void;
  /** Gets a hook for every process; one of its own by default. `Platform.stop` runs it. */
  readonly shutdown?: Shutdown;
};

/**
 * Starts every service as a process of its own on one PostgreSQL: prepares the database first, then auth, then the
 * services that trust it, then the gateway, each when the ones before it are ready.
 *
 * @throws ConfigurationError for a database that several processes cannot share, and for accounts of the demo where there
 * must be none.
 */
export async function startServices(options: ServicesOptions): Promise<Platform> {
  const shutdown = options.shutdown ?? createShutdown();
  try {
    const { keyFiles, demo } = await prepareServices(options);
    const gateway = await startAll(options, keyFiles, shutdown);
    const origins = originsOf(options);
    const announceStop = () => void gateway.stop(); // its end is waited for by its hook
    return { url: options.publicUrl, origins, demo, demoProvider: false, announceStop, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

type KeyFiles = ReadonlyMap<ClientName, string>;

type Prepared = { readonly keyFiles: KeyFiles; readonly demo: boolean };

async function prepareServices({ databaseUrl, seed, ...options }: ServicesOptions): Promise<Prepared> {
  if (!/^postgres(ql)?:/.test(databaseUrl)) throw new ConfigurationError('DATABASE_URL: is "postgres://…"');
  const database = await openDatabase(databaseUrl, options.databaseOptions);
  try {
    const keyFiles = await prepare(database, options);
    if (!seed) {
      await auth.refuseDemoAccounts(database.db); // auth's own process refuses as well, with a longer story
      return { keyFiles, demo: false };
    }
    const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
    const { publicUrl: issuer, algorithm, secrets, log } = options;
    const own = { database, bus, issuer, algorithm, secrets, trustedProxies: [], demo: seed, log, now: Date.now };
    const opened = await auth.openAuth(own);
    const demo = await seedDemo(opened);
    await opened.chassis.feed.close();
    await bus.close();
    return { keyFiles, demo };
  } finally {
    await database.close();
  }
}

/** Gives the gateway, which alone has a delay when it is told to end: the others end after it. */
async function startAll(options: ServicesOptions, keyFiles: KeyFiles, shutdown: Shutdown): Promise<Child> {
  let isEnding = false;
  const onLost = (name: string) => void (isEnding || options.onLost(name));
  const origins = originsOf(options);
  const common = {
    ...Object.fromEntries(serviceNames.map((name) => [serviceUrlOf(name), origins[name]])),
    DATABASE_URL: options.databaseUrl,
    PUBLIC_URL: options.publicUrl,
    TOKEN_ALG: options.algorithm,
  };
  const start = async (name: DoorNames, own: Env): Promise<Child> => {
    const reader = name === "gateway" || name === "auth" ? name : "service";
    const port = String(options.portOf(name));
    const env = childEnv(reader, options.env, { ...common, ...own, PORT: port });
    const child = startChild({ name, env, onLost });
    shutdown.add(() => child.stop());
    await child.answers(`${origins[name]}${name === "gateway" ? "/health" : "/health/ready"}`);
    return child;
  };
  await start("auth", { SECRETS_KEY: encodeSecrets(options.secrets), ...internal });
  const domain = serviceNames.filter((name) => name !== "auth");
  await Promise.all(domain.map((name) => start(name, domainEnv(name, keyFiles, options))));
  const upstreams = await startPlain(options, shutdown);
  const gateway = await start("gateway", {
    HOST: options.hostname,
    SERVICE_KEY_FILE: keyFiles.get("gateway"),
    ASSERTED_SERVICES: options.asserted?.join(","),
    UPSTREAMS: upstreams,
  });
  shutdown.add(() => {
    isEnding = true;
  });
  return gateway;
}

/** A service is reached by the gateway alone, which stands on the same machine and says who the client is. */
const internal = { HOST: "127.0.0.1", TRUSTED_PROXIES: loopback.join(","), SHUTDOWN_DELAY_SECONDS: "0" };

function domainEnv(name: ServiceName, keyFiles: KeyFiles, options: ServicesOptions): Env {
  const isAsserted = options.asserted?.includes(name) ?? false;
  const byKeys = options.env["TOKEN_CHECK"] === "gateway" && !isAsserted;
  return {
    ...internal,
    SERVICE_KEY_FILE: keyFiles.get(name),
    GATEWAY_URL: originsOf(options).gateway,
    ...(byKeys ? { TOKEN_CHECK: "keys" } : {}),
  };
}

/** With the demo data comes the service that is no tRPC; gives the upstreams with it. */
async function startPlain(options: ServicesOptions, shutdown: Shutdown): Promise<string | undefined> {
  const { UPSTREAMS: given = "" } = options.env;
  if (!options.seed || new RegExp(`(^|,) *${plainName}=`).test(given)) return undefined;
  const plain = await startPlainService({ issuer: options.publicUrl, gateway: originsOf(options).gateway });
  shutdown.add(() => plain.stop());
  return [`${plainName}=${plain.url}`, ...(given === "" ? [] : [given])].join(",");
}

function encodeSecrets(secrets: readonly Uint8Array[]): string {
  return secrets.map((secret) => Buffer.from(secret).toString("base64")).join(",");
}

function originsOf({ portOf, hostname }: ServicesOptions): Record<DoorNames, string> {
  const origins = doorNames.map((name) => [name, toUrl(name === "gateway" ? hostname : "127.0.0.1", portOf(name))]);
  return Object.fromEntries(origins) as Record<DoorNames, string>; // one for every name
}
