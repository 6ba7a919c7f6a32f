import type { ServiceName } from "@countersign/access";
import { protectedProcedure, router, serviceProcedure } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { type Chassis, connectChassis, createServiceApp, localOrigins, openServiceKey } from "@countersign/service";
import { callProcedure, createFakeClock, type FakeClock, inProcessFetch, silentLog } from "@countersign/testing";
import { z } from "zod";
import { tidy } from "../src/keep-up.ts";
import type { AuthOptions } from "../src/open-auth.ts";
import { provisionServices } from "../src/services/provision.ts";
import { openTestAuth, publicUrl, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, type RestAnswer, registerUser, type Tokens, tokensOf } from "./requests.ts";

/** What a process is configured with; services take the shared secrets of both lists for accepted ones. */
export type Configuration = Pick<AuthOptions, "algorithm" | "insecureSharedSecrets" | "insecureAcceptedSecrets">;

/** The processes of a deployment, in no order: two replicas of auth, and services that check tokens themselves. */
export const processes = ["auth 0", "auth 1", "products", "orders", "inventory"] as const;
export type Process = (typeof processes)[number];

export type RollingDeployment = {
  readonly clock: FakeClock;
  /** Replaces one process by another with this configuration; requests go to the other replica meanwhile. */
  restart(process: Process, configuration: Configuration): Promise<void>;
  /** Sends a round of requests to every process and lets time go on, again and again. */
  run(seconds: number): Promise<void>;
  /** The algorithms of the tokens that were signed, in the order in which each came up first. */
  signedWith(): readonly string[];
  /** How many requests were answered, and what any of them was refused with. */
  outcome(): { readonly answered: number; readonly refused: readonly unknown[] };
  readiness(process: Process): Promise<{ readonly ready: boolean; readonly checks: Readonly<Record<string, string>> }>;
  close(): Promise<void>;
};

const testRouter = router({
  whoami: protectedProcedure.query(({ ctx }) => ctx.user.id),
  ping: serviceProcedure("orders").mutation(() => "pong"),
});

/** Seconds between two rounds of requests, and of the maintenance that a replica of auth does by itself. */
const round = 60;
const maintenance = 60;
/** A token of the last sign-in, and one that is nearly over. */
const oldestToken = 540;

