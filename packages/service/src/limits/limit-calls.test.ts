import { type Limit, protectedProcedure, publicProcedure, router, serviceProcedure } from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer, type TestIssuer } from "@countersign/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createServiceApp, type ServiceApp } from "../create-service-app.ts";

let done: string[];

const perUser: Limit = { by: "user", calls: 3, perSeconds: 60 };
const perAddress: Limit = { by: "address", calls: 3, perSeconds: 60 };

const testRouter = router({
  open: publicProcedure.query(() => done.push("open")),
  list: publicProcedure.meta({ limits: [perAddress] }).query(() => done.push("list")),
  other: publicProcedure.meta({ limits: [perAddress] }).query(() => done.push("other")),
  total: publicProcedure.meta({ limits: [{ by: "procedure", calls: 3, perSeconds: 60 }] }).query(() => "total"),
  place: protectedProcedure
    .meta({ limits: [perUser] })
    .input(z.object({ amount: z.number() }))
    .mutation(() => done.push("place")),
  reserve: serviceProcedure("orders")
    .meta({
      limits: [
        { by: "service", calls: 3, perSeconds: 60 },
        { by: "address", calls: 1, perSeconds: 60 },
      ],
    })
    .query(() => done.push("reserve")),
});

describe("limits that procedures declare", () => {
  let issuer: TestIssuer;
  let app: ServiceApp;
  beforeAll(async () => {
    issuer = await createTestIssuer();
  });
  beforeEach(() => {
    done = [];
    app = createServiceApp(createTestChassis("products", { issuer, trustedProxies: ["10.0.0.0/8"] }), testRouter);
  });

  /** The statuses of so many GETs, one after the other. */
  async function statuses(
    count: number,
    request: (index: number) => { path: string; init?: RequestInit; peer: string },
  ) {
    const answers: number[] = [];
    for (let index = 0; index < count; index++) {
      const { path, init, peer } = request(index);
      answers.push((await app.request(`/trpc/${path}`, init ?? {}, { address: peer })).status);
    }
    return answers;
  }

  const onlyThree = [200, 200, 200, 429, 429];

  it("count the calls of a batch one by one, refuse those beyond and answer the others", async () => {
    const path = Array<string>(20).fill("list").join(",");
    const response = await app.request(`/trpc/${path}?batch=1`, {}, { address: "192.0.2.1" });
    const answers: unknown = await response.json();
    const one = z.object({ error: z.object({ data: z.object({ code: z.string() }) }).optional() });
    const codes = z
      .array(one)
      .parse(answers)
      .map(({ error }) => error?.data.code ?? "answered");
    expect(codes.filter((code) => code === "answered")).toHaveLength(3);
    expect(codes.filter((code) => code === "TOO_MANY_REQUESTS")).toHaveLength(17);
    expect(done).toHaveLength(3);
    expect(response.status).toBe(207);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(response.headers.get("ratelimit")).toMatch(/^"products\.list\/address";r=0;t=\d+$/);
  });

  it("say what is left, and when it is more again, as the draft of the IETF has it", async () => {
    const first = await callProcedure(app, "list", { type: "query" });
    expect(first.headers.get("ratelimit-policy")).toBe('"products.list/address";q=3;w=60');
    expect(first.headers.get("ratelimit")).toBe('"products.list/address";r=2;t=60');
    for (let more = 0; more < 2; more++) await callProcedure(app, "list", { type: "query" });
    const refused = await callProcedure(app, "list", { type: "query" });
    expect(refused).toMatchObject({ status: 429, error: { data: { code: "TOO_MANY_REQUESTS", path: "list" } } });
    expect(refused.headers.get("ratelimit")).toMatch(/^"products\.list\/address";r=0;t=\d+$/);
    expect(refused.headers.get("ratelimit")).toContain(`;t=${refused.headers.get("retry-after")}`);
  });

  it("are said side by side for a batch of several procedures", async () => {
    const { headers } = await app.request("/trpc/list,other,open?batch=1");
    expect(headers.get("ratelimit")).toMatch(
      /^"products\.(list|other)\/address";r=2;t=60, "products\.(list|other)\/address"/,
    );
    expect(headers.get("ratelimit-policy")?.split(", ")).toHaveLength(2);
  });

  it("cost a procedure without any nothing, not even a header", async () => {
    const { headers } = await callProcedure(app, "open", { type: "query" });
    expect([headers.get("ratelimit"), headers.get("ratelimit-policy")]).toEqual([null, null]);
  });

  it("are not passed by with another X-Forwarded-For on each call", async () => {
    const forged = (index: number) => ({ "x-forwarded-for": `198.51.100.${index}` });
    expect(
      await statuses(5, (index) => ({ path: "list", init: { headers: forged(index) }, peer: "192.0.2.1" })),
    ).toEqual(onlyThree);
    const before = (index: number) => ({ "x-forwarded-for": `198.51.100.${index}, 203.0.113.9` });
    expect(
      await statuses(5, (index) => ({ path: "list", init: { headers: before(index) }, peer: "10.0.0.1" })),
    ).toEqual(onlyThree);
  });

  it("take all addresses of one /64 for one, and its neighbour for another", async () => {
    expect(await statuses(5, (index) => ({ path: "list", peer: `2001:db8::${index + 1}` }))).toEqual(onlyThree);
    expect(await statuses(1, () => ({ path: "list", peer: "2001:db8:0:1::1" }))).toEqual([200]);
  });

  it("are one for every spelling of a path", async () => {
    const spellings = ["list", "l%69st", "list/", "list?x=1", "%6cist"];
    expect(await statuses(5, (index) => ({ path: spellings[index] ?? "", peer: "192.0.2.1" }))).toEqual(onlyThree);
    const batch = await app.request("/trpc/list%2Clist?batch=1", {}, { address: "192.0.2.1" });
    expect(batch.status).toBe(429);
  });

  it("count for a user whoever brings the calls, and from wherever", async () => {
    const [direct, another] = await Promise.all([
      issuer.userToken({ audience: ["products"] }),
      issuer.userToken({ audience: ["products"], id: crypto.randomUUID() }),
    ]);
    const place = (token: string) => callProcedure(app, "place", { type: "mutation", input: { amount: 1 }, token });
    const answers = await Promise.all(Array.from({ length: 20 }, () => place(direct)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(done).toHaveLength(3);
    expect((await place(another)).status).toBe(200);
    const delegated = await issuer.delegatedToken("orders", "products");
    expect((await place(delegated)).status).toBe(429);
  });

  it("count before the input is looked at, and after the guard", async () => {
    const token = await issuer.userToken({ audience: ["products"] });
    const malformed = () => callProcedure(app, "place", { type: "mutation", input: { amount: "much" }, token });
    const answers = [await malformed(), await malformed(), await malformed(), await malformed()];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 429]);
    const anonymous = await callProcedure(app, "place", { type: "mutation", input: { amount: 1 } });
    expect(anonymous.status).toBe(401);
  });

  it("count for a service by its token, and never by its address", async () => {
    const headers = { authorization: `Bearer ${await issuer.serviceToken("orders", "products")}` };
    expect(await statuses(5, () => ({ path: "reserve", init: { headers }, peer: "192.0.2.1" }))).toEqual(onlyThree);
  });

  it("count all calls of a procedure together where it says so", async () => {
    expect(await statuses(5, (index) => ({ path: "total", peer: `192.0.2.${index}` }))).toEqual(onlyThree);
  });

  it("are told in the metrics", async () => {
    await statuses(5, () => ({ path: "list", peer: "192.0.2.1" }));
    const metrics = await (await app.request("/metrics")).text();
    expect(metrics).toMatch(/countersign_limited_calls_total\{limit="products\.list\/address",outcome="allowed".*\} 3/);
    expect(metrics).toMatch(/countersign_limited_calls_total\{limit="products\.list\/address",outcome="refused".*\} 2/);
    expect(metrics).toMatch(/countersign_limit_store_up\{.*\} 1/);
  });
});
