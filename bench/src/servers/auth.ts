/** The auth service on PostgreSQL, and the parts that a refresh and a sign-in are made of. */
import { createApp, keepUp, migrationsFolder, openAuth } from "@countersign/auth/app";
import { checkByKeys, protectedProcedure, publicProcedure, router } from "@countersign/context";
import { openDatabase } from "@countersign/database";
import { createInProcessBus, createPostgresBus } from "@countersign/events";
import { createLog, createMemoryStore, createServiceApp, serve } from "@countersign/service";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import { hash, verify } from "@node-rs/argon2";
import { generateKeyPair, SignJWT } from "jose";
import pg from "pg";
import { z } from "zod";
import { answer, cpu, settings } from "../harness/answer.ts";
import { captureStatements, isStamp, type Statement } from "./capture-statements.ts";
import { issuer } from "./identity.ts";
import { createServiceOfOurs } from "./service-of-ours.ts";

type Settings = {
  readonly databaseUrl: string;
  readonly algorithm: AsymmetricAlgorithm;
  readonly bus: "in-process" | "postgres";
  /** The cost of a hash; the product's own unless given. */
  readonly cost?: { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };
};

const { databaseUrl, algorithm, bus: busKind, cost } = settings<Settings>();
const log = createLog({ service: "auth", level: "silent" });
const database = await openDatabase(databaseUrl);
await database.migrate("auth", migrationsFolder);
const times = { now: Date.now, retentionMs: 20 * 60_000 };
const onError = (error: unknown) => console.error(error);
const bus = busKind === "postgres" ? createPostgresBus({ ...times, database, onError }) : createInProcessBus(times);
const plenty = { calls: 1_000_000, perSeconds: 60 };
const limited = [
  ...["login/address", "login/account", "signIn/user", "register/address", "register/account"],
  ...["refresh/address", "refresh/session", "renewal/session", "renewal/user", "revocation/user"],
];
const auth = await openAuth({
  database,
  bus,
  issuer,
  algorithm,
  secrets: [new Uint8Array(32).fill(7)],
  trustedProxies: [],
  log,
  now: Date.now,
  limits: { store: createMemoryStore(), sizes: new Map(limited.map((name) => [`auth.${name}`, plenty])) },
  ...(cost === undefined ? {} : { cost }),
});
await auth.chassis.feed.ready;
keepUp(auth);
const listening = { port: 0, hostname: "127.0.0.1" };
const app = createApp(auth);
const served = await serve(app.fetch, listening);

const refreshInput = z.object({
  refreshToken: z.string().min(1).max(256),
  mode: z.literal("bearer"),
  lane: z.int().min(0).max(7).default(0),
});

/** A service beside auth, on the same bus. */
const neighbour = createServiceOfOurs({
  algorithm,
  check: checkByKeys(auth.deps.keys),
  source: { issuer, keys: auth.deps.eventKeys.keys },
  bus,
});
await neighbour.feed.ready;
const procedures = router({
  protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })),
  /** Does nothing, in the size of a refresh. */
  echo: publicProcedure.input(refreshInput).mutation(({ input }) => ({ refreshToken: input.refreshToken })),
  /** Does what a refresh is made of. */
  parts: publicProcedure.input(refreshInput).mutation(async ({ input: { refreshToken, lane } }) => {
    await rotateBare(lane);
    return { accessToken: await signBare(), refreshToken };
  }),
});
const neighbourServed = await serve(createServiceApp(neighbour, procedures).fetch, listening);

const { privateKey } = await generateKeyPair(algorithm);
const driver = new pg.Pool({ connectionString: databaseUrl, max: 10 });
let rotation: Statement | null = null;

type Tokens = { accessToken: string; refreshToken: string };

async function post(path: string, json: object): Promise<Tokens> {
  const headers = { "content-type": "application/json" };
  const request = new Request(`${issuer}${path}`, { method: "POST", headers, body: JSON.stringify(json) });
  const response = await app.request(request, {}, { address: "127.0.0.1" });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Tokens; // in bearer mode
}

const password = "correct horse battery";

/** Runs work this many times, as many at once as refreshes are, and gives the CPU of one. */
async function costOf(count: number, work: (lane: number) => Promise<unknown>): Promise<number> {
  const before = cpu();
  let left = count;
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    while (left > 0) {
      left -= 1;
      await work(lane);
    }
  });
  await Promise.all(lanes);
  return (cpu() - before) / count;
}

