import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { drive, openConnection, toBytes } from "../harness/drive.ts";
import { quantile } from "../harness/statistics.ts";
import { startNginx } from "./nginx.ts";

/** One way to the backend, measured round by round. */
export type Proxied = {
  /** Microseconds of the proxy's CPU for one request; of the backend's where it stands alone. */
  readonly cpu: readonly number[];
  readonly perSecond: readonly number[];
  /** Microseconds from a request to its answer, one at a time: the median and the 99th percentile of each round. */
  readonly median: readonly number[];
  readonly p99: readonly number[];
};

export type Plan = { readonly rounds: number; readonly requests: number; readonly single: number };

export type Measured = { readonly ways: ReadonlyMap<string, Proxied>; readonly nginx: string | null };

type Way = {
  readonly name: string;
  readonly port: number;
  readonly request: Buffer;
  cpu(): Promise<number>;
};

const connections = 8;

/** The backend is the same for all, on Node; what stands in front of it runs on the runtime, but for nginx. */
export async function measure(runtime: Runtime, plan: Plan): Promise<Measured> {
  const backend = await startChild("node", "backend");
  const { port: backendPort } = await backend.call<{ port: number }>("start");
  const nginx = await startNginx(backendPort);
  const children: Child[] = [backend];
  try {
    const ports = new Map([["the service alone", { port: backendPort, cpu: backend.cpu }]]);
    if (nginx !== null) ports.set("nginx", nginx);
    let headers: Record<string, string> = {};
    for (const [name, entry] of candidates) {
      const child = await startChild(runtime, entry, { backendPort });
      children.push(child);
      const started = await child.call<{ port: number; headers: Record<string, string> }>("start");
      ports.set(name, { port: started.port, cpu: child.cpu });
      headers = { ...headers, ...started.headers }; // one request for all: a token costs also whoever only passes it on
    }
    const request = toBytes({ path: "/trpc/orders/list", headers });
    const ways = [...ports].map(([name, { port, cpu }]): Way => ({ name, port, cpu, request }));
    return { ways: await takeTurns(ways, plan), nginx: nginx?.version ?? null };
  } finally {
    await nginx?.stop();
    await Promise.all(children.map((child) => child.stop()));
  }
}

const candidates = [
  ["the gateway", "gateway"],
  ["its transport alone, no check", "transport"],
  ["a bare relay of sockets", "relay"],
  ["http-proxy", "http-proxy"],
  ["hono/proxy", "hono-proxy"],
] as const;

async function takeTurns(ways: readonly Way[], plan: Plan): Promise<Map<string, Proxied>> {
  // Until it is compiled: after the first 16,000 requests both runtimes still compiled, after 40,000 neither
  for (const way of ways) await measureWay(way, { ...plan, requests: plan.requests * 2 });
  const rounds = new Map<string, Awaited<ReturnType<typeof measureWay>>[]>();
  for (let round = 0; round < plan.rounds; round += 1) {
    const shift = round % ways.length;
    for (const way of [...ways.slice(shift), ...ways.slice(0, shift)]) {
      rounds.set(way.name, [...(rounds.get(way.name) ?? []), await measureWay(way, plan)]);
    }
  }
  return new Map(
    [...rounds].map(([name, found]) => [
      name,
      {
        cpu: found.map(({ cpu }) => cpu),
        perSecond: found.map(({ perSecond }) => perSecond),
        median: found.map(({ times }) => quantile(times, 0.5)),
        p99: found.map(({ times }) => quantile(times, 0.99)),
      },
    ]),
  );
}

async function measureWay({ port, request, cpu }: Way, { requests, single }: Plan) {
  const before = await cpu();
  const began = performance.now();
  await drive({ port, connections, calls: requests, request: () => request });
  const perSecond = (requests * 1000) / (performance.now() - began);
  const spent = ((await cpu()) - before) / requests;
  return { cpu: spent, perSecond, times: await timesOf(port, request, single) };
}

/** One request at a time: what it takes when nobody else is there. */
async function timesOf(port: number, request: Buffer, count: number): Promise<number[]> {
  const connection = await openConnection(port);
  const times: number[] = [];
  while (times.length < count) {
    const began = performance.now();
    const { status, body } = await connection.send(request);
    times.push((performance.now() - began) * 1000);
    if (status !== 200) throw new Error(`Status ${status}: ${body.slice(0, 300)}`);
  }
  connection.close();
  return times;
}