/** Starts every process with this configuration, on one database and one clock. */
export async function startRollingDeployment(
  database: OpenDatabase,
  directory: string,
  first: Configuration,
): Promise<RollingDeployment> {
  const clock = createFakeClock();
  const bus = createInProcessBus({ now: clock.now, retentionMs: 20 * 60_000 });
  const files = await provisionServices({ db: database.db, directory, now: clock.now });
  const origins = localOrigins();
  const replicas = new Map<Process, TestAuth>();
  const services = new Map<Process, { chassis: Chassis; app: ReturnType<typeof createServiceApp> }>();
  const refused: unknown[] = [];
  const algorithms: string[] = [];
  let issued: { readonly tokens: Tokens; readonly at: number }[] = [];
  let answered = 0;
  let turn = 0;

  function replica(): TestAuth {
    const running = [...replicas.values()];
    turn += 1;
    const chosen = running[turn % running.length];
    if (chosen === undefined) throw new Error("No replica of auth runs.");
    return chosen;
  }
  function service(name: Process) {
    const found = services.get(name);
    if (found === undefined) throw new Error(`${name} does not run.`);
    return found;
  }
  const fetch = inProcessFetch({
    [origins.auth]: { request: (request: Request) => replica().app.request(request) },
    [origins.inventory]: { request: (request: Request) => service("inventory").app.request(request) },
  });

  async function startAuth(process: Process, configuration: Configuration): Promise<void> {
    const before = replicas.get(process);
    replicas.delete(process);
    await before?.auth.chassis.feed.close();
    replicas.set(process, await openTestAuth(database, { ...configuration, bus, now: clock.now }));
  }
  async function startService(name: Exclude<ServiceName, "auth">, configuration: Configuration): Promise<void> {
    await services.get(name)?.chassis.feed.close();
    const secrets = [...(configuration.insecureSharedSecrets ?? []), ...(configuration.insecureAcceptedSecrets ?? [])];
    const chassis = connectChassis({
      service: name,
      issuer: publicUrl,
      insecureSharedSecrets: secrets.length === 0 ? null : secrets,
      origins,
      key: await openServiceKey(files.get(name) ?? "", { service: name, log: silentLog }),
      bus,
      trustedProxies: [],
      log: silentLog,
      now: clock.now,
      fetch,
    });
    await chassis.feed.ready;
    services.set(name, { chassis, app: createServiceApp(chassis, testRouter) });
  }
  async function restart(process: Process, configuration: Configuration): Promise<void> {
    if (process === "auth 0" || process === "auth 1") await startAuth(process, configuration);
    else await startService(process, configuration);
  }

  async function expectOk(what: string, answer: Promise<{ readonly status: number; readonly body?: unknown }>) {
    const { status, ...rest } = await answer;
    answered += 1;
    if (status !== 200) refused.push({ what, status, ...rest });
  }
  async function signIn(): Promise<void> {
    const newest = issued[0]?.tokens;
    const json = { refreshToken: newest?.refreshToken, mode: "bearer" };
    const tokens =
      newest === undefined
        ? await registerUser(replica().app, someEmail())
        : tokensOf(await post(replica().app, "/auth/refresh", { json }));
    answered += 1;
    issued = [{ tokens, at: clock.now() }, ...issued.filter(({ at }) => clock.now() - at < oldestToken * 1000)];
    const { alg } = headerOf(tokens.accessToken);
    if (!algorithms.includes(alg)) algorithms.push(alg);
  }
  async function ping(): Promise<void> {
    const { gate } = service("orders").chassis;
    const call = {
      callee: "inventory",
      path: "ping",
      input: undefined,
      requestId: "rolling",
      signal: undefined,
    } as const;
    answered += 1;
    await gate.call(call).catch((error: unknown) => refused.push(error));
  }
  async function useEverywhere(token: string): Promise<void> {
    const verified = (answer: RestAnswer) => ({
      status: isValid(answer.body) ? answer.status : 401,
      body: answer.body,
    });
    for (const name of ["products", "orders"] as const)
      await expectOk(name, callProcedure(service(name).app, "whoami", { type: "query", token }));
    for (const { app } of replicas.values()) {
      await expectOk("auth me", callProcedure(app, "me", { type: "query", token }));
      await expectOk("auth verify", post(app, "/auth/verify", { json: { token } }).then(verified));
    }
  }

  for (const process of processes) await restart(process, first);
  return {
    clock,
    restart,
    async run(seconds) {
      for (let second = 0; second < seconds; second += round) {
        if (second % maintenance === 0) for (const { auth } of replicas.values()) await tidy(auth);
        await signIn();
        const tokens = [issued[0], issued.at(-1)].flatMap((entry) => entry?.tokens.accessToken ?? []);
        for (const token of tokens) await useEverywhere(token);
        await ping();
        clock.advance(round);
      }
    },
    signedWith: () => algorithms,
    outcome: () => ({ answered, refused }),
    async readiness(process) {
      const app = replicas.get(process)?.app ?? service(process).app;
      return readiness.parse(await (await app.request("/health/ready")).json());
    },
    async close() {
      for (const { chassis } of services.values()) await chassis.feed.close();
      for (const { auth } of replicas.values()) await auth.chassis.feed.close();
    },
  };
}

const readiness = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) });
const header = z.object({ alg: z.string(), kid: z.string() });

/** The header of a token, unverified. */
function headerOf(token: string): z.output<typeof header> {
  return header.parse(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()));
}

function isValid(body: unknown): boolean {
  return typeof body === "object" && body !== null && "valid" in body && body.valid === true;
}
