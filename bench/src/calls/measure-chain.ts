import path from "node:path";
import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { type Connection, openConnection, toBytes } from "../harness/drive.ts";
import { type Block, interleave, type Rounds } from "../harness/interleave.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";

/** Microseconds from a user's request to its answer, by the kind of call that it makes; round by round. */
export type ChainTimes = ReadonlyMap<string, readonly number[]>;

export type ChainPlan = Rounds & {
  readonly algorithm: "RS256" | "ES256";
  /** How many users' tokens a round sees for the first time. */
  readonly cold: number;
};

/**
 * A user asks orders, which asks inventory: one request at a time over one connection, so that what is measured is the
 * time of a call and not that of a queue. The three services are processes of their own.
 */
export async function measureChain(
  runtime: Runtime,
  plan: ChainPlan,
  on: { readonly database: ScratchDatabase; readonly keys: string },
): Promise<ChainTimes> {
  const children: Child[] = [];
  const start = async (name: string, settings: object) => {
    const child = await startChild(runtime, name, { ...settings, algorithm: plan.algorithm });
    children.push(child);
    return child;
  };
  try {
    const auth = await start("issuing", { databaseUrl: on.database.url, keys: on.keys });
    const { auth: authPort } = await auth.call<{ auth: number }>("ports");
    const called = await start("called", { authPort });
    const { called: calledPort } = await called.call<{ called: number }>("ports");
    const calling = await start("calling", { authPort, calledPort, keyFile: path.join(on.keys, "orders.json") });
    const { calling: port } = await calling.call<{ calling: number }>("ports");
    const [token = ""] = await auth.call<string[]>("mint", 1);
    const warm = (name: string) => timed(name, { port, request: () => asking(name, token) });
    const cold = (name: string) => firstSeen(name, { auth, port, calls: plan.cold });
    const keys = toBytes({ path: "/.well-known/jwks.json" });
    return await interleave(
      [
        ...["none", "open", "keyed", "delegated"].map(warm),
        ...["none", "open", "delegated"].map(cold),
        timed("round trip to auth", { port: authPort, request: () => keys }),
      ],
      plan,
    );
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

function asking(name: string, token: string): Buffer {
  return toBytes({ path: `/trpc/${name}`, headers: { authorization: `Bearer ${token}` } });
}

type Target = { readonly port: number; request(): Buffer };

/** Over a connection of its own, opened before the clock runs: an idle one is closed by the service while others have their turn. */
function timed(name: string, { port, request }: Target): Block {
  return {
    name,
    async measure(calls) {
      const connection = await openConnection(port);
      const began = performance.now();
      for (let call = 0; call < calls; call += 1) await ask(connection, request());
      const spent = performance.now() - began;
      connection.close();
      return (spent * 1000) / calls;
    },
  };
}

/** Each call with a token that nobody has seen: verified at the first service, and exchanged for a delegated call. */
function firstSeen(
  name: string,
  { auth, port, calls }: { readonly auth: Child; readonly port: number; readonly calls: number },
): Block {
  let fresh: string[] = [];
  return {
    ...timed(`${name}, first seen`, { port, request: () => asking(name, fresh.pop() ?? "") }),
    calls,
    async prepare(count) {
      fresh = await auth.call<string[]>("mint", count);
    },
  };
}

async function ask(connection: Connection, request: Buffer): Promise<void> {
  const { status, body } = await connection.send(request);
  if (status !== 200) throw new Error(`Status ${status}: ${body.slice(0, 300)}`);
}
