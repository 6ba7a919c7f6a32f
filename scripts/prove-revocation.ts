import { randomBytes } from "node:crypto";
import { openDatabase } from "@countersign/database";
import { startProcesses } from "../apps/platform/test/revocation-processes.ts";
import { post, registerAt, statusOf } from "../apps/platform/test/revocation-rig.ts";
import { startTestPlatform } from "../apps/platform/test/start-test-platform.ts";

/**
 * `npm run prove:revocation`: from the answer of a sign-out to the refusal at every one of ten processes of orders, for
 * each way in which revocations travel. Needs PostgreSQL (`TEST_DATABASE_URL`, or root at 127.0.0.1:5432) and, for its
 * row, NATS with JetStream (`NATS_URL`, or 127.0.0.1:4222). `node scripts/prove-revocation.ts [processes] [rounds]`
 */
const [processCount = 10, rounds = 20] = process.argv.slice(2).map(Number);
const server = process.env["TEST_DATABASE_URL"] ?? "postgres://root@127.0.0.1:5432/postgres";
const nats = process.env["NATS_URL"] ?? "nats://127.0.0.1:4222";

await proveInProcess();
await proveWith("PostgreSQL", {});
await proveWith("NATS", {}, nats);
await proveWith("SSE", { EVENTS_URL: "auth" });

async function proveInProcess(): Promise<void> {
  const platform = await startTestPlatform();
  try {
    await report("in process", platform.origins.auth, [platform.origins.orders]);
  } finally {
    await platform.stop();
  }
}

async function proveWith(name: string, env: Record<string, string>, eventsUrl?: string): Promise<void> {
  const database = `prove_${randomBytes(4).toString("hex")}`;
  await onServer(`create database ${database}`);
  const databaseUrl = new URL(server);
  databaseUrl.pathname = `/${database}`;
  try {
    const services = Array.from({ length: processCount }, () => ({ name: "orders", env }) as const);
    const events = eventsUrl === undefined ? {} : { eventsUrl };
    const processes = await startProcesses({ databaseUrl: databaseUrl.href, services, ...events });
    try {
      await report(name, processes.auth, processes.origins);
    } finally {
      await processes.stop();
    }
  } catch (error) {
    console.log(`${name.padEnd(12)} could not be tried: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await onServer(`drop database if exists ${database} with (force)`);
  }
}

/** One line: the milliseconds until each process refused, over all rounds. */
async function report(name: string, auth: string, origins: readonly string[]): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { accessToken } = await registerAt(auth);
    for (const origin of origins) await expectStatus(`${origin}/trpc/list`, accessToken, 200);
    await post(`${auth}/auth/logout`, {}, accessToken);
    const answeredAt = performance.now();
    taken.push(...(await Promise.all(origins.map((origin) => untilRefused(origin, accessToken, answeredAt)))));
  }
  const sorted = taken.toSorted((one, other) => one - other);
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1).padStart(7);
  const what = `${origins.length} processes, ${rounds} sign-outs`;
  console.log(`${name.padEnd(12)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   max ${at(1)} ms   (${what})`);
}

async function untilRefused(origin: string, token: string, answeredAt: number): Promise<number> {
  while (performance.now() - answeredAt < 30_000) {
    if ((await statusOf(`${origin}/trpc/list`, token)) === 401) return performance.now() - answeredAt;
  }
  throw new Error(`${origin} still lets the token in after half a minute.`);
}

async function expectStatus(url: string, token: string, expected: number): Promise<void> {
  const status = await statusOf(url, token);
  if (status !== expected) throw new Error(`${url} answered ${status}.`);
}

async function onServer(statement: string): Promise<void> {
  const database = await openDatabase(server);
  try {
    await database.db.execute(statement);
  } finally {
    await database.close();
  }
}
