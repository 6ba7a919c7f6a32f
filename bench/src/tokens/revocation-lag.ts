import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { type Connection, openConnection, toBytes } from "../harness/drive.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";

export type LagPlan = {
  readonly database: ScratchDatabase;
  readonly bus: "in-process" | "postgres";
  /** How many service processes listen; with the bus in process, the one service lives beside auth. */
  readonly services: number;
  readonly count: number;
};

/**
 * From the answer of `logout` to the first refusal at each service, in milliseconds: after the answer a service is asked
 * again and again, and what counts is when its refusal has arrived. So no lag is shorter than one round trip.
 */
export async function measureLag(runtime: Runtime, plan: LagPlan): Promise<readonly number[]> {
  const { database, bus, count } = plan;
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 };
  const auth = await startChild(runtime, "auth", { databaseUrl: database.url, algorithm: "RS256", bus, cost });
  const children: Child[] = [auth];
  try {
    const ports = await auth.call<{ auth: number; service: number }>("ports");
    const servicePorts: number[] = [];
    for (let made = 0; bus === "postgres" && made < plan.services; made += 1) {
      const child = await startChild(runtime, "listener", { databaseUrl: database.url, authPort: ports.auth });
      children.push(child);
      servicePorts.push((await child.call<{ service: number }>("ports")).service);
    }
    const services = await Promise.all((bus === "postgres" ? servicePorts : [ports.service]).map(openConnection));
    const door = await openConnection(ports.auth);
    const lags: number[] = [];
    for (let done = 0; done < count; done += 1) {
      const [user] = await auth.call<{ accessToken: string }[]>("register", 1);
      const { answered, refused } = await signOut(user?.accessToken ?? "", door, services);
      lags.push(...refused.map((at) => at - answered));
    }
    for (const connection of [door, ...services]) connection.close();
    return lags;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** When a sign-out was sent and answered, and when each service first refused the token; milliseconds. */
type SignedOut = { readonly sent: number; readonly answered: number; readonly refused: readonly number[] };

/** Signs a user out whose token the services accept, and asks each of them until it refuses. */
export async function signOut(token: string, door: Connection, services: readonly Connection[]): Promise<SignedOut> {
  const headers = { authorization: `Bearer ${token}` };
  const ask = toBytes({ path: "/trpc/protected", headers });
  for (const service of services) {
    const { status } = await service.send(ask);
    if (status !== 200) throw new Error(`A good token was answered with ${status}.`);
  }
  const sent = performance.now();
  const { status } = await door.send(toBytes({ method: "POST", path: "/trpc/logout", headers, json: {} }));
  if (status !== 200) throw new Error(`The sign-out was answered with ${status}.`);
  const answered = performance.now();
  const refused = await Promise.all(
    services.map(async (service) => {
      for (;;) {
        const answer = await service.send(ask);
        const at = performance.now();
        if (answer.status === 401) return at;
        if (answer.status !== 200 || at - answered > 10_000)
          throw new Error(`A service answers ${answer.status} after ${at - answered} ms.`);
      }
    }),
  );
  return { sent, answered, refused };
}
