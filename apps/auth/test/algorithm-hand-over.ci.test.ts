import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeDatabases } from "@countersign/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { signingKeys } from "../src/schema.ts";
import { migrations } from "./open-test-auth.ts";
import {
  type Configuration,
  type Process,
  processes,
  type RollingDeployment,
  startRollingDeployment,
} from "./rolling-deployment.ts";

const minute = 60;
const secret = new Uint8Array(32).fill(1);
const newer = new Uint8Array(32).fill(2);
const authFirst: readonly Process[] = ["auth 0", "auth 1", "products", "orders", "inventory"];
const servicesFirst: readonly Process[] = authFirst.toReversed();
const mixed: readonly Process[] = ["orders", "auth 0", "products", "auth 1", "inventory"];

describeDatabases("a change of what signs tokens", { migrations }, (open) => {
  let directory: string;
  let deployment: RollingDeployment;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "countersign-hand-over-"));
    await (await open()).db.delete(signingKeys);
  });
  afterEach(async () => {
    await deployment.close();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (first: Configuration) => {
    deployment = await startRollingDeployment(await open(), directory, first);
    await deployment.run(minute);
  };
  const roll = async (order: readonly Process[], configuration: Configuration) => {
    for (const process of order) {
      await deployment.restart(process, configuration);
      await deployment.run(minute);
    }
  };
  const expectNothingRefused = (atLeast: number) => {
    const { answered, refused } = deployment.outcome();
    expect(refused).toEqual([]);
    expect(answered).toBeGreaterThan(atLeast);
  };

  it("refuses nothing from RS256 to ES256 to EdDSA and back, restarted in any order", async () => {
    await start({ algorithm: "RS256" });
    await roll(authFirst, { algorithm: "ES256" });
    await deployment.run(12 * minute);
    expect(deployment.signedWith()).toEqual(["RS256", "ES256"]);
    await roll(servicesFirst, { algorithm: "EdDSA" });
    await deployment.run(12 * minute);
    await roll(mixed, { algorithm: "RS256" });
    await deployment.run(12 * minute);
    expect(deployment.signedWith()).toEqual(["RS256", "ES256", "EdDSA"]);
    expectNothingRefused(700);
  }, 120_000);

  it("goes one way only while replicas disagree, and back when it is regretted", async () => {
    await start({ algorithm: "EdDSA" });
    await deployment.restart("auth 0", { algorithm: "ES256" });
    await deployment.run(24 * minute); // the other replica still has EdDSA
    const keys = await (await open()).db.select().from(signingKeys);
    expect(keys.map(({ algorithm }) => algorithm).toSorted()).toEqual(["ES256", "EdDSA"]);
    await deployment.restart("auth 0", { algorithm: "EdDSA" });
    await deployment.run(5 * minute);
    await deployment.restart("auth 0", { algorithm: "ES256" });
    await deployment.run(21 * minute);
    const [newest] = (await (await open()).db.select().from(signingKeys)).filter(({ retiredAt }) => retiredAt === null);
    expect(newest?.algorithm).toBe("ES256");
    expectNothingRefused(300);
  }, 120_000);

  it("refuses nothing from keys to a shared secret, to a newer one, and back to keys", async () => {
    await start({ algorithm: "EdDSA" });
    await roll(mixed, { algorithm: "EdDSA", insecureAcceptedSecrets: [secret] });
    await roll(servicesFirst, { algorithm: "EdDSA", insecureSharedSecrets: [secret] });
    await deployment.run(11 * minute);
    await roll(mixed, { algorithm: "EdDSA", insecureSharedSecrets: [secret, newer] });
    await roll(authFirst, { algorithm: "EdDSA", insecureSharedSecrets: [newer, secret] });
    await deployment.run(11 * minute);
    await roll(mixed, { algorithm: "EdDSA", insecureSharedSecrets: [newer] });
    expect(deployment.signedWith()).toEqual(["EdDSA", "HS256"]);
    await roll(authFirst, { algorithm: "ES256", insecureAcceptedSecrets: [newer] });
    await deployment.run(11 * minute);
    await roll(mixed, { algorithm: "ES256" });
    await deployment.run(minute);
    expect(deployment.signedWith()).toEqual(["EdDSA", "HS256", "ES256"]);
    expectNothingRefused(500);
  }, 120_000);

  it("refuses nothing when a shared secret was there from the first start", async () => {
    await start({ algorithm: "ES256", insecureSharedSecrets: [secret] });
    await roll(mixed, { algorithm: "ES256", insecureAcceptedSecrets: [secret] });
    await deployment.run(11 * minute);
    await roll(processes, { algorithm: "ES256" });
    await deployment.run(minute);
    expect(deployment.signedWith()).toEqual(["HS256", "ES256"]);
    expectNothingRefused(150);
  }, 120_000);

  it("says in readiness which variable differs, and nothing of it afterwards", async () => {
    const shared = (one: Uint8Array): Configuration => ({ algorithm: "EdDSA", insecureSharedSecrets: [one] });
    const said = async () => (await deployment.readiness("orders")).checks["tokens"];
    await start({ algorithm: "EdDSA" });
    expect(await said()).toBe("ok");
    await deployment.restart("auth 0", shared(secret));
    await deployment.restart("auth 1", shared(secret));
    await deployment.restart("orders", { algorithm: "EdDSA" });
    expect(await said()).toBe("INSECURE_SHARED_TOKEN_SECRET is set at auth and not here");
    await deployment.restart("orders", shared(newer));
    expect(await said()).toBe("INSECURE_SHARED_TOKEN_SECRET differs from that of auth");
    await deployment.restart("orders", shared(secret));
    expect(await deployment.readiness("orders")).toMatchObject({ ready: true, checks: { tokens: "ok" } });
    await deployment.restart("auth 0", shared(newer)); // its own token is good still: a refused one makes it look anew
    await deployment.restart("auth 1", shared(newer));
    await deployment.run(minute);
    expect(await said()).toBe("INSECURE_SHARED_TOKEN_SECRET differs from that of auth");
  });
});
