import type { Database } from "@countersign/database";
import { type DenialReport, denialTopic, type SignedReport, signReport } from "@countersign/service";
import { createTestServiceKey, describeDatabases, type TestServiceKey } from "@countersign/testing";
import { signClientAssertion, signDenialReport } from "@countersign/tokens";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, type TestAuth } from "../../test/open-test-auth.ts";
import { publishReport, registerServiceKey, reportOf } from "../../test/report-denials.ts";
import { audit } from "../schema.ts";
import { disableService, enableService, retireOldKeys } from "../services/service-keys.ts";

describeDatabases("reports on a bus that anybody can write to", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  let orders: TestServiceKey;
  let inventory: TestServiceKey;
  let gateway: TestServiceKey;
  const now = () => test.clock.now();
  const someId = (service: string) => `${service}.${crypto.randomUUID()}`;
  const linesOf = (report: DenialReport) => db.select().from(audit).where(eq(audit.requestId, report.requestId));

  beforeAll(async () => {
    test = await openTestAuth(await open());
    db = test.auth.deps.db;
    orders = await registerServiceKey(test, "orders");
    inventory = await registerServiceKey(test, "inventory");
    gateway = await registerServiceKey(test, "gateway");
  });

  /** The data of an event of `inventory`, but for what is given. */
  async function signed(changes: Partial<Parameters<typeof signReport>[0]> = {}): Promise<SignedReport> {
    const made = { id: someId("inventory"), report: reportOf("inventory"), issuer: publicUrl, now };
    return await signReport({ ...made, key: await inventory.key(), ...changes });
  }

  /** Publishes, waits until a later report is written, and gives what came of the first one. */
  async function outcome(report: DenialReport, key: string, data: unknown): Promise<string> {
    const before = await refusedCounts();
    await test.bus.publish(denialTopic, { key, data });
    const after = reportOf("gateway");
    await publishReport(test.bus, { ...gateway, report: after, now });
    await expect.poll(() => linesOf(after)).toHaveLength(1); // events keep their order
    if ((await linesOf(report)).length > 0) return "written";
    const counts = await refusedCounts();
    return [...counts].find(([reason, count]) => count !== (before.get(reason) ?? 0))?.[0] ?? "ignored";
  }

  async function refusedCounts(): Promise<ReadonlyMap<string, number>> {
    const { body } = await test.auth.chassis.metrics.read();
    const lines = body.matchAll(/countersign_denial_reports_refused_total\{reason="(\w+)".*\} (\d+)/g);
    return new Map([...lines].map(([, reason = "", count]) => [reason, Number(count)]));
  }

  it("are written when the service itself signed them, the gateway's and auth's own too", async () => {
    for (const [service, { key }] of [
      ["orders", orders],
      ["gateway", gateway],
    ] as const) {
      const report = reportOf(service);
      await publishReport(test.bus, { key, report, now });
      await expect.poll(() => linesOf(report)).toMatchObject([{ service, action: "call.denied" }]);
    }
    const requestId = `request-${crypto.randomUUID()}`;
    const headers = { authorization: "Bearer a.bad.token", "x-request-id": requestId };
    await test.app.request("/trpc/auth.me", { headers });
    await expect.poll(() => linesOf({ ...reportOf("auth"), requestId })).toMatchObject([{ service: "auth" }]);
  });

  it.each<DenialReport["service"]>(["inventory", "gateway", "auth"])(
    "are not when nobody signed them: in the name of %s",
    async (service) => {
      const report = reportOf(service);
      expect(await outcome(report, someId(service), report)).toBe("unsigned");
      expect(await outcome(report, someId(service), { report: JSON.stringify(report) })).toBe("not_compact");
    },
  );

  it.each<DenialReport["service"]>(["inventory", "gateway", "auth"])(
    "are not when another service signed them: in the name of %s",
    async (service) => {
      const report = reportOf(service);
      const key = await orders.key();
      const id = someId(service);
      expect(await outcome(report, id, await signed({ id, report, key }))).toBe("unknown_key");
      const own = { reporter: "orders", audience: publicUrl, report, key, now };
      const mine = someId("orders");
      expect(await outcome(report, mine, { report: await signDenialReport({ ...own, id: mine }) })).toBe(
        "another_service",
      );
    },
  );

  it("are not when their key only has the name of the right one", async () => {
    const stranger = await createTestServiceKey();
    const { kid } = inventory.publicJwk;
    const report = reportOf("inventory");
    const id = someId("inventory");
    const key = { ...(await stranger.key()), kid };
    expect(await outcome(report, id, await signed({ id, report, key }))).toBe("bad_signature");
  });

  it("are not when they are what a service signs for another purpose, or for another issuer", async () => {
    const key = await inventory.key();
    const report = reportOf("inventory");
    const id = someId("inventory");
    const assertion = await signClientAssertion({ clientId: "inventory", audience: publicUrl, key, now });
    expect(await outcome(report, id, { report: assertion })).toBe("wrong_type");
    const other = someId("inventory");
    const data = await signed({ id: other, report, issuer: "https://other.example" });
    expect(await outcome(report, other, data)).toBe("wrong_audience");
  });

  it("count once: again under the same key, and under another one not at all", async () => {
    const report = reportOf("inventory");
    const id = someId("inventory");
    const data = await signed({ id, report });
    expect(await outcome(report, id, data)).toBe("written");
    for (const again of [id, someId("inventory"), someId("orders")]) {
      await outcome(report, again, data);
      expect(await linesOf(report)).toHaveLength(1);
    }
    const other = reportOf("inventory");
    expect(await outcome(other, someId("inventory"), await signed({ report: other }))).toBe("another_key");
  });

  it("cannot take the place of another service's report by its key", async () => {
    const report = reportOf("orders");
    const id = someId("inventory");
    expect(await outcome(report, id, await signed({ id, report, key: await orders.key() }))).toBe("another_key");
  });

  it("are not when they are dated more than a day away, so that none comes back after its row has expired", async () => {
    const report = reportOf("inventory");
    const day = 86_400_000;
    for (const [ms, code] of [
      [-day - 60_000, "expired"],
      [day + 60_000, "issued_in_future"],
    ] as const) {
      const id = someId("inventory");
      expect(await outcome(report, id, await signed({ id, report, now: () => now() + ms }))).toBe(code);
    }
  });

  it("are not when they hold no report", async () => {
    const report = reportOf("inventory");
    const id = someId("inventory");
    const own = { reporter: "inventory", audience: publicUrl, key: await inventory.key(), now };
    const data = { report: await signDenialReport({ ...own, id, report: { ...report, count: -1 } }) };
    expect(await outcome(report, id, data)).toBe("unreadable");
  });

  describe("with a key", () => {
    async function sent(key: TestServiceKey, at = now()): Promise<string> {
      const report = reportOf("products");
      const id = someId("products");
      return await outcome(report, id, await signed({ id, report, key: await key.key(), now: () => at }));
    }

    it("that was rotated are written, and once it was retired those that were signed before", async () => {
      const first = await registerServiceKey(test, "products");
      test.clock.advance(1);
      const second = await registerServiceKey(test, "products");
      expect([await sent(first), await sent(second)]).toEqual(["written", "written"]);
      const before = now();
      test.clock.advance(120);
      await retireOldKeys(db, "products", { keep: 1, actor: "test", at: now() });
      test.clock.advance(120);
      expect([await sent(first, before), await sent(first), await sent(second)]).toEqual([
        "written",
        "retired_key",
        "written",
      ]);
      test.clock.advance(20 * 60);
      expect(await sent(first, before)).toBe("unknown_key");
    });

    it("of a service that was disabled are not, until it is enabled again", async () => {
      const key = await registerServiceKey(test, "products");
      const change = { actor: "test", at: now() };
      await disableService(db, "products", change);
      expect(await sent(key)).toBe("unknown_key");
      await enableService(db, "products", change);
      expect(await sent(key)).toBe("written");
    });
  });
});
