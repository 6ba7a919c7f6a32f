import { availableParallelism } from "node:os";
import { type Runtime, startChild } from "../harness/child.ts";
import { drive, openConnection, toBytes } from "../harness/drive.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";

/** Sign-ins and bare hashes in the same rounds, under the same light load of public queries. */
export type SignIns = {
  /** Sign-ins a second, round by round. */
  readonly signIns: readonly number[];
  /** Bare argon2id a second with the same parameters, as many at once as auth has slots; round by round. */
  readonly hashes: readonly number[];
  /** Milliseconds of auth's CPU for each, the load of public queries included; round by round. */
  readonly cpuOfSignIn: readonly number[];
  readonly cpuOfHash: readonly number[];
  /** How long public queries took meanwhile, in milliseconds. */
  readonly duringSignIns: readonly number[];
  readonly duringHashes: readonly number[];
};

type Hashed = { readonly count: number; readonly milliseconds: number };

const everyMs = 10;

/** @param plan `seconds` is the length of a round, `warmUp` a number of sign-ins */
export async function measureSignIns(
  runtime: Runtime,
  plan: { readonly rounds: number; readonly seconds: number; readonly warmUp: number },
  database: ScratchDatabase,
): Promise<SignIns> {
  const auth = await startChild(runtime, "auth", { databaseUrl: database.url, algorithm: "RS256", bus: "in-process" });
  try {
    const { auth: port, public: publicPort } = await auth.call<{ auth: number; public: number }>("ports");
    const users = await auth.call<{ email: string; password: string }[]>("register", 8);
    const slots = availableParallelism();
    const result = {
      signIns: [],
      hashes: [],
      cpuOfSignIn: [],
      cpuOfHash: [],
      duringSignIns: [],
      duringHashes: [],
    } as {
      [Key in keyof SignIns]: number[];
    };
    const signIn = (calls: number) =>
      drive({
        port,
        connections: 2 * slots, // so that a slot never waits for the next sign-in
        calls,
        request: (lane) => toBytes({ path: "/trpc/login", json: { ...users[lane % 8], mode: "bearer" } }),
      });
    await signIn(plan.warmUp); // the compilers of both runtimes take that many, as they do everywhere else
    let calls = 4 * slots;
    for (let round = 0; round < plan.rounds; round += 1) {
      await whileAsking(publicPort, result.duringSignIns, async () => {
        const [began, before] = [performance.now(), await auth.cpu()];
        await signIn(calls);
        result.signIns.push((calls * 1000) / (performance.now() - began));
        result.cpuOfSignIn.push(((await auth.cpu()) - before) / 1000 / calls);
      });
      calls = Math.max(4 * slots, Math.round((result.signIns.at(-1) ?? 0) * plan.seconds));
      await whileAsking(publicPort, result.duringHashes, async () => {
        const before = await auth.cpu();
        const { count, milliseconds } = await auth.call<Hashed>("hash", { slots, milliseconds: plan.seconds * 1000 });
        result.hashes.push((count * 1000) / milliseconds);
        result.cpuOfHash.push(((await auth.cpu()) - before) / 1000 / count);
      });
    }
    return result;
  } finally {
    await auth.stop();
  }
}

/** Calls a public procedure every few milliseconds for as long as the work lasts, and notes how long each took. */
async function whileAsking(port: number, latencies: number[], work: () => Promise<void>): Promise<void> {
  const request = toBytes({ path: "/trpc/echo", json: { refreshToken: "x".repeat(80), mode: "bearer" } });
  const connection = await openConnection(port);
  await connection.send(request);
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    const began = performance.now();
    await connection.send(request);
    latencies.push(performance.now() - began);
    busy = false;
  }, everyMs);
  await work().finally(() => clearInterval(timer));
  while (busy) await new Promise((resolve) => setTimeout(resolve, 1));
  connection.close();
}
