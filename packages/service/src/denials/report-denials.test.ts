import { protectedProcedure, roleProcedure, router } from "@countersign/context";
import { BusError, createInProcessBus, type EventBus } from "@countersign/events";
import {
  callProcedure,
  createFakeClock,
  createTestChassis,
  createTestIssuer,
  createTestServiceKey,
  readReport,
  silentLog,
} from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createServiceApp } from "../create-service-app.ts";
import { type DenialReport, denialTopic } from "./denial-report.ts";
import { reportDenials } from "./report-denials.ts";
import { signedReport } from "./signed-report.ts";

const clock = createFakeClock();
const denial = {
  procedure: "list",
  reason: "wrong_role",
  userId: "user-1",
  service: null,
  requestId: "request-1",
  address: "192.0.2.1",
};

const { key } = await createTestServiceKey();
const self = { service: "orders", key, issuer: "http://issuer.test" } as const;

const decodeHeader = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());

/** A bus, and what arrives on the topic of refusals. */
function listen(bus: EventBus = createInProcessBus({ now: clock.now, retentionMs: 60_000 })) {
  const reports: DenialReport[] = [];
  const keys: string[] = [];
  bus.subscribe(denialTopic, {
    onEvent({ key: eventKey, data }) {
      keys.push(eventKey);
      reports.push(readReport(data));
    },
  });
  return { bus, reports, keys };
}

describe("reports of refusals", () => {
  it("go out at once, then counted, and at the end whatever is left", async () => {
    const { bus, reports, keys } = listen();
    const reporter = reportDenials({ ...self, bus, log: silentLog, now: clock.now });
    for (let index = 0; index < 3; index += 1) reporter.report(denial);
    await expect.poll(() => reports).toMatchObject([{ count: 1, userId: "user-1" }]);
    await reporter.close();
    await expect.poll(() => reports).toMatchObject([{ count: 1 }, { count: 2 }]);
    reporter.report(denial);
    expect(new Set(keys).size).toBe(2);
  });

  it("wait for a bus that is down, bounded, and go out in order when it is back", async () => {
    let isDown = true;
    const { bus, reports } = listen();
    const failing: EventBus = {
      ...bus,
      publish: async (topic, event) =>
        isDown ? Promise.reject(new BusError("unavailable", "down")) : bus.publish(topic, event),
    };
    const kinds = { known: 2_000, strangers: 1 };
    const reporter = reportDenials({ ...self, bus: failing, log: silentLog, now: clock.now, kinds });
    for (let index = 0; index < 1_200; index += 1) reporter.report({ ...denial, userId: `user-${index}` });
    await reporter.flush();
    expect([reporter.waiting(), reporter.lost(), reports.length]).toEqual([1_000, 200, 0]);
    isDown = false;
    await reporter.flush();
    await expect.poll(() => reports.length).toBe(1_000);
    expect(reports[0]).toMatchObject({ userId: "user-200" });
    await reporter.close();
  });

  it("are signed with the key of the moment, under keys that tell nothing of the next one", async () => {
    const { bus, keys } = listen();
    const rotated = await createTestServiceKey();
    let current = key;
    const signedBy: unknown[] = [];
    bus.subscribe(denialTopic, {
      onEvent: ({ data }) => void signedBy.push(decodeHeader(signedReport.parse(data).report).kid),
    });
    const reporter = reportDenials({ ...self, key: () => current(), bus, log: silentLog, now: clock.now });
    reporter.report(denial);
    await reporter.flush();
    current = rotated.key;
    reporter.report({ ...denial, userId: "user-2" });
    await reporter.close();
    await expect.poll(() => signedBy).toEqual([(await key()).kid, rotated.publicJwk.kid]);
    for (const each of keys) expect(each).toMatch(/^orders\.[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(new Set(keys.map((each) => each.slice(0, 15))).size).toBe(2);
  });

  it("are counted as lost without a key, which is said once, at the start", async () => {
    const { bus, reports } = listen();
    const said: unknown[] = [];
    const log = { ...silentLog, warn: (_about: object, text: string) => void said.push(text) };
    const reporter = reportDenials({ ...self, key: undefined, bus, log, now: clock.now });
    expect(said).toEqual([expect.stringContaining("SERVICE_KEY_FILE")]);
    for (let index = 0; index < 3; index += 1) reporter.report(denial);
    await reporter.close();
    expect([reporter.lost(), reporter.waiting(), reports, said.length]).toEqual([2, 0, [], 1]);
  });
});

describe("a service", () => {
  const testRouter = router({
    mine: protectedProcedure.query(({ ctx }) => ctx.user.id),
    all: roleProcedure("admin").query(() => "all"),
  });
  let issuer: Awaited<ReturnType<typeof createTestIssuer>>;
  beforeAll(async () => {
    issuer = await createTestIssuer();
  });

  it("reports what a guard refuses and what is no credential at all, and says who, where and why", async () => {
    const { bus, reports } = listen();
    const app = createServiceApp(createTestChassis("orders", { issuer, bus, now: clock.now }), testRouter);
    const token = await issuer.userToken();
    await callProcedure(app, "all", { type: "query", token, headers: { "x-request-id": "request-all" } });
    await callProcedure(app, "mine", { type: "query" });
    await callProcedure(app, "mine", { type: "query", token: "garbage" });
    await callProcedure(app, "made.up.by.somebody", { type: "query", token: "garbage" });
    await callProcedure(app, "mine", { type: "query", token });
    const common = { service: "orders", count: 1 };
    await expect
      .poll(() => reports)
      .toMatchObject([
        { ...common, procedure: "all", reason: "wrong_role", userId: expect.any(String), requestId: "request-all" },
        { ...common, procedure: "mine", reason: "anonymous", userId: null },
        { ...common, procedure: "mine", reason: "not_compact", userId: null },
        { ...common, procedure: "unknown", reason: "not_compact", userId: null },
      ]);
  });
});
