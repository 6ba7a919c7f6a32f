import { setTimeout } from "node:timers/promises";
import { startProcesses } from "../apps/platform/test/revocation-processes.ts";
import { post, registerAt, statusOf } from "../apps/platform/test/revocation-rig.ts";
import { createNatsServer } from "../packages/events/test/nats-server.ts";

/**
 * `npm run prove:outage`: a broker is killed for a minute, while users sign out, and started again. Nothing that was
 * revoked before comes back, nothing that is revoked meanwhile is lost, and readiness says how it stands. Starts a
 * `nats-server`, auth and some processes of orders, each on an embedded database.
 * `node scripts/prove-outage.ts [seconds] [processes]`, at most 400 seconds, for tokens end after ten minutes.
 */
const [outage = 60, processCount = 3] = process.argv.slice(2).map(Number);
if (!(outage > 0 && outage <= 400 && processCount > 0))
  throw new RangeError("Usage: prove-outage [seconds] [processes]");

const broker = await createNatsServer();
const services = Array.from({ length: processCount }, () => ({ name: "orders", env: {} }) as const);
let auth = "";
let origins: readonly string[] = [];
try {
  await broker.start();
  const processes = await startProcesses({ databaseUrl: null, eventsUrl: broker.url, services });
  ({ auth, origins } = processes);
  try {
    await prove();
  } finally {
    await processes.stop();
  }
} finally {
  await broker.remove();
}

async function prove(): Promise<void> {
  const before = await register(5);
  const during = await register(Math.ceil(outage));
  const [bystander = ""] = await register(1);
  for (const token of before) await signOut(token);
  await until("the sign-outs before the outage are felt", () => everyStatus(before, 401));
  console.log(`processes of orders: ${origins.length}; ${before.length} sign-outs are felt at each of them`);

  await broker.kill();
  const signedOut = await holdOut({ before, during, bystander });
  await broker.start();
  await comeBack({ before, signedOut, bystander });
}

/** A sign-out every second while the broker is down; what was revoked before is asked for again and again. */
async function holdOut(tokens: { before: readonly string[]; during: readonly string[]; bystander: string }) {
  const killedAt = performance.now();
  await until("readiness says down", () => everyReadiness(503));
  console.log(`broker killed; every readiness says 503 after ${secondsSince(killedAt)} s`);
  const signedOut: string[] = [];
  for (const token of tokens.during) {
    await signOut(token);
    signedOut.push(token);
    demand(await everyStatus(tokens.before, 401), "A revocation was forgotten while the broker was down.");
    demand(await everyStatus([tokens.bystander], 200), "A good token was refused while the broker was down.");
    demand(await everyReadiness(503), "Readiness did not say that the feed is down.");
    await setTimeout(Math.max(0, signedOut.length * 1000 - (performance.now() - killedAt)));
  }
  const refused = await countRefused(signedOut);
  const awaited = signedOut.length * origins.length;
  console.log(
    `down for ${secondsSince(killedAt)} s: ${signedOut.length} sign-outs, ${refused} of ${awaited} refusals yet`,
  );
  return signedOut;
}

async function comeBack(tokens: { before: readonly string[]; signedOut: readonly string[]; bystander: string }) {
  const startedAt = performance.now();
  await until("every sign-out is felt everywhere", () => everyStatus(tokens.signedOut, 401));
  console.log(`broker started; ${tokens.signedOut.length} are refused everywhere after ${secondsSince(startedAt)} s`);
  await until("readiness says live", () => everyReadiness(200));
  console.log(`every readiness says 200 after ${secondsSince(startedAt)} s`);
  demand(await everyStatus(tokens.before, 401), "A revocation from before the outage was undone.");
  demand(await everyStatus([tokens.bystander], 200), "A good token is refused after the outage.");
  const [late = ""] = await register(1);
  await signOut(late);
  const lateAt = performance.now();
  await until("a new sign-out is felt", () => everyStatus([late], 401));
  console.log(`a new sign-out is felt everywhere after ${secondsSince(lateAt)} s; nothing lost, nothing un-revoked`);
}

async function register(count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let made = 0; made < count; made += 1) tokens.push((await registerAt(auth)).accessToken);
  return tokens;
}

async function signOut(token: string): Promise<void> {
  const response = await post(`${auth}/auth/logout`, {}, token);
  demand(response.ok, `The sign-out was answered with ${response.status}.`);
  await response.body?.cancel();
}

/** Whether every process answers each of these tokens so. */
async function everyStatus(tokens: readonly string[], expected: 200 | 401): Promise<boolean> {
  for (const token of tokens) {
    const statuses = await Promise.all(origins.map((origin) => statusOf(`${origin}/trpc/list`, token)));
    if (statuses.some((status) => status !== expected)) return false;
  }
  return true;
}

async function countRefused(tokens: readonly string[]): Promise<number> {
  let refused = 0;
  for (const token of tokens)
    for (const origin of origins) refused += Number((await statusOf(`${origin}/trpc/list`, token)) === 401);
  return refused;
}

async function everyReadiness(expected: 200 | 503): Promise<boolean> {
  const statuses = await Promise.all([auth, ...origins].map(readinessOf));
  return statuses.every((status) => status === expected);
}

async function readinessOf(origin: string): Promise<number> {
  const { status, body } = await fetch(`${origin}/health/ready`);
  await body?.cancel();
  return status;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await holds()); await setTimeout(20))
    demand(Date.now() < deadline, `After half a minute it is not so that ${what}.`);
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function secondsSince(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1);
}
