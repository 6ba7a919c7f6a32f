import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { drive, toBytes } from "../harness/drive.ts";
import { type Block, interleave, type Rounds } from "../harness/interleave.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";

/** The cost of one call in microseconds of the server's CPU, per candidate, round by round. */
export type CallCosts = ReadonlyMap<string, readonly number[]>;

const connections = 8;

type Started = { readonly port: number; readonly headers: Readonly<Record<string, string>> };
type Ready = { readonly blocks: readonly Block[]; readonly children: readonly Child[] };

/** Ours and every peer, each a server process of its own, driven from this process over kept-alive connections. */
export async function measureCalls(
  runtime: Runtime,
  plan: Rounds,
  databases: { readonly auth: ScratchDatabase; readonly peers: readonly ScratchDatabase[] },
): Promise<CallCosts> {
  const [cached, uncached] = databases.peers;
  const ready = await Promise.all([
    startOurs(runtime),
    startPeer(runtime, "express 5 + jsonwebtoken", { entry: "express", plain: true }),
    startPeer(runtime, "fastify + @fastify/jwt, cache on", { entry: "fastify", cache: true, plain: true }),
    startPeer(runtime, "fastify + @fastify/jwt, cache off", { entry: "fastify", cache: false }),
    startPeer(runtime, "hono/jwk", { entry: "hono-jwk", plain: true }),
    startPeer(runtime, "better-auth, cookie cache", {
      entry: "better-auth",
      cookieCache: true,
      databaseUrl: cached?.url,
    }),
    startPeer(runtime, "better-auth, PostgreSQL", {
      entry: "better-auth",
      cookieCache: false,
      databaseUrl: uncached?.url,
    }),
    startAsking(runtime, databases.auth),
  ]);
  try {
    return await interleave(
      ready.flatMap(({ blocks }) => blocks),
      plan,
    );
  } finally {
    await Promise.all(ready.flatMap(({ children }) => children.map((child) => child.stop())));
  }
}

async function startOurs(runtime: Runtime): Promise<Ready> {
  const child = await startChild(runtime, "countersign");
  const { plain: port } = await child.call<{ plain: number }>("ports");
  const [token = ""] = await child.call<string[]>("mint", 1);
  const protectedRequest = toBytes({ path: "/trpc/protected", headers: { authorization: `Bearer ${token}` } });
  const publicRequest = toBytes({ path: "/trpc/public" });
  let fresh: string[] = [];
  const firstSeen: Block = {
    ...block("countersign: protected, first seen", child, { port, request: () => withToken(fresh.pop() ?? "") }),
    calls: 1_000,
    async prepare(calls) {
      fresh = await child.call<string[]>("mint", calls);
    },
  };
  const blocks = [
    block("countersign: public", child, { port, request: () => publicRequest }),
    block("countersign: protected", child, { port, request: () => protectedRequest }),
    firstSeen,
  ];
  return { blocks, children: [child] };
}

function withToken(token: string): Buffer {
  return toBytes({ path: "/trpc/protected", headers: { authorization: `Bearer ${token}` } });
}

type Peer = { readonly entry: string; readonly plain?: boolean } & Readonly<Record<string, unknown>>;

async function startPeer(runtime: Runtime, name: string, { entry, plain, ...settings }: Peer): Promise<Ready> {
  const child = await startChild(runtime, entry, settings);
  const { port, headers } = await child.call<Started>("start");
  const query = toBytes({ path: "/trpc/protected", headers });
  const blocks = [block(name, child, { port, request: () => query })];
  if (plain === true) {
    const bare = toBytes({ path: "/plain", headers });
    blocks.push(block(`${name}, without tRPC`, child, { port, request: () => bare }));
  }
  return { blocks, children: [child] };
}

/** The pattern that asks: what the service spends, and what it and the auth service spend together. */
async function startAsking(runtime: Runtime, database: ScratchDatabase): Promise<Ready> {
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 };
  const auth = await startChild(runtime, "auth", {
    databaseUrl: database.url,
    algorithm: "RS256",
    bus: "in-process",
    cost,
  });
  const { auth: authPort } = await auth.call<{ auth: number }>("ports");
  const [user] = await auth.call<{ accessToken: string }[]>("register", 1);
  const child = await startChild(runtime, "asking", { authPort });
  const { port } = await child.call<{ port: number }>("start");
  const request = withToken(user?.accessToken ?? "");
  const both: Child = { ...child, cpu: async () => (await child.cpu()) + (await auth.cpu()) };
  const blocks = [
    block("asks auth on every request, the service alone", child, { port, request: () => request }),
    block("asks auth on every request, both processes", both, { port, request: () => request }),
  ];
  return { blocks, children: [child, auth] };
}

type Target = { readonly port: number; request(): Buffer };

function block(name: string, child: Child, { port, request }: Target): Block {
  return {
    name,
    async measure(calls) {
      const before = await child.cpu();
      await drive({ port, connections, calls, request });
      return ((await child.cpu()) - before) / calls;
    },
  };
}
