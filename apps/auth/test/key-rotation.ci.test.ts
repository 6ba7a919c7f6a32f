import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ServiceName } from "@countersign/access";
import { protectedProcedure, router, serviceProcedure } from "@countersign/context";
import { connectChassis, createServiceApp, localOrigins, openServiceKey, type ServiceApp } from "@countersign/service";
import { callProcedure, describeDatabases, inProcessFetch, silentLog } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tidy } from "../src/keep-up.ts";
import { keyStateOf } from "../src/keys/lifecycle.ts";
import { rotateKeys } from "../src/keys/rotate-keys.ts";
import { readKeys } from "../src/keys/store.ts";
import { provisionServices } from "../src/services/provision.ts";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "./requests.ts";

const services = ["products", "orders", "inventory"] as const;
const minute = 60;

const testRouter = router({
  whoami: protectedProcedure.query(({ ctx }) => ctx.user.id),
  ping: serviceProcedure("orders").mutation(() => "pong"),
});

describeDatabases("keys that turn over under load", { migrations }, (open) => {
  let test: TestAuth;
  let directory: string;
  const apps = new Map<ServiceName, ServiceApp>();
  let ping: () => Promise<unknown>;

  beforeAll(async () => {
    test = await openTestAuth(await open());
    directory = await mkdtemp(path.join(tmpdir(), "countersign-rotation-"));
    const deps = { db: test.auth.deps.db, directory, now: test.clock.now };
    const files = await provisionServices(deps);
    const origins = localOrigins();
    const fetch = inProcessFetch({
      [origins.auth]: test.app,
      [origins.inventory]: { request: (request: Request) => appOf("inventory").request(request) },
    });
    for (const service of services) {
      const chassis = connectChassis({
        service,
        issuer: publicUrl,
        algorithms: ["EdDSA"],
        origins,
        key: await openServiceKey(files.get(service) ?? "", { service, log: silentLog }),
        bus: test.bus,
        trustedProxies: [],
        log: silentLog,
        now: test.clock.now,
        fetch,
      });
      apps.set(service, createServiceApp(chassis, testRouter));
      if (service !== "orders") continue;
      const call = {
        callee: "inventory",
        path: "ping",
        input: undefined,
        requestId: "rotation",
        signal: undefined,
      } as const;
      ping = () => chassis.gate.call(call);
    }
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  function appOf(service: ServiceName): ServiceApp {
    const app = apps.get(service);
    if (app === undefined) throw new Error(`${service} was not started`);
    return app;
  }

  async function renew({ refreshToken }: Tokens): Promise<Tokens> {
    return tokensOf(await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } }));
  }

  it("refuses nothing at three services through the whole cycle, twice over", async () => {
    const states = new Set<string>();
    const refused: unknown[] = [];
    let answered = 0;
    let tokens = await registerUser(test.app, someEmail());

    async function load(): Promise<void> {
      const user = services.slice(0, 2).flatMap((service) => [service, service, service]);
      const calls = user.map((service) =>
        callProcedure(appOf(service), "whoami", { type: "query", token: tokens.accessToken }),
      );
      const answers = await Promise.all(calls);
      refused.push(...answers.filter(({ status }) => status !== 200).map(({ error }) => error));
      await ping().catch((error: unknown) => refused.push(error));
      answered += answers.length + 1;
    }

    // A rotation begins at once and again at half time; a key stays for 20 minutes after its last signature.
    for (let second = 0; second < 80 * minute; second += 10) {
      if (second % (40 * minute) === 0) await rotateKeys(test.auth.deps, { actor: "test", from: null });
      if (second % minute === 0) await tidy(test.auth);
      if (second % (5 * minute) === 0) tokens = await renew(tokens);
      await load();
      for (const key of await readKeys(test.auth.deps.db))
        states.add(`${key.kid} ${keyStateOf(key, test.clock.now())}`);
      test.clock.advance(10);
    }

    expect(refused).toEqual([]);
    expect(answered).toBe(480 * 7);
    const seen = [...states]
      .map((state) => state.split(" ")[1] ?? "")
      .toSorted((one, other) => one.localeCompare(other));
    expect(seen).toEqual(["current", "current", "current", "expired", "expired", "next", "next", "retired", "retired"]);
  }, 120_000);
});
