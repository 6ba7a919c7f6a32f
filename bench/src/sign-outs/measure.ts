import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { openConnection, toBytes } from "../harness/drive.ts";
import { createScratchDatabase } from "../harness/scratch-database.ts";
import { signOut } from "../tokens/revocation-lag.ts";

/** How many sessions the user has who signs out everywhere; 0 is nobody who does. */
export const crowds = [0, 1_000, 5_000] as const;

export type Plan = {
  /** How many users with a crowd of sessions end them all, one after another. */
  readonly storms: number;
  /** How many others sign out where nobody does that; during the storms as many as there is time for. */
  readonly others: number;
};

/** Milliseconds. */
export type Found = {
  /** From when another user's sign-out was sent until the last service has refused the token. */
  readonly others: readonly number[];
  /** From a password change, or a sign-out everywhere, to its answer. */
  readonly storms: readonly number[];
};

export type Measured = ReadonlyMap<(typeof crowds)[number], Found>;

/** Others sign out one after another on each of so many connections. */
const lanes = 2;

/** Auth and two services as processes of their own, on PostgreSQL. */
export async function measureOnPostgres(runtime: Runtime, plan: Plan): Promise<Measured> {
  const database = await createScratchDatabase();
  const children: Child[] = [];
  try {
    const auth = await startAuth(runtime, { databaseUrl: database.url, bus: "postgres" });
    children.push(auth);
    const { auth: authPort } = await portsOf(auth);
    for (const name of ["listener", "listener"])
      children.push(await startChild(runtime, name, { databaseUrl: database.url, authPort }));
    const services = await Promise.all(children.slice(1).map(portsOf));
    return await measureAll({ auth, services: services.map(({ service }) => service) }, plan);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await database.drop();
  }
}

/** Auth and one service in one process, on PGlite. */
export async function measureOnPglite(runtime: Runtime, plan: Plan): Promise<Measured> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-bench-"));
  const auth = await startAuth(runtime, { databaseUrl: `file:${folder}/db`, bus: "in-process" });
  try {
    return await measureAll({ auth, services: [(await portsOf(auth)).service] }, plan);
  } finally {
    await auth.stop();
    await rm(folder, { recursive: true });
  }
}

function startAuth(runtime: Runtime, settings: { databaseUrl: string; bus: string }): Promise<Child> {
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 }; // hashes play no part here
  return startChild(runtime, "auth", { ...settings, algorithm: "RS256", cost });
}

type Ports = { readonly auth: number; readonly service: number };
type User = { readonly email: string; readonly password: string; readonly accessToken: string };
type World = { readonly auth: Child; readonly services: readonly number[] };

const portsOf = (child: Child) => child.call<Ports>("ports");

async function measureAll(world: World, plan: Plan): Promise<Measured> {
  const found = new Map<(typeof crowds)[number], Found>();
  await measureOne(world, 100, plan); // until it is compiled
  for (const sessions of crowds) found.set(sessions, await measureOne(world, sessions, plan));
  return found;
}

async function measureOne({ auth, services }: World, sessions: number, plan: Plan): Promise<Found> {
  const crowded = sessions === 0 ? [] : await auth.call<User[]>("register", plan.storms);
  for (const { email } of crowded) await auth.call("crowd", { email, count: sessions - 1 });
  const waiting = await auth.call<User[]>("register", plan.others);
  const { auth: authPort } = await portsOf(auth);
  const others: number[] = [];
  let raging = true;

  async function lane(): Promise<void> {
    const door = await openConnection(authPort);
    const doors = await Promise.all(services.map(openConnection));
    for (let user = waiting.pop(); user !== undefined && raging; user = waiting.pop()) {
      const { sent, refused } = await signOut(user.accessToken, door, doors);
      others.push(Math.max(...refused) - sent);
    }
    for (const connection of [door, ...doors]) connection.close();
  }
  const running = Promise.all(Array.from({ length: lanes }, lane));
  const storms = await endSessionsOf(crowded, authPort);
  if (sessions > 0) raging = false;
  await running;
  return { others, storms };
}

/** Every other user signs out everywhere, the rest change the password, which ends all sessions but one. */
async function endSessionsOf(users: readonly User[], port: number): Promise<number[]> {
  const times: number[] = [];
  for (const [index, { accessToken, password }] of users.entries()) {
    const door = await openConnection(port);
    const change = { currentPassword: password, newPassword: `${password} anew` };
    const { path: procedure, json } =
      index % 2 === 0 ? { path: "logoutEverywhere", json: {} } : { path: "changePassword", json: change };
    const headers = { authorization: `Bearer ${accessToken}` };
    const began = performance.now();
    const { status, body } = await door.send(toBytes({ method: "POST", path: `/trpc/${procedure}`, headers, json }));
    times.push(performance.now() - began);
    if (status !== 200) throw new Error(`${procedure} was answered with ${status}: ${body}`);
    door.close();
  }
  return times;
}
