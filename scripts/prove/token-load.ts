import { setTimeout } from "node:timers/promises";

/** Requests that go on until they are stopped. */
export type TokenLoad = {
  answered(): number;
  stop(): Promise<{
    readonly answered: number;
    /** What went wrong: the request, and the status or the error. */
    readonly failures: readonly string[];
    /** The algorithms of the tokens that were signed, in the order in which each came up first. */
    readonly algorithms: readonly string[];
  }>;
};

type Pair = { readonly accessToken: string; readonly refreshToken: string };

/** Users of one gateway, each of whom registers and then refreshes and reads with the newest token and an older one. */
export function startLoad(gateway: string, users = 4): TokenLoad {
  const failures: string[] = [];
  const algorithms = new Set<string>();
  let answered = 0;
  const stopping = new AbortController();

  async function ask(what: string, url: string, init: RequestInit): Promise<unknown> {
    try {
      const response = await fetch(`${gateway}${url}`, init);
      answered += 1;
      if (!response.ok) failures.push(`${what}: ${response.status} ${await response.text()}`);
      return response.ok ? await response.json() : null;
    } catch (error) {
      failures.push(`${what}: ${String(error)}`);
      return null;
    }
  }
  async function sign(path: "register" | "refresh", body: object): Promise<Pair | null> {
    const json = JSON.stringify({ ...body, mode: "bearer" });
    const headers = { "content-type": "application/json" };
    const pair = readPair(await ask(path, `/auth/${path}`, { method: "POST", headers, body: json }));
    if (pair !== null) algorithms.add(algorithmOf(pair.accessToken));
    return pair;
  }
  async function act(): Promise<void> {
    const user = { email: `user-${crypto.randomUUID()}@example.com`, password: "correct horse battery" };
    let newest = await sign("register", user);
    let older = newest;
    while (!stopping.signal.aborted && newest !== null) {
      for (let turn = 0; turn < 10 && !stopping.signal.aborted; turn += 1) {
        for (const { accessToken } of [newest, older ?? newest]) {
          const headers = { authorization: `Bearer ${accessToken}` };
          await ask("orders.list", "/trpc/orders/list", { headers });
          await ask("me", "/trpc/auth/me", { headers });
        }
        await setTimeout(100);
      }
      older = newest;
      newest = await sign("refresh", { refreshToken: newest.refreshToken });
    }
  }

  const running = Promise.all(Array.from({ length: users }, act));
  return {
    answered: () => answered,
    async stop() {
      stopping.abort();
      await running;
      return { answered, failures, algorithms: [...algorithms] };
    },
  };
}

function readPair(body: unknown): Pair | null {
  if (typeof body !== "object" || body === null || !("accessToken" in body && "refreshToken" in body)) return null;
  return { accessToken: String(body.accessToken), refreshToken: String(body.refreshToken) };
}

function algorithmOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
  return typeof header === "object" && header !== null && "alg" in header ? String(header.alg) : "none";
}
