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
  /** How long public queries took meanwhile, in milliseconds. */
  readonly duringSignIns: readonly number[];
  readonly duringHashes: readonly number[];
};

const everyMs = 10;

export async function measureSignIns(
  runtime: Runtime,
  plan: { readonly rounds: number; readonly seconds: number },
  database: ScratchDatabase,
): Promise<SignIns> {
  const auth = await startChild(runtime, "auth", { databaseUrl: database.url, algorithm: "RS256", bus: "in-process" });
  try {
    const { auth: port, public: publicPort } = await auth.call<{ auth: number; public: number }>("ports");
    const users = await auth.call<{ email: string; password: string }[]>("register", 8);
    const slots = availableParallelism();
    const result = { signIns: [], hashes: [], duringSignIns: [], duringHashes: [] } as {
      [Key in keyof SignIns]: number[];
    };
    const signIn = (calls: number) =>
      drive({
        port,
        connections: 2 * slots, // so that a slot never waits for the next sign-in
        calls,
        request: (lane) => toBytes({ path: "/trpc/login", json: { ...users[lane % 8], mode: "bearer" } }),
      });
    await signIn(10);
    let calls = 4 * slots;
    for (let round = 0; round < plan.rounds; round += 1) {
      await whileAsking(publicPort, result.duringSignIns, async () => {
        const began = performance.now();
        await signIn(calls);
        result.signIns.push((calls * 1000) / (performance.now() - began));
      });
      calls = Math.max(4 * slots, Math.round((result.signIns.at(-1) ?? 0) * plan.seconds));
      await whileAsking(publicPort, result.duringHashes, async () => {
        result.hashes.push(await auth.call<number>("hash", { slots, milliseconds: plan.seconds * 1000 }));
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
