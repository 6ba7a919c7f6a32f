import { afterAll, beforeAll, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { scriptLike } from "../src/story/shop-client.ts";
import { startTestPlatform } from "./start-test-platform.ts";

let platform: Platform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

it("what the gateway itself refuses is in auth's audit log: who, what, why, and from where", async () => {
  const json = { "content-type": "application/json", cookie: "auth_token=planted" };
  const crossSite = { ...json, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const attack = await fetch(`${platform.url}/trpc/orders/place`, { method: "POST", headers: crossSite, body: "{}" });
  expect(attack.status).toBe(403);
  const forged = await fetch(`${platform.url}/trpc/orders/list?input={}`, {
    headers: { authorization: "Bearer a.b.c" },
  });
  expect(forged.status).toBe(401);

  const admin = scriptLike(platform.url, fetch);
  await admin.session.login(demoUsers[2]);
  const refusals = async () => (await admin.api.auth.audit.list.query({ service: "gateway" })).items;
  await expect.poll(refusals, { timeout: 15_000 }).toHaveLength(2);
  const found = await refusals();
  expect(found.map(({ outcome, subject }) => `${outcome} ${subject}`).toSorted()).toEqual([
    "refused orders.list",
    "refused orders.place",
  ]);
  for (const { reason, requestId, address } of found) {
    expect([reason, requestId, address]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  }
  expect(JSON.stringify(found)).not.toContain("planted");
}, 30_000);
