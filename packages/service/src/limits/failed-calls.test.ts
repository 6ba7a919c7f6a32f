import { type Limit, protectedProcedure, publicProcedure, Refusal, router } from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer, type TestIssuer } from "@countersign/testing";
import { TRPCError } from "@trpc/server";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createServiceApp, type ServiceApp } from "../create-service-app.ts";

const three: Limit = { by: "address", calls: 3, perSeconds: 60 };
const perUser: Limit = { by: "user", calls: 3, perSeconds: 60 };

describe("calls that fail on our side", () => {
  let issuer: TestIssuer;
  let app: ServiceApp;
  let failure: (() => Error) | null;
  let isAuthAway: boolean;
  beforeAll(async () => {
    issuer = await createTestIssuer();
  });
  beforeEach(() => {
    failure = null;
    isAuthAway = false;
    const work = () => {
      if (failure !== null) throw failure();
      return "done";
    };
    const isLive = () => (isAuthAway ? Promise.reject(new Error("Auth is away.")) : Promise.resolve(true));
    app = createServiceApp(
      createTestChassis("products", { issuer, isLive }),
      router({
        list: publicProcedure.meta({ limits: [three] }).query(work),
        place: protectedProcedure.meta({ limits: [perUser, three], freshness: "live" }).mutation(work),
      }),
    );
  });

  const list = async (headers: Record<string, string> = {}) => {
    const { status } = await callProcedure(app, "list", { type: "query", headers });
    return status;
  };
  const times = async (count: number, call: () => Promise<number>) => {
    const all: number[] = [];
    for (let tries = 0; tries < count; tries += 1) all.push(await call());
    return all;
  };
  const all = (status: number, count: number) => Array<number>(count).fill(status);

  it.each([
    ["SERVICE_UNAVAILABLE", 503, () => new Refusal("SERVICE_UNAVAILABLE")],
    ["a fault", 500, () => new TypeError("A fault of ours.")],
    ["a database that is away", 503, () => Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
    ["a timeout", 504, () => new TRPCError({ code: "GATEWAY_TIMEOUT" })],
  ] as const)("are not charged: %s", async (_, status, make) => {
    failure = make;
    expect(await times(10, list)).toEqual(all(status, 10));
    failure = null;
    expect(await times(4, list)).toEqual([200, 200, 200, 429]);
  });

  it("are not charged when auth cannot say whether the session stands", async () => {
    const token = await issuer.userToken({ audience: ["products"] });
    const place = async () => (await callProcedure(app, "place", { type: "mutation", token })).status;
    isAuthAway = true;
    expect(await times(10, place)).toEqual(all(503, 10));
    isAuthAway = false;
    expect(await times(4, place)).toEqual([200, 200, 200, 429]);
  });

  it("are charged when the caller is at fault", async () => {
    failure = () => new Refusal("NOT_FOUND");
    expect(await times(4, list)).toEqual([404, 404, 404, 429]);
  });

  it("are charged when the caller left no time for them", async () => {
    expect(await times(4, () => list({ "x-request-timeout-ms": "0" }))).toEqual([503, 503, 503, 429]);
  });

  it("are given back ten times the limit at most: causing failures is no way to work without one", async () => {
    failure = () => new Refusal("SERVICE_UNAVAILABLE");
    const statuses = await times(40, list);
    expect(statuses.indexOf(429)).toBe(33);
    expect(statuses.slice(33)).toEqual(all(429, 7));
  });
});
