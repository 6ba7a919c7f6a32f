import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { drive, toBytes } from "../harness/drive.ts";
import type { Rounds } from "../harness/interleave.ts";

/** What a verified token and live revocations add to a call. */
export type RevocationCosts = {
  /** Bytes of heap that the revocations take, and of resident memory. */
  readonly heap: number;
  readonly resident: number;
  /** Microseconds of CPU per call, round by round, next to each other. */
  readonly public: readonly number[];
  /** Public, with a header of no meaning that is as long as the one with the token. */
  readonly padded: readonly number[];
  readonly protected: readonly number[];
  /** Protected, at a service that holds the revocations. */
  readonly crowded: readonly number[];
};

export const revocationCount = 100_000;

const kinds = ["public", "padded", "protected", "crowded"] as const;

/** In one process, in many short turns, since the differences are small: what disturbs them disturbs neighbours alike. */
export async function measureRevocations(runtime: Runtime, { rounds, milliseconds }: Rounds): Promise<RevocationCosts> {
  const child = await startChild(runtime, "countersign");
  try {
    const ports = await child.call<{ plain: number; crowded: number }>("ports");
    const [token = ""] = await child.call<string[]>("mint", 1);
    const withToken = toBytes({ path: "/trpc/protected", headers: { authorization: `Bearer ${token}` } });
    const withPadding = toBytes({ path: "/trpc/public", headers: { "x-no-meaning": `Bearer ${token}` } });
    const calls = milliseconds * 2;
    const loads = {
      public: { port: ports.plain, calls, request: toBytes({ path: "/trpc/public" }) },
      padded: { port: ports.plain, calls, request: withPadding },
      protected: { port: ports.plain, calls, request: withToken },
      crowded: { port: ports.crowded, calls, request: withToken },
    };
    for (const kind of kinds) await cost(child, { ...loads[kind], calls: 20 * calls });
    const before = await child.call<Memory>("memory");
    await child.call("revoke", revocationCount);
    const after = await child.call<Memory>("memory");
    const costs = { public: [], padded: [], protected: [], crowded: [] } as Record<(typeof kinds)[number], number[]>;
    for (let round = 0; round < rounds * 20; round += 1) {
      const shift = round % kinds.length;
      const turned = [...kinds.slice(shift), ...kinds.slice(0, shift)];
      for (const kind of round % 2 === 0 ? turned : turned.toReversed())
        costs[kind].push(await cost(child, loads[kind]));
    }
    return { heap: after.heap - before.heap, resident: after.resident - before.resident, ...costs };
  } finally {
    await child.stop();
  }
}

type Memory = { readonly heap: number; readonly resident: number };
type Load = { readonly port: number; readonly calls: number; readonly request: Buffer };

async function cost(child: Child, { port, calls, request }: Load): Promise<number> {
  const before = await child.cpu();
  await drive({ port, connections: 8, calls, request: () => request });
  return ((await child.cpu()) - before) / calls;
}
