import { protectedProcedure, router } from "@countersign/context";
import type { Database } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { createServiceApp, type DenialReport, denialReport, denialTopic } from "@countersign/service";
import {
  callProcedure,
  createTestChassis,
  createTestIssuer,
  describeDatabases,
  silentLog,
  type TestServiceKey,
} from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, type TestAuth } from "../../test/open-test-auth.ts";
import { publishReport, registerServiceKey } from "../../test/report-denials.ts";
import { audit } from "../schema.ts";
import { followDenials } from "./follow-denials.ts";
import type { DenialReader } from "./read-denial.ts";

const retention = 400 * 86_400_000;

describeDatabases("refusals of other services", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  let inventory: TestServiceKey;
  const publish = (data: DenialReport, id = `inventory.${crypto.randomUUID()}`) =>
    publishReport(test.bus, { ...inventory, report: data, now: test.clock.now, id });
  beforeAll(async () => {
    test = await openTestAuth(await open());
    db = test.auth.deps.db;
    inventory = await registerServiceKey(test, "inventory");
  });

  const report: DenialReport = {
    service: "inventory",
    procedure: "levels",
    reason: "wrong_caller",
    userId: null,
    caller: "products",
    address: "2001:db8:0:0::/64",
    requestId: "request-inventory",
    count: 3,
    firstAt: Date.parse("2026-03-01T12:00:00.000Z"),
    lastAt: Date.parse("2026-03-01T12:00:50.000Z"),
  };
  const linesOf = (requestId: string) => db.select().from(audit).where(eq(audit.requestId, requestId));

  it("are in the audit log, with who, where, why and from which network, from the service's own guard on", async () => {
    const issuer = { ...(await createTestIssuer()), issuer: publicUrl };
    const { key } = await registerServiceKey(test, "products");
    const chassis = createTestChassis("products", { issuer, key, bus: test.bus, now: test.clock.now });
    const app = createServiceApp(chassis, router({ mine: protectedProcedure.query(() => "mine") }));
    const headers = { "x-request-id": "request-products" };
    await callProcedure(app, "mine", { type: "query", token: "a.bad.token", headers });
    await callProcedure(app, "mine", {
      type: "query",
      token: await issuer.serviceToken("orders", "products", { issuer: publicUrl }),
      headers,
    });
    await chassis.feed.close();
    await expect
      .poll(() => linesOf("request-products"))
      .toMatchObject([
        { service: "products", action: "call.denied", outcome: "refused", actor: null, subject: "mine" },
        { service: "products", action: "call.denied", reason: "wrong_kind", actor: "orders", subject: "mine" },
      ]);
  });

  it("are written once, however often and to however many replicas they are delivered", async () => {
    const replica = await openTestAuth(await open(), { bus: test.bus });
    for (let times = 0; times < 2; times += 1) await publish(report, "inventory.1.1");
    const late = await openTestAuth(await open(), { bus: test.bus });
    await publish({ ...report, count: 1 }, "inventory.1.2");
    const isReport = and(eq(audit.requestId, "request-inventory"), eq(audit.subject, "levels"));
    await expect.poll(() => db.select().from(audit).where(isReport)).toHaveLength(2);
    for (const { auth } of [replica, late]) await auth.chassis.feed.close();
    const lines = await db.select().from(audit).where(isReport).orderBy(audit.id);
    expect(lines).toMatchObject([
      {
        actor: "products",
        reason: "wrong_caller",
        address: "2001:db8:0:0::/64",
        at: new Date(report.firstAt),
        detail: { count: 3, caller: "products", until: "2026-03-01T12:00:50.000Z" },
      },
      { detail: { count: 1 } },
    ]);
  });

  it.each([
    ["years ahead", Date.parse("2090-01-01T00:00:00Z"), 0, "2090-01-01T00:00:00.000Z"],
    ["a second ahead", 1_000, 0, null],
    ["years ago", Date.parse("1970-01-02T00:00:00Z"), -retention, "1970-01-02T00:00:00.000Z"],
    ["at no date", 1e300, 0, "1e+300"],
    ["before all dates", -1e300, -retention, "-1e+300"],
    ["an hour ago, as after an outage of the bus", -3_600_000, -3_600_000, undefined],
  ])(
    "that claim to be from %s are dated by auth's own clock, and the claim is kept",
    async (_, firstAt, at, claimed) => {
      const received = test.clock.now();
      const claimedAt = Math.abs(firstAt) < 86_400_000 ? received + firstAt : firstAt;
      const requestId = `request-${crypto.randomUUID()}`;
      const data = { ...report, requestId, count: 2, firstAt: claimedAt, lastAt: claimedAt };
      await publish(data);
      await expect.poll(() => linesOf(requestId)).toHaveLength(1);
      const [line] = await linesOf(requestId);
      expect(line?.at.getTime()).toBe(received + at);
      const expected = claimed === null ? new Date(claimedAt).toISOString() : claimed;
      expect(Object(line?.detail).claimedAt).toBe(expected);
      expect(Date.parse(Object(line?.detail).until)).toBeLessThanOrEqual(received + 60_000);
    },
  );

  it("that their reader refuses are left out, and one that takes its time holds its place", async () => {
    const bus = createInProcessBus({ now: test.clock.now, retentionMs: 60_000 });
    const refusals: unknown[] = [];
    const readDenial: DenialReader = async ({ key, data }) => {
      await new Promise((resolve) => setTimeout(resolve, key === "slow" ? 20 : 0));
      return key === "unsigned" ? { refused: "unsigned", cause: null } : { report: denialReport.parse(data) };
    };
    const denials = followDenials({
      db,
      bus,
      log: silentLog,
      now: test.clock.now,
      auditRetention: retention,
      readDenial,
      refused: ({ reason }) => void refusals.push(reason),
    });
    for (const key of ["slow", "unsigned", "quick"]) {
      await bus.publish(denialTopic, { key, data: { ...report, requestId: "request-read" } });
    }
    await denials.close();
    const keys = (await db.select().from(audit).where(eq(audit.requestId, "request-read")).orderBy(audit.id)).map(
      ({ eventKey }) => eventKey,
    );
    expect([keys, refusals]).toEqual([["slow", "quick"], ["unsigned"]]);
    await bus.close();
  });

  it("that cannot be read are left out, and the next one is not", async () => {
    await test.bus.publish(denialTopic, { key: "forged", data: { ...report, service: "nobody" } });
    await publish({ ...report, requestId: "request-next" });
    await expect.poll(() => linesOf("request-next")).toHaveLength(1);
    expect(await db.select().from(audit).where(eq(audit.eventKey, "forged"))).toEqual([]);
  });
});
