import { protectedProcedure, publicProcedure, Refusal, router } from "@countersign/context";
import {
  createServiceApp,
  createTransport,
  type Served,
  serve,
  serveAnswers,
  type Transport,
} from "@countersign/service";
import { createTestChassis, createTestIssuer, silentLog, testUserId, until } from "@countersign/testing";
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createApp } from "../src/app.ts";
import { originsOf } from "./harness.ts";

function leftBy(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

let changes = 0;
let ticking = 0;

const ordersRouter = router({
  list: publicProcedure.input(z.object({ limit: z.number() })).query(({ input }) => ({ limit: input.limit })),
  me: protectedProcedure.query(({ ctx }) => ctx.user.id),
  change: publicProcedure.mutation(() => {
    changes += 1;
    return changes;
  }),
  upload: protectedProcedure.input(z.instanceof(FormData)).mutation(({ ctx, input }) => [...input.keys(), ctx.user.id]),
  fail: publicProcedure.query(() => {
    throw new Refusal("NOT_FOUND", "No such order.");
  }),
  slow: publicProcedure.query(() => new Promise<string>((resolve) => setTimeout(resolve, 60_000, "late").unref())),
  ticks: publicProcedure.subscription(async function* ({ signal }) {
    ticking += 1;
    try {
      for (let tick = 0; !leftBy(signal); tick += 1) {
        yield tick;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      ticking -= 1;
    }
  }),
});
type OrdersRouter = typeof ordersRouter;

let token: string;
let gateway: Served;
let transport: Transport;
let orders: Served;

beforeAll(async () => {
  const issuer = await createTestIssuer();
  token = await issuer.userToken();
  const app = createServiceApp(createTestChassis("orders", { issuer }), ordersRouter);
  orders = await serve(app.fetch, { port: 0, hostname: "127.0.0.1", drainMs: 100 });
  transport = createTransport();
  const door = createApp({
    upstreams: originsOf((name) => (name === "orders" ? orders.url : "http://127.0.0.1:9")), // port 9: nothing there
    publicOrigin: "http://localhost:4000",
    forward: transport.forward,
    log: silentLog,
    now: Date.now,
  });
  gateway = await serveAnswers(door, { port: 0, hostname: "127.0.0.1", drainMs: 100 });
});

afterAll(async () => {
  await gateway.stop();
  await transport.close();
  await orders.stop();
});

const links = { httpLink, httpBatchLink, httpBatchStreamLink };

function clientOf(link: keyof typeof links, service = "orders", headers: Record<string, string> = {}) {
  const made: TRPCLink<OrdersRouter> = links[link]({ url: `${gateway.url}/trpc/${service}`, headers });
  return createTRPCClient<OrdersRouter>({ links: [made] });
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return error instanceof TRPCClientError ? { message: error.message, data: error.data } : error;
  }
}

describe.each(["httpLink", "httpBatchLink", "httpBatchStreamLink"] as const)("a stock tRPC client with %s", (link) => {
  it("calls through the gateway, several at once", async () => {
    const client = clientOf(link, "orders", { authorization: `Bearer ${token}` });
    const [first, second, me] = await Promise.all([
      client.list.query({ limit: 1 }),
      client.list.query({ limit: 2 }),
      client.me.query(),
    ]);
    expect([first, second, me]).toEqual([{ limit: 1 }, { limit: 2 }, testUserId]);
    expect(await client.change.mutate()).toBe(changes);
  });

  it("is signed in by the cookie", async () => {
    expect(await clientOf(link, "orders", { cookie: `auth_token=${token}` }).me.query()).toBe(testUserId);
  });

  it("sees the service's own refusals beside the good answers", async () => {
    const client = clientOf(link);
    const [good, missing, anonymous] = await Promise.all([
      client.list.query({ limit: 1 }),
      errorOf(client.fail.query()),
      errorOf(client.me.query()),
    ]);
    expect(good).toEqual({ limit: 1 });
    expect(missing).toMatchObject({ message: "No such order.", data: { code: "NOT_FOUND" } });
    expect(anonymous).toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });

  it("understands that a service is down", async () => {
    const client = clientOf(link, "products");
    const [one, two] = await Promise.all([errorOf(client.list.query({ limit: 1 })), errorOf(client.me.query())]);
    for (const error of [one, two]) {
      expect(error).toMatchObject({
        message: expect.stringContaining("products"),
        data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503 },
      });
    }
  });

  it("understands the gateway's own refusals", async () => {
    const unknown = await errorOf(clientOf(link, "unknown").list.query({ limit: 1 }));
    const bad = await errorOf(clientOf(link, "orders", { authorization: "Basic abc" }).me.query());
    expect([unknown, bad]).toMatchObject([{ data: { code: "NOT_FOUND" } }, { data: { code: "UNAUTHORIZED" } }]);
  });
});

describe("through the gateway", () => {
  it("a form arrives as a form, with who sent it", async () => {
    const form = new FormData();
    form.set("name", "apple");
    form.set("file", new Blob(["x".repeat(100_000)]), "x.txt");
    const client = clientOf("httpLink", "orders", { authorization: `Bearer ${token}` });
    expect(await client.upload.mutate(form)).toEqual(["name", "file", testUserId]);
    const error = await errorOf(clientOf("httpLink").upload.mutate(form));
    expect(error).toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });

  it("no mutation runs by GET: a safe read stays one, so that it needs no cross-site check", async () => {
    const before = changes;
    const single = await fetch(`${gateway.url}/trpc/orders/change`, { headers: { cookie: `auth_token=${token}` } });
    const batch = await fetch(`${gateway.url}/trpc/orders/change,change?batch=1&input=%7B%7D`);
    expect([single.status, batch.status, changes]).toEqual([405, 405, before]);
  });

  it("a mutation without input, as a form of another site would send it, does not run", async () => {
    const before = changes;
    const headers = { cookie: `auth_token=${token}`, origin: "https://evil.example" };
    const form = new FormData();
    form.set("x", "1");
    const answers = await Promise.all([
      fetch(`${gateway.url}/trpc/orders/change`, { method: "POST", headers, body: form }),
      fetch(`${gateway.url}/trpc/orders/change`, { method: "POST", headers, body: new Uint8Array(3) }),
    ]);
    expect([...answers.map(({ status }) => status), changes]).toEqual([403, 403, before]);
  });

  it("a subscription streams, and ends at the service when the client leaves", async () => {
    const leaving = new AbortController();
    const headers = { accept: "text/event-stream" };
    const response = await fetch(`${gateway.url}/trpc/orders/ticks`, { headers, signal: leaving.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("cache-control")).toContain("no-store");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let received = "";
    while (!received.includes("data: 2")) received += (await reader?.read())?.value ?? "";
    expect(ticking).toBe(1);
    leaving.abort();
    await until(() => ticking === 0);
  });

  it("a batch that streams shows what is ready before what is not", async () => {
    const client = clientOf("httpBatchStreamLink");
    const leaving = new AbortController();
    const slow = errorOf(client.slow.query(undefined, { signal: leaving.signal }));
    expect(await client.list.query({ limit: 7 }, { signal: leaving.signal })).toEqual({ limit: 7 });
    leaving.abort();
    expect(await slow).toBeDefined();
  });

  it("health tells which service is ready", async () => {
    const response = await fetch(`${gateway.url}/health`);
    expect(await response.json()).toMatchObject({ services: { products: "unreachable", auth: "unreachable" } });
  });
});
