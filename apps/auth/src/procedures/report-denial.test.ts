import type { ServiceName } from "@countersign/access";
import { type DenialReport, type SignedReport, signReport } from "@countersign/service";
import { callProcedure, createTestServiceKey, describeDatabases } from "@countersign/testing";
import { signAccessToken, tokenLife } from "@countersign/tokens";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, type TestAuth } from "../../test/open-test-auth.ts";
import { registerServiceKey, reportOf } from "../../test/report-denials.ts";
import { audit } from "../schema.ts";

describeDatabases("audit.report", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  it("takes a service's report in its own name into the audit log", async () => {
    const data = reportOf("orders");
    const { status } = await reportAs("orders", data);
    expect(status).toBe(200);
    await expect.poll(() => linesOf(data)).toMatchObject([{ service: "orders", action: "call.denied" }]);
  });

  it("refuses a report in another's name, also in that of auth, and writes nothing", async () => {
    for (const other of ["products", "auth"] as const) {
      const data = reportOf(other);
      const { status, error } = await reportAs("orders", data);
      expect([status, error?.data.code]).toEqual([403, "FORBIDDEN"]);
      const after = reportOf("orders"); // events keep their order: once it is there, the other one would be too
      await reportAs("orders", after);
      await expect.poll(() => linesOf(after)).toHaveLength(1);
      expect(await linesOf(data)).toEqual([]);
    }
  });

  it("takes a report that the service signed, once, and none that is signed by another", async () => {
    const { key } = await registerServiceKey(test, "orders");
    const { key: strange } = await createTestServiceKey();
    const report = reportOf("orders");
    const id = `orders.${crypto.randomUUID()}`;
    const common = { id, report, issuer: publicUrl, now: test.clock.now };
    const forged = await reportAs("orders", await signReport({ ...common, key: await strange() }), id);
    expect([forged.status, await linesOf(report)]).toEqual([400, []]);
    const data = await signReport({ ...common, key: await key() });
    expect((await reportAs("products", data, id)).status).toBe(403);
    for (const again of [id, id]) expect((await reportAs("orders", data, again)).status).toBe(200);
    expect(await linesOf(report)).toMatchObject([{ service: "orders", eventKey: id }]);
  });

  it("refuses a report under a key that belongs to another service", async () => {
    const report = reportOf("orders");
    const { status } = await reportAs("orders", report, `products.${crypto.randomUUID()}`);
    expect([status, await linesOf(report)]).toEqual([403, []]);
  });

  async function reportAs(
    name: ServiceName,
    data: DenialReport | SignedReport,
    key = `${name}.${crypto.randomUUID()}`,
  ) {
    const token = await tokenOf(name);
    const input = { key, data };
    return await callProcedure(test.app, "audit.report", { type: "mutation", token, input });
  }

  async function tokenOf(name: ServiceName): Promise<string> {
    const issuedAt = Math.floor(test.clock.now() / 1000);
    const times = { issuedAt, expiresAt: issuedAt + tokenLife.service };
    const names = { subject: name, clientId: name, audience: ["auth"], tokenId: crypto.randomUUID() };
    const { keys } = test.auth.deps;
    return await signAccessToken(
      { class: "service", issuer: publicUrl, ...names, ...times, clientVersion: 0 },
      keys.signer(),
    );
  }

  async function linesOf({ requestId }: DenialReport) {
    return await test.auth.deps.db.select().from(audit).where(eq(audit.requestId, requestId));
  }
});
