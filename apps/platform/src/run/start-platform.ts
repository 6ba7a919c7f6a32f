import path from "node:path";
import { type ServiceName, serviceNames } from "@countersign/access";
import type { ProviderSettings } from "@countersign/auth/app";
import * as auth from "@countersign/auth/app";
import { openDatabase } from "@countersign/database";
import * as gateway from "@countersign/gateway/app";
import {
  createMetrics,
  createShutdown,
  createTransport,
  createTrustedNetworks,
  fetchOver,
  observeLimits,
  openBus,
  openLimits,
  type Shutdown,
  serveMetrics,
  watchLoopDelay,
} from "@countersign/service";
import { startDemoProvider } from "../demo-provider/start-demo-provider.ts";
import { plainName, startPlainService } from "../plain/start-plain-service.ts";
import { domainServices } from "../services.ts";
import { type DoorNames, type Doors, openDoors } from "./open-doors.ts";
import { prepare, seedDemo } from "./prepare.ts";
import { loopback, type PlatformOptions, type Shared } from "./shared.ts";
import { startDomain } from "./start-domain.ts";

/** A running platform. */
export type Platform = {
  /** The public origin. */
  readonly url: string;
  /** Where the numbers of the gateway are read; null where they are not. */
  readonly metricsUrl?: string | null;
  /** Where each service itself listens. */
  readonly origins: Readonly<Record<DoorNames, string>>;
  /** Whether the demo users are there to sign in as. */
  readonly demo: boolean;
  /** Whether people can sign in with the demo provider. */
  readonly demoProvider: boolean;
  /** Tells clients with a kept connection that it ends; requests are still taken. */
  readonly announceStop: () => void;
  /** Lets requests in flight end, then ends everything; within ten seconds. */
  stop(): Promise<void>;
};

/**
 * Starts auth, every domain service and the gateway in this process, each on its own port and in its own schema of one
 * database, migrated and, if told, seeded. They call each other over HTTP, as they do when each is a process.
 *
 * @throws DatabaseLockedError when another process holds the data directory, ListenError when a port is in use; what
 * was opened before is closed again.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const shutdown = options.shutdown ?? createShutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: PlatformOptions, shutdown: Shutdown): Promise<Platform> {
  const log = options.log("gateway");
  shutdown.add(() => options.tracing?.close());
  const url = options.databaseUrl ?? `file:${path.resolve(options.dataDir, "database")}`;
  const database = await openDatabase(url, { ...options.databaseOptions, observe: options.tracing?.observe });
  shutdown.add(() => database.close());
  const transport = options.transport ?? createTransport();
  shutdown.add(() => transport.close());
  const { connectionsPerAddress, trustedProxies } = options.gateway ?? {};
  const isProxy = createTrustedNetworks(trustedProxies ?? []);
  const doors = await openDoors({ ...options, log, connectionsPerAddress, isProxy });
  shutdown.add(async () => void (await Promise.all(Object.values(doors).map((door) => door.stop()))));
  const bus = openBus({ eventsUrl: options.eventsUrl, broker: options.broker, database, log });
  shutdown.add(() => bus.close());
  const limits = await openLimits(options.limits ?? { LIMITS: new Map() }, log);
  shutdown.add(() => limits.store.close());

  const issuer = options.publicUrl ?? doors.gateway.url.replace("127.0.0.1", "localhost");
  const origins = originsOf(doors);
  const keyFiles = await prepare(database, options);
  const shared: Shared = { options, database, transport, bus, limits, doors, issuer, origins, keyFiles, shutdown };
  const provider = await startDemoProviderOf(shared);
  const demo = await startAuth(shared, provider === null ? (options.providers ?? []) : [provider]);
  await Promise.all(domainServices.map((service) => startDomain(service, shared)));
  const metricsUrl = await startGateway(shared, { demo, demoProvider: provider !== null });
  return {
    url: issuer,
    metricsUrl,
    origins: { ...origins, gateway: doors.gateway.url },
    demo,
    demoProvider: provider !== null,
    announceStop: () => doors.gateway.announceStop(),
    stop: () => shutdown.run(),
  };
}

/** Where nobody can sign in with a provider, one of the demo stands for it; not in production. */
async function startDemoProviderOf({ options, issuer, shutdown }: Shared): Promise<ProviderSettings | null> {
  if (!options.seed || (options.providers ?? []).length > 0) return null;
  const gatewayPort = options.portOf("gateway");
  const port = gatewayPort === 0 ? 0 : gatewayPort + demoProviderDistance;
  const provider = await startDemoProvider({ publicOrigin: issuer, port, log: options.log("auth") });
  shutdown.add(() => provider?.stop());
  return provider?.settings ?? null;
}

/** The demo provider's port stays the same, as its address is a part of who people are there. */
const demoProviderDistance = 9;