/** How far the sessions of the bare statement have come, by lane. */
const generations: number[] = Array.from({ length: 8 }, () => 0);

async function rotateBare(lane: number): Promise<void> {
  const { text, values } = rotation ?? { text: "", values: [] };
  const session = values.find((value) => /^[0-9a-f-]{36}$/.test(String(value)));
  const generation = generations[lane] ?? 0;
  generations[lane] = generation + 1;
  const id = `00000000-0000-4000-8000-${String(lane + 8).padStart(12, "0")}`;
  const own = values.map((value) => {
    if (value === session) return id;
    if (isStamp(value)) return crypto.randomUUID();
    if (value === 4) return generation;
    return value === 5 ? generation + 1 : value;
  });
  const { rowCount } = await driver.query({ name: "rotation", text, values: own });
  if (rowCount !== 1) throw new Error("The bare statement changed nothing.");
}

function signBare(): Promise<string> {
  const { kid } = auth.deps.keys.signer();
  const second = Math.floor(Date.now() / 1000);
  return new SignJWT({ client_id: "countersign-web", sid: crypto.randomUUID(), auth_time: second, roles: ["user"] })
    .setProtectedHeader({ alg: algorithm, kid, typ: "at+jwt" })
    .setIssuer(issuer)
    .setAudience(["auth", "products", "orders"])
    .setSubject(crypto.randomUUID())
    .setJti(crypto.randomUUID())
    .setIssuedAt(second)
    .setExpirationTime(second + 600)
    .sign(privateKey);
}

answer({
  ports: () => ({ auth: served.port, public: neighbourServed.port, service: neighbourServed.port }),
  /** New accounts, each signed in. */
  register: async (count: number) => {
    const made: (Tokens & { email: string; password: string })[] = [];
    for (let done = 0; done < count; done += 1) {
      const email = `${crypto.randomUUID()}@example.com`;
      made.push({ email, password, ...(await post("/auth/register", { email, password, mode: "bearer" })) });
    }
    return made;
  },
  /** Puts so many more sessions beside the one of a user, past every bound. */
  crowd: async ({ email, count }: { email: string; count: number }) => {
    await database.query(
      `insert into auth.sessions select (jsonb_populate_record(own, jsonb_build_object('id', gen_random_uuid()))).*
       from auth.sessions own join auth.users on users.id = own.user_id, generate_series(1, $2::int) where email = $1`,
      [email, count],
    );
  },
  /** The statement of a refresh as it goes to the database, with sessions for whoever runs it without auth. */
  rotation: async () => {
    const statements = captureStatements(database.db);
    const email = `${crypto.randomUUID()}@example.com`;
    let tokens = await post("/auth/register", { email, password, mode: "bearer" });
    for (let step = 0; step < 5; step += 1)
      tokens = await post("/auth/refresh", { refreshToken: tokens.refreshToken, mode: "bearer" });
    rotation = statements.end().findLast(({ text }) => /update\s+"auth"\."sessions"/i.test(text)) ?? null;
    if (rotation === null) throw new Error("No statement of a refresh was seen.");
    const sessionId = tokens.refreshToken.split(".")[0];
    const at = rotation.values.indexOf(sessionId);
    if (at === -1) throw new Error("The statement does not name its session.");
    await driver.query(
      `insert into auth.sessions select
         ('00000000-0000-4000-8000-' || lpad(lane::text, 12, '0'))::uuid, user_id, 0, rotated_at, created_at, last_used_at,
         idle_expires_at, absolute_expires_at, authenticated_at, ended_at, end_reason, user_agent, address
       from auth.sessions, generate_series(0, 15) lane where id = $1`,
      [sessionId],
    );
    return { text: rotation.text, values: rotation.values, sessionId, generation: 4 };
  },
  /** The CPU of the bare statement through the driver, prepared, as a compare-and-swap that succeeds. */
  statement: (count: number) => costOf(count, rotateBare),
  /** The CPU of one bare signature by jose, over the claims of an access token. */
  sign: (count: number) => costOf(count, signBare),
  /** Bare argon2id, as many at once as there are slots, for this many milliseconds. */
  hash: async ({ slots, milliseconds }: { slots: number; milliseconds: number }) => {
    const stored = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 2 });
    const from = performance.now();
    let count = 0;
    const lanes = Array.from({ length: slots }, async () => {
      while (performance.now() - from < milliseconds) {
        await verify(stored, password);
        count += 1;
      }
    });
    await Promise.all(lanes);
    return { count, milliseconds: performance.now() - from };
  },
});
