import { type Limit, protectedProcedure, publicProcedure, router } from "@countersign/context";
import { createTestChassis, createTestIssuer, type TestIssuer } from "@countersign/testing";
import { createTRPCClient, httpBatchStreamLink, TRPCClientError } from "@trpc/client";
import { beforeEach, describe, expect, it } from "vitest";
import { createServiceApp, type ServiceApp } from "./create-service-app.ts";

const three: Limit = { by: "address", calls: 3, perSeconds: 60 };
let finish: () => void;
let finished: Promise<void>;

const testRouter = router({
  list: publicProcedure.meta({ limits: [three] }).query(() => "list"),
  slow: publicProcedure.meta({ limits: [three] }).query(() => finished),
  me: protectedProcedure.query(({ ctx }) => ctx.user.id),
});

describe("a batch that is streamed (JSONL)", () => {
  let issuer: TestIssuer;
  let app: ServiceApp;
  beforeEach(async () => {
    issuer = await createTestIssuer();
    app = createServiceApp(createTestChassis("orders", { issuer }), testRouter);
    ({ promise: finished, resolve: finish } = Promise.withResolvers<void>());
  });

  const ask = (paths: readonly string[], headers: Record<string, string> = {}) =>
    app.request(
      `/trpc/${paths.join(",")}?batch=1&input={}`,
      { headers: { "trpc-accept": "application/jsonl", ...headers } },
      { address: "192.0.2.1" },
    );
  const times = (count: number, path: string) => Array.from({ length: count }, () => path);

  it("says what each limit has left, before its calls are done", async () => {
    const { status, headers, body } = await ask(["list", "slow", "slow"]);
    const policy = (path: string) => `"orders.${path}/address"`;
    expect(status).toBe(200);
    expect(headers.get("ratelimit-policy")?.split(", ").toSorted()).toEqual(
      ["list", "slow"].map((path) => `${policy(path)};q=3;w=60`),
    );
    expect(headers.get("ratelimit")).toContain(`${policy("list")};r=2;t=60`);
    expect(headers.get("ratelimit")).toContain(`${policy("slow")};r=1;t=60`);
    expect(headers.has("retry-after")).toBe(false);
    finish();
    await body?.cancel();
  });

  it("says of a limit that was reached when to come again", async () => {
    const answer = await ask(times(5, "list"));
    expect(answer.headers.get("ratelimit")).toBe('"orders.list/address";r=0;t=60');
    expect(Number(answer.headers.get("retry-after"))).toBe(60);
    expect((await answer.text()).match(/TOO_MANY_REQUESTS/g)).toHaveLength(2);
  });

  it("is refused as a whole, with the status, where its credential is bad", async () => {
    const { status, headers } = await ask(["nothing", "me", "list"], { authorization: "Bearer garbage" });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token", resource_metadata="[^"]+"$/);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("is refused to a stock client in a way that it reads", async () => {
    const link = httpBatchStreamLink({
      url: "http://orders.test/trpc",
      headers: { authorization: "Bearer garbage" },
      fetch: async (url, init) =>
        app.request(String(url), { headers: new Headers(Object.entries(init?.headers ?? {})) }),
    });
    const client = createTRPCClient<typeof testRouter>({ links: [link] });
    const outcomes = await Promise.allSettled([client.me.query(), client.list.query()]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { data: { code: "UNAUTHORIZED", httpStatus: 401 } },
      });
      expect(outcome).toHaveProperty("reason", expect.any(TRPCClientError));
    }
  });
});

it("HEAD, which tRPC answers itself, is not left to a cache's guess", async () => {
  const app = createServiceApp(createTestChassis("orders", { issuer: await createTestIssuer() }), testRouter);
  const { status, headers } = await app.request("/trpc/me", { method: "HEAD" });
  expect([status, headers.get("cache-control"), headers.has("x-request-id")]).toEqual([204, "no-store", true]);
});
