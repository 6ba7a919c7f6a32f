import { describePostgres } from "@countersign/testing";
import { generateSigningKey, importSigningKey, type SigningKey, signClientAssertion } from "@countersign/tokens";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addServiceKey, disableService, enableService, retireOldKeys } from "../src/services/service-keys.ts";
import { migrations, publicUrl } from "./open-test-auth.ts";
import { type AuthProcess, startAuthProcess } from "./start-auth-process.ts";

describePostgres("proofs of a client at two processes of auth", { migrations }, (open, url) => {
  let first: AuthProcess;
  let second: AuthProcess;
  let key: SigningKey;
  beforeAll(async () => {
    [first, second] = await Promise.all([startAuthProcess(url()), startAuthProcess(url())]);
    key = await addKey();
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  const change = () => ({ actor: "test", at: Date.now() });

  async function addKey(): Promise<SigningKey> {
    const { privateJwk, publicJwk } = await generateSigningKey("EdDSA");
    await addServiceKey((await open()).db, { service: "orders", publicJwk }, change());
    return await importSigningKey(privateJwk);
  }
  const sign = (by = key) => signClientAssertion({ clientId: "orders", audience: publicUrl, key: by, now: Date.now });
  async function ask(origin: string, assertion: string): Promise<number> {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      audience: "inventory",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    });
    const response = await fetch(`${origin}/oauth/token`, { method: "POST", body });
    await response.arrayBuffer();
    return response.status;
  }

  it("of twenty uses at once one succeeds, and none after a restart", async () => {
    const assertion = await sign();
    const uses = Array.from({ length: 20 }, (_, index) => ask(index % 2 === 0 ? first.url : second.url, assertion));
    const statuses = await Promise.all(uses);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
    await first.stop();
    first = await startAuthProcess(url());
    expect(await ask(first.url, assertion)).toBe(401);
    expect(await ask(first.url, await sign())).toBe(200);
  });

  it("a key that both hold in memory ends at both at once, and a new one counts at once", async () => {
    const { db } = await open();
    const origins = [first.url, second.url];
    for (const origin of origins) expect(await ask(origin, await sign())).toBe(200);
    const next = await addKey();
    await retireOldKeys(db, "orders", { ...change(), keep: 1 });
    for (const origin of origins) expect(await ask(origin, await sign())).toBe(401);
    for (const origin of origins) expect(await ask(origin, await sign(next))).toBe(200);
    await disableService(db, "orders", change());
    for (const origin of origins) expect(await ask(origin, await sign(next))).toBe(401);
    await enableService(db, "orders", change());
    for (const origin of origins) expect(await ask(origin, await sign(next))).toBe(200);
  });
});
