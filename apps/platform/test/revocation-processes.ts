import { randomBytes } from "node:crypto";
import path from "node:path";
import type { ServiceName } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import { openDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { silentLog } from "@countersign/testing";
import { demoUsers } from "../src/demo-users.ts";
import { type Child, startChild } from "../src/run/start-child.ts";
import { freePorts, temporaryFolder } from "./start-test-platform.ts";

/** How the processes are put together. */
export type ProcessesOptions = {
  /** That of auth, and of every process that is told no other. */
  readonly databaseUrl: string | null;
  /** `nats://…` for all of them. */
  readonly eventsUrl?: string;
  readonly services: readonly {
    readonly name: Exclude<ServiceName, "auth">;
    /** Of its own settings, such as `EVENTS_URL: "auth"`. */
    readonly env?: Readonly<Record<string, string>>;
  }[];
};

export type Processes = {
  /** Where auth is. */
  readonly auth: string;
  /** Where the services are, in the order of the options. */
  readonly origins: readonly string[];
  stopAuth(): Promise<void>;
  startAuth(): Promise<void>;
  stop(): Promise<void>;
};

const issuer = "http://localhost:4000";

/**
 * Auth and some services, each a process of its own and several of one kind if asked for, in a folder that is removed in
 * the end. Without a database URL each has an embedded one.
 */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const { folder, remove } = await temporaryFolder();
  const own = (name: string) => options.databaseUrl ?? `file:${path.join(folder, name)}`;
  const authPort = await freePort();
  const authUrl = `http://127.0.0.1:${authPort}`;
  const secret = randomBytes(32);
  await provision(own("auth"), folder, [secret]);
  const common = {
    PATH: process.env["PATH"] ?? "",
    LOG_LEVEL: "silent",
    PUBLIC_URL: issuer,
    TOKEN_ALG: "ES256",
    AUTH_URL: authUrl,
    ...(options.eventsUrl === undefined ? {} : { EVENTS_URL: options.eventsUrl }),
  };
  const secrets = { SECRETS_KEY: secret.toString("base64") };
  const children: Child[] = [];
  let authChild: Child | null = null;

  async function start(name: ServiceName, port: number, env: Readonly<Record<string, string>>): Promise<Child> {
    const child = startChild({ name, env: { ...common, ...env, PORT: String(port) }, onLost: () => undefined });
    children.push(child);
    await child.answers(`http://127.0.0.1:${port}/health/ready`);
    return child;
  }
  async function startAuth(): Promise<void> {
    authChild = await start("auth", authPort, { DATABASE_URL: own("auth"), ...secrets });
  }
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await remove();
  };

  try {
    await startAuth();
    const started = options.services.map(async ({ name, env }, index) => {
      const port = await freePort();
      const file = path.join(folder, "keys", `${name}.json`);
      await start(name, port, { DATABASE_URL: own(`${name}-${index}`), SERVICE_KEY_FILE: file, ...env });
      return `http://127.0.0.1:${port}`;
    });
    const origins = await Promise.all(started);
    return { auth: authUrl, origins, startAuth, stopAuth: async () => authChild?.stop(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each service's key, once for all processes of its name, and the demo users. */
async function provision(databaseUrl: string, folder: string, secrets: readonly Uint8Array[]): Promise<void> {
  const database = await openDatabase(databaseUrl);
  try {
    await database.migrate("auth", auth.migrationsFolder);
    const directory = path.join(folder, "keys");
    await auth.provisionServices({ db: database.db, directory, now: Date.now });
    const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
    const own = { database, bus, issuer, secrets, trustedProxies: [], log: silentLog, now: Date.now };
    const opened = await auth.openAuth({ ...own, algorithm: "ES256" });
    await auth.seedUsers(opened, demoUsers);
    await opened.chassis.feed.close();
    await bus.close();
  } finally {
    await database.close();
  }
}

async function freePort(): Promise<number> {
  const portOf = await freePorts(["auth"]);
  return portOf("auth");
}
