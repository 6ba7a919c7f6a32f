import { protectedProcedure, publicProcedure, router } from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import { createTestChassis, createTestIssuer } from "@countersign/testing";
import { tracked } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";

const sessionId = "00000000-0000-4000-8000-00000000000a";
let returned = 0;

/** One event, then silence for ever: only somebody else can end it. */
function silent(): AsyncIterable<unknown> {
  let isFirst = true;
  const next = async (): Promise<IteratorResult<unknown>> => {
    if (!isFirst) return new Promise(() => undefined);
    isFirst = false;
    return { done: false, value: tracked("1", "first") };
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => {
        returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
}

async function* failing(): AsyncGenerator<string> {
  yield "first";
  throw new Error("secret internals");
}

const routes = router({
  mine: protectedProcedure.subscription(() => silent()),
  anyones: publicProcedure.subscription(() => silent()),
  failing: publicProcedure.subscription(() => failing()),
});

async function setUp() {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const bus = createInProcessBus({ now, retentionMs: 60_000 });
  const issuer = await createTestIssuer({ now });
  const chassis = createTestChassis("orders", { issuer, bus, now });
  await chassis.feed.ready;
  const app = createServiceApp(chassis, routes);
  const open = (path: string, token?: string) =>
    app.request(`/trpc/${path}`, {
      headers: { accept: "text/event-stream", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    });
  const revoke = async (id: string) =>
    issuer.feed.publish(bus, { kind: "session", id, expiresAt: Math.floor(now() / 1000) + 600 });
  return { issuer, open, revoke, skipTo: (ms: number) => void (ahead = ms), bus };
}

describe("a stream", () => {
  it("ends within a moment of the revocation of its session, with UNAUTHORIZED, and lets go of its source", async () => {
    const { issuer, open, revoke } = await setUp();
    const before = returned;
    const response = await open("mine", await issuer.userToken({ sessionId }));
    const text = response.text();
    await revoke(sessionId);
    expect(await text).toMatch(/id: 1[^]*event: serialized-error\ndata: .*"code":"UNAUTHORIZED"/);
    expect(returned).toBe(before + 1);
  });

  it("is not touched by the end of another session", async () => {
    const { issuer, open, revoke } = await setUp();
    const response = await open("mine", await issuer.userToken({ sessionId }));
    const text = response.text();
    await revoke("00000000-0000-4000-8000-00000000000b");
    const winner = await Promise.race([text, new Promise((resolve) => setTimeout(() => resolve("goes on"), 50))]);
    expect(winner).toBe("goes on");
    await revoke(sessionId);
    await text;
  });

  it("ends with its token", async () => {
    const { issuer, open, skipTo } = await setUp();
    const token = await issuer.userToken();
    skipTo(598_000);
    const text = await (await open("mine", token)).text();
    expect(text).toContain('"code":"UNAUTHORIZED"');
  });

  it("that fails says nothing of the inside", async () => {
    const { open } = await setUp();
    const text = await (await open("failing")).text();
    expect(text).toContain('"code":"INTERNAL_SERVER_ERROR"');
    expect(text).not.toContain("secret");
  });
});
