import { protectedProcedure, publicProcedure, Refusal, router } from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer, type TestIssuer } from "@countersign/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createServiceApp, type ServiceApp } from "./create-service-app.ts";

const secret = "SELECT hash FROM accounts at /srv/app/store.ts:3";

const testRouter = router({
  hello: publicProcedure.query(({ ctx }) => ({ requestId: ctx.requestId })),
  me: protectedProcedure.query(({ ctx }) => ctx.user.id),
  live: protectedProcedure.meta({ freshness: "live" }).query(({ ctx }) => ctx.user.id),
  greet: publicProcedure.input(z.object({ name: z.string(), age: z.number() })).mutation(({ input }) => input.name),
  bug: publicProcedure.query((): string => {
    throw new Error(secret);
  }),
  down: publicProcedure.query((): string => {
    throw new Error("query failed", { cause: Object.assign(new Error(secret), { code: "ECONNREFUSED" }) });
  }),
  slowDown: publicProcedure.query((): string => {
    throw new Refusal("TOO_MANY_REQUESTS", "Wait.", { retryAfterSeconds: 12.2 });
  }),
});

let issuer: TestIssuer;
let app: ServiceApp;
let live: () => Promise<boolean>;

beforeEach(async () => {
  issuer = await createTestIssuer();
  live = async () => true;
  const chassis = createTestChassis("orders", { issuer, isLive: () => live() });
  app = createServiceApp(chassis, testRouter, { checks: { database: () => undefined } });
  await chassis.feed.ready;
});

describe("a service's errors", () => {
  it.each(["bug", "down"])("%s gives nothing away", async (path) => {
    const response = await app.request(`/trpc/${path}`);
    const body = await response.text();
    expect(body).not.toContain("SELECT");
    expect(body).not.toContain(".ts");
    expect(body).not.toContain("stack");
    expect(response.status).toBe(path === "bug" ? 500 : 503);
  });

  it("name the field of a malformed input, and not what was sent", async () => {
    const answer = await callProcedure(app, "greet", { type: "mutation", input: { name: "Ann", age: "hunter2" } });
    expect(answer.error?.data).toMatchObject({ code: "BAD_REQUEST", fields: [{ field: "age" }] });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  it("say that a body is no JSON without quoting it", async () => {
    const headers = { "content-type": "application/json" };
    const response = await app.request("/trpc/greet", { method: "POST", headers, body: "{hunter2" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: "The body is not valid JSON." } });
  });

  it("carry Retry-After in whole seconds", async () => {
    const { status, headers } = await callProcedure(app, "slowDown", { type: "query" });
    expect([status, headers.get("retry-after")]).toEqual([429, "13"]);
  });

  it("come in tRPC's shape for a path that no procedure has", async () => {
    const answer = await callProcedure(app, "nothing", { type: "query" });
    expect(answer).toMatchObject({ status: 404, error: { data: { code: "NOT_FOUND" } } });
    expect((await app.request("/elsewhere")).status).toBe(404);
  });
});

describe("a service's answers", () => {
  it("are never kept by a cache, and carry the request id", async () => {
    const { headers } = await callProcedure(app, "hello", { type: "query", headers: { "x-request-id": "abcd-1234" } });
    expect([headers.get("cache-control"), headers.get("x-request-id")]).toEqual(["no-store", "abcd-1234"]);
  });

  it("make a request id of their own in place of one that would garble a log", async () => {
    const { data } = await callProcedure(app, "hello", { type: "query", headers: { "x-request-id": "a\tb{}" } });
    expect(data).toMatchObject({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it("reach the same guard by any spelling of a path", async () => {
    for (const path of ["me", "m%65", "me/"]) expect((await app.request(`/trpc/${path}`)).status).toBe(401);
  });

  it("stop at twenty calls a request", async () => {
    const paths = (count: number) => Array.from({ length: count }, () => "hello").join(",");
    expect((await app.request(`/trpc/${paths(20)}?batch=1&input={}`)).status).toBe(200);
    expect((await app.request(`/trpc/${paths(21)}?batch=1&input={}`)).status).toBe(400);
  });
});

describe("freshness: live", () => {
  it("asks auth, refuses an ended session, and fails closed when auth cannot say", async () => {
    const call = async () => callProcedure(app, "live", { type: "query", token: await issuer.userToken() });
    expect((await call()).status).toBe(200);
    live = async () => false;
    expect((await call()).status).toBe(401);
    live = async () => Promise.reject(new Error("auth is down"));
    expect((await call()).status).toBe(503);
  });
});

describe("what operators see", () => {
  it("is whether it lives and is ready", async () => {
    expect((await app.request("/health/live")).status).toBe(200);
    expect((await app.request("/health/live", { method: "OPTIONS" })).status).toBe(200);
    const ready = await app.request("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        ready: true,
        checks: { database: "ok", revocations: "ok" },
        feed: { state: "live", lagSeconds: expect.any(Number) },
      },
    ]);
  });

  it("is what is missing when it is not ready, without details", async () => {
    const checks = { database: async () => Promise.reject(new Error(secret)) };
    const broken = createServiceApp(createTestChassis("orders", { issuer }), testRouter, { checks });
    const response = await broken.request("/health/ready");
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { ready: false, checks: { database: "down" } },
    ]);
  });

  it("is how procedures fare and how tokens are refused", async () => {
    await callProcedure(app, "hello", { type: "query" });
    await callProcedure(app, "me", { type: "query" });
    await callProcedure(app, "me", { type: "query", token: "garbage" });
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toMatch(/countersign_procedure_duration_seconds_count\{.*procedure="hello",outcome="ok".*\} 1/);
    expect(metrics).toMatch(
      /countersign_procedure_duration_seconds_count\{.*procedure="me",outcome="UNAUTHORIZED".*\} 2/,
    );
    expect(metrics).toMatch(/countersign_revocation_lag_seconds\{service="orders"\} \d/);
    expect(metrics).toMatch(/countersign_token_verifications_total\{outcome="not_compact.*\} 1/);
  });
});
