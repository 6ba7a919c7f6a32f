import { type ServiceName, serviceNames } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import type { Log } from "@countersign/context";
import { openDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { ConfigurationError } from "@countersign/service";
import type { DoorNames } from "./open-doors.ts";
import { type Prepared, prepare, seedDemo } from "./prepare.ts";
import { type Child, startChild } from "./start-child.ts";
import type { Platform } from "./start-platform.ts";
import { createStops, type Stops } from "./stops.ts";

export type ServicesOptions = {
  /** Where secrets and service keys lie. */
  readonly dataDir: string;
  /** `postgres://…`: several processes cannot share an embedded database. */
  readonly databaseUrl: string;
  /** The file of the secrets that seal keys and refresh tokens; one in `dataDir` unless told. */
  readonly secretsFile?: string | undefined;
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
};

/**
 * Starts every service as a process of its own on one PostgreSQL: prepares the database first, then auth, then the
 * services that trust it, then the gateway, each when the ones before it are ready.
 *
 * @throws ConfigurationError for a database that several processes cannot share.
 */
export async function startServices(options: ServicesOptions): Promise<Platform> {
  const stops = createStops();
  try {
    const prepared = await prepareServices(options);
    await startAll(options, prepared, stops);
    const origins = originsOf(options);
    return { url: options.publicUrl, origins, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function prepareServices({ databaseUrl, seed, ...options }: ServicesOptions): Promise<Prepared> {
  if (!/^postgres(ql)?:/.test(databaseUrl)) throw new ConfigurationError('DATABASE_URL: is "postgres://…"');
  const database = await openDatabase(databaseUrl);
  try {
    const prepared = await prepare(database, options);
    if (!seed) return prepared;
    const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
    const { publicUrl: issuer, algorithm, log } = options;
    const { secrets } = prepared;
    const own = { database, bus, issuer, algorithm, secrets, trustedProxies: [], log, now: Date.now };
    const opened = await auth.openAuth(own);
    await seedDemo(opened);
    await opened.chassis.feed.close();
    await bus.close();
    return prepared;
  } finally {
    await database.close();
  }
}

async function startAll(options: ServicesOptions, prepared: Prepared, stops: Stops): Promise<void> {
  const { portOf, onLost } = options;
  const common = commonEnv(options, prepared);
  const start = async (name: DoorNames, health: string, own: Record<string, string> = {}): Promise<Child> => {
    const env = { ...common, ...own, PORT: String(portOf(name)) };
    const child = startChild({ name, env, onLost });
    stops.add(() => child.stop());
    await child.answers(`http://127.0.0.1:${portOf(name)}${health}`);
    return child;
  };
  await start("auth", "/health/ready");
  const domain = serviceNames.filter((name) => name !== "auth");
  await Promise.all(
    domain.map((name) => start(name, "/health/ready", { SERVICE_KEY_FILE: prepared.keyFiles.get(name) ?? "" })),
  );
  await start("gateway", "/health");
}

function commonEnv(options: ServicesOptions, { secretsFile }: Prepared): Record<string, string> {
  const { databaseUrl, publicUrl, algorithm, eventsUrl } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.env)) if (value !== undefined) env[name] = value;
  for (const [name, url] of Object.entries(originsOf(options))) env[`${name.toUpperCase()}_URL`] = url;
  const events = eventsUrl === undefined ? {} : { EVENTS_URL: eventsUrl };
  const own = { DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl, TOKEN_ALG: algorithm, SECRETS_KEY_FILE: secretsFile };
  return { ...env, ...own, ...events };
}

function originsOf({ portOf }: ServicesOptions): Record<DoorNames, string> {
  const names: readonly DoorNames[] = ["gateway", ...serviceNames];
  const origins = names.map((name) => [name, `http://127.0.0.1:${portOf(name)}`]);
  return Object.fromEntries(origins) as Record<ServiceName | "gateway", string>; // one for every name
}