/** Answers whether the demo users are there. */
async function startAuth(
  { options, database, bus, limits, doors, issuer, shutdown }: Shared,
  providers: readonly ProviderSettings[],
): Promise<boolean> {
  const opened = await auth.openAuth({
    database,
    bus,
    issuer,
    algorithm: options.algorithm,
    secrets: options.secrets,
    insecureSharedSecrets: options.insecureSharedSecrets ?? null,
    insecureAcceptedSecrets: options.insecureAcceptedSecrets ?? null,
    trustedProxies: loopback,
    demo: options.seed,
    limits,
    tracer: options.tracing?.tracerOf("auth"),
    isStopping: shutdown.isStopping,
    log: options.log("auth"),
    now: options.now ?? Date.now,
    sessionsPerUser: options.sessionsPerUser,
    mail: options.mail ?? null,
    confirmsRegistration: options.confirmsRegistration,
    signInByMail: options.signInByMail,
    ...(options.tokenScope === undefined ? {} : { tokenScope: options.tokenScope }),
    providers,
    signInRedirects: options.signInRedirects,
    providerNetworks: options.providerNetworks,
    ...(options.auditCheckpoints === undefined ? {} : { auditCheckpoints: options.auditCheckpoints }),
    ...(options.auditRetentionDays === undefined ? {} : { auditRetentionDays: options.auditRetentionDays }),
    ...(options.sessionLife === undefined ? {} : { sessionLife: options.sessionLife }),
  });
  const demo = options.seed && (await seedDemo(opened));
  shutdown.add(() => opened.chassis.feed.close());
  shutdown.add(auth.keepUp(opened));
  shutdown.add(() => doors.auth.stop());
  shutdown.add(() => opened.deps.revocationFeed.close());
  doors.auth.lead(auth.createApp(opened).fetch);
  return demo;
}

/** What the front page shows of the demo. */
type Shown = Pick<Platform, "demo" | "demoProvider">;

async function startGateway(shared: Shared, shown: Shown): Promise<string | null> {
  const { options, transport, bus, limits, doors, issuer, origins, shutdown } = shared;
  const log = options.log("gateway");
  const metrics = createMetrics("gateway");
  const loop = watchLoopDelay(() => performance.now());
  const keys = gateway.checkByAuthKeys({
    authOrigin: origins.auth,
    insecureSharedSecrets: options.insecureAcceptedSecrets ?? options.insecureSharedSecrets ?? null,
  });
  const key = await gateway.openGatewayKey(shared.keyFiles.get("gateway"), log);
  const source = gateway.openRevocationSource(
    { issuer, authOrigin: origins.auth, key },
    { now: Date.now, fetch: fetchOver(transport) },
  );
  const privateJwks = await gateway.readGatewayKeys(options.gateway?.keysFile, log);
  const assertions = await gateway.createAssertions({ issuer, privateJwks, now: Date.now });
  const trust = gateway.createTrust({ issuer, ...keys, source, key, bus, log, now: Date.now });
  shutdown.add(() => trust.close());
  shutdown.add(() => loop.stop());
  shutdown.add(() => doors.gateway.stop());
  const plain = options.seed ? await startPlainService({ issuer, gateway: doors.gateway.url }) : null;
  shutdown.add(() => plain?.stop());
  const app = gateway.createApp({
    upstreams: origins,
    apis: { ...(plain === null ? {} : { [plainName]: plain.url }), ...options.gateway?.apis },
    asserted: serviceNames.filter((name) => options.tokenCheck?.(name, doors.gateway.url).by === "gateway"),
    web: options.gateway?.web,
    allowedOrigins: options.gateway?.allowedOrigins ?? [],
    trustedProxies: options.gateway?.trustedProxies ?? [],
    publicOrigin: issuer,
    forward: transport.forward,
    trust,
    assertions,
    limits: { ...limits, observe: observeLimits(metrics, limits.store) },
    metrics,
    tracer: options.tracing?.tracerOf("gateway"),
    isStopping: shared.shutdown.isStopping,
    load: { ...inFlightOf(options), delayMs: loop.delayMs },
    ...shown,
    log,
    now: Date.now,
  });
  doors.gateway.lead(app);
  if (options.metricsPort === undefined) return null;
  const numbers = await serveMetrics(metrics, { port: options.metricsPort, hostname: options.hostname, log });
  shutdown.add(() => numbers.stop());
  return numbers.url;
}

function inFlightOf({ gateway: own }: PlatformOptions): { readonly inFlight?: number } {
  return own?.inFlight === undefined ? {} : { inFlight: own.inFlight };
}

function originsOf(doors: Doors): Record<ServiceName, string> {
  return Object.fromEntries(serviceNames.map((name) => [name, doors[name].url])) as Record<ServiceName, string>; // one for every name
}
