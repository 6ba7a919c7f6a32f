import { randomBytes } from "node:crypto";
import { createLog } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { browserLike } from "../src/story/shop-client.ts";
import { tellStory } from "../src/story/tell-story.ts";
import { createSecretsSeen } from "./secrets-seen.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const line = z.looseObject({
  msg: z.string(),
  service: z.string(),
  requestId: z.string().nullish(),
  traceId: z.string().nullish(),
  procedure: z.string().nullish(),
  outcome: z.string().optional(),
});

describeDatabases("what the platform logs at debug level", { migrations: [] }, (_open, { url, kind, openAgain }) => {
  let platform: Platform;
  let written = "";
  const seen = createSecretsSeen();
  const watched = seen.watch(globalThis.fetch);
  const secret = randomBytes(32);
  const lines = () =>
    written
      .trim()
      .split("\n")
      .map((text) => line.parse(JSON.parse(text)));

  beforeAll(async () => {
    vi.stubGlobal("fetch", watched); // services take it for their calls of each other
    const destination = { write: (text: string) => void (written += text) };
    platform = await startTestPlatform({
      databaseUrl: url() ?? undefined,
      secrets: [secret],
      log: (service) => createLog({ service, level: "debug", destination }),
    });
    for (const encoding of ["base64", "base64url", "hex"] as const) seen.add(secret.toString(encoding));
    seen.add(...demoUsers.map(({ password }) => password));
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await platform.stop();
  });

  function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
    return watched(`${platform.url}${path}`, { method: "POST", body, headers });
  }
  const json = { "content-type": "application/json" };
  const form = { "content-type": "application/x-www-form-urlencoded" };

  it("holds no credential that anyone used, good or bad", async () => {
    await tellStory({ url: platform.url, fetch: watched, proved: () => undefined });
    const email = `logs-${crypto.randomUUID()}@example.com`;
    const password = `pass-${crypto.randomUUID()}`;
    seen.add(password, email);
    await post("/auth/register", JSON.stringify({ email, password }), json);
    await post("/auth/login", JSON.stringify({ email, password: `${password}x` }), json);
    await post("/auth/login", JSON.stringify({ email: { not: email }, password }), json);
    await post("/auth/login", `{"email":"${email}","password":"${password}"`, json);
    await post(`/auth/login?password=${password}`, JSON.stringify({ email, password }), json);
    const basic = Buffer.from(`orders:${password}`).toString("base64");
    seen.add(basic);
    await post("/oauth/token", "grant_type=client_credentials&audience=products", {
      ...form,
      authorization: `Basic ${basic}`,
    });
    await post("/oauth/token", `grant_type=client_credentials&client_id=orders&client_secret=${password}`, form);
    const { accessToken, refreshToken } = z
      .object({ accessToken: z.string(), refreshToken: z.string() })
      .parse(await (await post("/auth/login", JSON.stringify({ ...demoUsers[0], mode: "bearer" }), json)).json());
    const assertion = `client_assertion=${accessToken}`;
    await post("/oauth/token", `grant_type=client_credentials&client_id=orders&${assertion}`, form);
    await post("/oauth/introspect", `token=${accessToken}&client_secret=${password}`, form);
    await post("/auth/refresh", JSON.stringify({ refreshToken: refreshToken.slice(0, -2), mode: "bearer" }), json);
    await post("/auth/refresh", JSON.stringify({ refreshToken, mode: "bearer" }), json);
    await watched(`${platform.url}/trpc/orders/list?input=${accessToken}`, {
      headers: { cookie: `auth_token=${accessToken}x` },
    });
    await watched(`${platform.origins.orders}/trpc/list`, {
      headers: { authorization: `Bearer ${accessToken.slice(0, -4)}` },
    });
    await watched(`${platform.origins.orders}/trpc/${accessToken}`, { headers: { authorization: accessToken } });
    await watched(`${platform.url}/${accessToken}/${refreshToken}`);

    expect(seen.count()).toBeGreaterThan(30);
    expect(seen.foundIn(written)).toEqual([]);
    expect(lines().length).toBeGreaterThan(50);
  });

  it("follows one request through every service by its id and its trace", async () => {
    const { session, api } = browserLike(platform.url, watched);
    await session.login(demoUsers[0]);
    const { items } = await api.products.list.query({ limit: 1 });
    await api.orders.place.mutate({
      items: [{ productId: items[0]?.id ?? "", quantity: 1 }],
      idempotencyKey: crypto.randomUUID(),
    });
    const placed = lines().findLast(({ procedure, msg }) => procedure === "place" && msg === "A call ended.");
    const same = lines().filter(({ requestId }) => requestId === placed?.requestId);
    const ended = same.filter(({ msg }) => msg === "A call ended." || msg === "A request ended.");
    expect(new Set(ended.map(({ service }) => service))).toEqual(
      new Set(["gateway", "orders", "products", "inventory", "auth"]),
    );
    expect(new Set(ended.map(({ traceId }) => traceId)).size).toBe(1);
    expect(placed).toMatchObject({ outcome: "ok", userId: expect.any(String), caller: null, ms: expect.any(Number) });
    expect(ended.find(({ procedure }) => procedure === "reserve")).toMatchObject({ caller: "orders", outcome: "ok" });
  });

  it("says of a query that fails neither its statement nor its values", async (context) => {
    if (kind === "pglite") context.skip("the one connection of an embedded database is the platform's");
    const database = await openAgain();
    await database.query("alter table auth.users rename to moved");
    const [, bob] = demoUsers;
    const response = await post("/auth/login", JSON.stringify(bob), json);
    await database.query("alter table auth.moved rename to users");
    await database.close();
    expect(response.status).toBe(500);
    expect(written).toContain("A query failed.");
    expect(written).not.toContain(bob.email);
    expect(written).not.toMatch(/select .* from/i);
    expect(seen.foundIn(written)).toEqual([]);
  });
});
