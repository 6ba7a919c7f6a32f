import { protectedProcedure, publicProcedure, router } from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import { createTestChassis, createTestIssuer } from "@countersign/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";
import { createMemoryStore } from "./limits/memory-store.ts";
import { type Served, serve } from "./serve.ts";

const openServers: Served[] = [];
afterAll(() => Promise.all(openServers.map((served) => served.stop())));

async function* until(signal: AbortSignal): AsyncGenerator<string> {
  yield "first";
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

async function* brief(): AsyncGenerator<string> {
  yield "only";
}

async function* failing(): AsyncGenerator<string> {
  yield "first";
  throw new Error("Broken.");
}

const routes = router({
  mine: protectedProcedure.subscription(({ signal = AbortSignal.abort() }) => until(signal)),
  anyones: publicProcedure.subscription(({ signal = AbortSignal.abort() }) => until(signal)),
  brief: protectedProcedure.subscription(() => brief()),
  failing: protectedProcedure.subscription(() => failing()),
});

/** A service behind a listener, which allows a user three streams and an address five. */
async function setUp() {
  const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
  const issuer = await createTestIssuer({ now: Date.now });
  const limits = { store: createMemoryStore(), sizes: new Map(), streams: { perUser: 3, perAddress: 5 } };
  const chassis = createTestChassis("orders", { issuer, bus, limits, trustedProxies: ["127.0.0.1/32"] });
  await chassis.feed.ready;
  const served = await serve(createServiceApp(chassis, routes).fetch, { port: 0, hostname: "127.0.0.1", drainMs: 100 });
  openServers.push(served);
  const tokenOf = async (id: string) => await issuer.userToken({ id, sessionId: id });
  const open = async (path: string, token?: string, address = "192.0.2.1") => {
    const leaving = new AbortController();
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { accept: "text/event-stream", "x-forwarded-for": address, ...authorization };
    const response = await fetch(`${served.url}/trpc/${path}`, { headers, signal: leaving.signal });
    return { status: response.status, response, leave: () => leaving.abort() };
  };
  const isOpen = async () => {
    const text = await (await fetch(`${served.url}/metrics`)).text();
    return Number(/^countersign_open_streams\S* (\d+)$/m.exec(text)?.[1]);
  };
  const revoke = (id: string) =>
    issuer.feed.publish(bus, { kind: "session", id, expiresAt: Math.floor(Date.now() / 1000) + 600 });
  return { open, tokenOf, isOpen, revoke };
}

const [alice, bob, carol] = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
]; // one for each digit

describe("streams of one user", () => {
  it("are so many and no more, from whichever address, and leave those of others alone", async () => {
    const { open, tokenOf, isOpen } = await setUp();
    const token = await tokenOf(alice);
    const all = await Promise.all(Array.from({ length: 10 }, (_, index) => open("mine", token, `192.0.2.${index}`)));
    expect(all.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200,
      200,
      200,
      ...Array(7).fill(429),
    ]);
    const refused = all.find(({ status }) => status === 429);
    expect(refused?.response.headers.get("retry-after")).toBe("5");
    expect(await refused?.response.text()).toContain("No more than 3 streams");
    const other = await open("mine", await tokenOf(bob));
    expect(other.status).toBe(200);
    for (const { leave } of [...all, other]) leave();
    await expect.poll(isOpen).toBe(0);
    expect((await open("mine", token)).status).toBe(200);
  });

  it("no longer count once they have ended: done, failed, revoked, or left before and after the first event", async () => {
    const { open, tokenOf, isOpen, revoke } = await setUp();
    const token = await tokenOf(carol);
    for (let round = 0; round < 4; round += 1) {
      await (await open("brief", token)).response.text();
      await (await open("failing", token)).response.text();
      await (await open("mine", token)).response.body?.cancel();
      const unread = await open("mine", token);
      unread.leave();
      await expect.poll(isOpen).toBe(0);
    }
    const last = await open("mine", token);
    expect(last.status).toBe(200);
    await revoke(carol);
    expect(await last.response.text()).toContain("UNAUTHORIZED");
    expect(await isOpen()).toBe(0);
  });
});

describe("streams of one address", () => {
  it("are so many and no more, a /64 being one, signed in or not", async () => {
    const { open, tokenOf } = await setUp();
    const all = [
      ...(await Promise.all([0, 1, 2].map(async (index) => open("anyones", undefined, `2001:db8::${index}`)))),
      ...(await Promise.all([alice, bob, carol].map(async (id) => open("mine", await tokenOf(id), "2001:db8::9")))),
    ];
    expect(all.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1);
    expect((await open("anyones", undefined, "2001:db8:1::1")).status).toBe(200);
    for (const { leave } of all) leave();
  });
});
