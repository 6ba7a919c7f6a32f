import { type ClientName, type ServiceName, serviceNames } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import type { Log } from "@countersign/context";
import { type OpenOptions, openDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { ConfigurationError, createShutdown, type Shutdown } from "@countersign/service";
import { plainName, startPlainService } from "../plain/start-plain-service.ts";
import type { DoorNames } from "./open-doors.ts";
import { prepare, seedDemo } from "./prepare.ts";
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
  /** `nats://…`; revocations travel through PostgreSQL unless told. */
  readonly eventsUrl?: string | undefined;
  readonly publicUrl: string;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly seed: boolean;
  readonly portOf: (name: DoorNames) => number;
  /** The environment that the processes inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
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
    return { url: options.publicUrl, origins, demo, announceStop, stop: () => shutdown.run() };
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
  const { portOf } = options;
  let isEnding = false;
  const onLost = (name: string) => void (isEnding || options.onLost(name));
  const common = commonEnv(options);
  const start = async (name: DoorNames, health: string, own: Record<string, string> = {}): Promise<Child> => {
    const delay = name === "gateway" ? {} : { SHUTDOWN_DELAY_SECONDS: "0" };
    const env = { ...common, ...delay, ...own, PORT: String(portOf(name)) };
    const child = startChild({ name, env, onLost });
    shutdown.add(() => child.stop());
    await child.answers(`http://127.0.0.1:${portOf(name)}${health}`);
    return child;
  };
  await start("auth", "/health/ready", { SECRETS_KEY: encodeSecrets(options.secrets) });
  const domain = serviceNames.filter((name) => name !== "auth");
  await Promise.all(domain.map((name) => start(name, "/health/ready", { SERVICE_KEY_FILE: keyFiles.get(name) ?? "" })));
  const gatewayKey = { SERVICE_KEY_FILE: keyFiles.get("gateway") ?? "" };
  const gateway = await start("gateway", "/health", { ...gatewayKey, ...(await startPlain(options, shutdown)) });
  shutdown.add(() => {
    isEnding = true;
  });
  return gateway;
}

/** With the demo data comes the service that is no tRPC; the gateway is told where. */
async function startPlain({ seed, publicUrl, portOf, env }: ServicesOptions, shutdown: Shutdown) {
  if (!seed || env["UPSTREAMS"] !== undefined) return {};
  const gateway = `http://127.0.0.1:${portOf("gateway")}`;
  const plain = await startPlainService({ issuer: publicUrl, gateway });
  shutdown.add(() => plain.stop());
  return { UPSTREAMS: `${plainName}=${plain.url}` };
}

/** What every process is told. The secrets are auth's alone, so what the environment says of them goes no further. */
function commonEnv(options: ServicesOptions): Record<string, string> {
  const { databaseUrl, publicUrl, algorithm, eventsUrl } = options;
  const { SECRETS_KEY: _secrets, SECRETS_KEY_FILE: _file, ...others } = options.env;
  const { DATABASE_URL_FILE: _database, EVENTS_URL_FILE: _events, ...inherited } = others; // read here, and told below
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) env[name] = value;
  for (const [name, url] of Object.entries(originsOf(options))) env[`${name.toUpperCase()}_URL`] = url;
  const events = eventsUrl === undefined ? {} : { EVENTS_URL: eventsUrl };
  return { ...env, DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl, TOKEN_ALG: algorithm, ...events };
}

function encodeSecrets(secrets: readonly Uint8Array[]): string {
  return secrets.map((secret) => Buffer.from(secret).toString("base64")).join(",");
}

function originsOf({ portOf }: ServicesOptions): Record<DoorNames, string> {
  const names: readonly DoorNames[] = ["gateway", ...serviceNames];
  const origins = names.map((name) => [name, `http://127.0.0.1:${portOf(name)}`]);
  return Object.fromEntries(origins) as Record<ServiceName | "gateway", string>; // one for every name
}
