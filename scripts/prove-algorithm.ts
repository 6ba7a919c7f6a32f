import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { migrationsFolder, provisionServices } from "../apps/auth/src/app.ts";
import { type Child, startChild } from "../apps/platform/src/run/start-child.ts";
import { freePorts } from "../apps/platform/test/start-test-platform.ts";
import { openDatabase } from "../packages/database/src/index.ts";
import { startLoad } from "./prove/token-load.ts";

/**
 * `npm run prove:algorithm`: two replicas of auth, two of orders and a gateway, each a process of its own on one
 * PostgreSQL, while `TOKEN_ALG` goes from RS256 to ES256 and back by rolling restarts: auth first, then orders first.
 * Requests go on all the time, and none may fail: a replica that stops leaves readiness two seconds before it closes. The
 * ten minutes for which a key is published before it signs pass in the database: the moments of all keys are moved back. Closes with `N passed, N failed`.
 * `node scripts/prove-algorithm.ts [requests]`, for each direction; 4000 by default
 */
const [requests = 4_000] = process.argv.slice(2).map(Number);
const server = process.env["TEST_DATABASE_URL"] ?? "postgres://root@127.0.0.1:5432/postgres";
const databaseName = `prove_algorithm_${randomBytes(4).toString("hex")}`;
const databaseUrl = new URL(server);
databaseUrl.pathname = `/${databaseName}`;
const folder = await mkdtemp(path.join(tmpdir(), "countersign-algorithm-"));
const secretsKey = randomBytes(32).toString("base64");
const names = ["auth 0", "auth 1", "orders 0", "orders 1", "gateway"] as const;
type Name = (typeof names)[number];
const origins = new Map<Name, string>();
const children = new Map<Name, Child>();
/** Ten minutes pass for every key. */
const agedKeys = `update auth.signing_keys set ${["published_at", "activates_at", "retired_at", "expires_at"]
  .map((column) => `${column} = ${column} - interval '10 minutes'`)
  .join(", ")}`;
let passed = 0;
let failed = 0;

await execute(server, `create database ${databaseName}`);
try {
  for (const name of names) {
    const portOf = await freePorts(["gateway"]);
    origins.set(name, `http://127.0.0.1:${portOf("gateway")}`);
  }
  await provision();
  for (const name of names) await start(name, "RS256");
  await proveDirection("ES256", ["auth 0", "auth 1", "orders 0", "orders 1"]);
  await proveDirection("RS256", ["orders 0", "orders 1", "auth 0", "auth 1"]);
} finally {
  await Promise.all([...children.values()].map((child) => child.stop()));
  await execute(server, `drop database if exists ${databaseName} with (force)`);
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function proveDirection(algorithm: "RS256" | "ES256", order: readonly Name[]): Promise<void> {
  const load = startLoad(originOf("gateway"));
  for (const name of order) {
    await children.get(name)?.stop();
    await start(name, algorithm);
    await setTimeout(1_000);
  }
  await setTimeout(31_000); // verifiers ask for unknown keys twice a minute at most
  await execute(databaseUrl.href, agedKeys);
  const isHandedOver = await until(() => everyAuthSignsWith(algorithm), 90_000);
  await until(async () => load.answered() >= requests, 240_000);
  const { answered, failures, algorithms } = await load.stop();
  const counts = `${answered} requests, ${failures.length} failed`;
  const summary = `to ${algorithm}: ${counts}; signed with ${algorithms.join(", ")}`;
  console.log(summary, failures.slice(0, 5));
  const isProved = isHandedOver && answered >= requests && failures.length === 0 && algorithms.includes(algorithm);
  if (isProved) passed += 1;
  else failed += 1;
}

async function everyAuthSignsWith(algorithm: string): Promise<boolean> {
  const replicas = ["auth 0", "auth 1"] as const;
  const answers = await Promise.all(
    replicas.map(async (name) => (await fetch(`${originOf(name)}/health/ready`)).text()),
  );
  return answers.every((text) => text.includes(`"current":{`) && currentOf(text) === algorithm);
}

function currentOf(readiness: string): string | undefined {
  return /"current":\{[^}]*"algorithm":"(\w+)"/.exec(readiness)?.[1];
}

async function until(isSo: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await setTimeout(500))
    if (await isSo()) return true;
  return false;
}

async function start(name: Name, algorithm: string): Promise<void> {
  const [app = ""] = name.split(" ");
  const env = {
    PATH: process.env["PATH"] ?? "",
    LOG_LEVEL: "error",
    PUBLIC_URL: "http://localhost:4000",
    DATABASE_URL: databaseUrl.href,
    TOKEN_ALG: algorithm,
    SHUTDOWN_DELAY_SECONDS: "2",
    LIMITS: "gateway/address=100000/60", // all of it comes from one address
    PORT: new URL(originOf(name)).port,
    AUTH_URL: app === "gateway" ? `${originOf("auth 0")},${originOf("auth 1")}` : originOf("auth 0"),
    ORDERS_URL: `${originOf("orders 0")},${originOf("orders 1")}`,
    ...(app === "auth" ? { SECRETS_KEY: secretsKey } : {}),
    ...(app === "orders" ? { SERVICE_KEY_FILE: path.join(folder, "orders.json") } : {}),
  };
  const child = startChild({ name: app, env, onLost: () => undefined });
  children.set(name, child);
  await child.answers(`${originOf(name)}${app === "gateway" ? "/health" : "/health/ready"}`);
}

function originOf(name: Name): string {
  return origins.get(name) ?? "";
}

async function provision(): Promise<void> {
  const database = await openDatabase(databaseUrl.href);
  try {
    await database.migrate("auth", migrationsFolder);
    await provisionServices({ db: database.db, directory: folder, now: Date.now });
  } finally {
    await database.close();
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const database = await openDatabase(url);
  try {
    await database.db.execute(statement);
  } finally {
    await database.close();
  }
}
