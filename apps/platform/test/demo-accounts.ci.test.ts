import { randomBytes } from "node:crypto";
import { describeDatabases, silentLog } from "@countersign/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import { startServices } from "../src/run/start-services.ts";
import { post, registerAt } from "./revocation-rig.ts";
import { startTestPlatform, temporaryFolder } from "./start-test-platform.ts";

describeDatabases("the demo and production on the same data", { migrations: [] }, (_open, { kind, url }) => {
  const secrets = [randomBytes(32)];
  let files: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    files = await temporaryFolder();
  });
  afterEach(() => files.remove());

  const start = (seed: boolean) =>
    startTestPlatform({ databaseUrl: url() ?? undefined, dataDir: files.folder, seed, secrets });
  const signIn = async (auth: string) => {
    const [{ email, password }] = demoUsers;
    return (await post(`${auth}/auth/login`, { email, password, mode: "bearer" })).status;
  };

  // A test for each database: a start takes seconds.
  if (kind === "pglite") {
    it("puts no demo into data of somebody's own", async () => {
      const production = await start(false);
      await registerAt(production.origins.auth);
      await production.stop();
      const careless = await start(true);
      expect([production.demo, careless.demo, await signIn(careless.origins.auth)]).toEqual([false, false, 401]);
      await careless.stop();
    }, 120_000);
    return;
  }
  it("do not go together: production is refused, by the name of the command that mends it", async () => {
    const development = await start(true);
    expect([development.demo, await signIn(development.origins.auth)]).toEqual([true, 200]);
    await development.stop();
    const addresses = demoUsers.map(({ email }) => email).toSorted();
    const mends = `npm run users -- reset ${addresses.join(" ")}\n`;
    await expect(start(false)).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining(mends),
    });
    const asProcesses = startServices({
      dataDir: files.folder,
      databaseUrl: url() ?? "",
      secrets,
      publicUrl: "http://localhost:4000",
      algorithm: "ES256",
      seed: false,
      hostname: "127.0.0.1",
      portOf: () => 1, // nothing comes to listen
      env: {},
      log: silentLog,
      onLost: () => undefined,
    });
    await expect(asProcesses).rejects.toThrow(mends);
  }, 120_000);
});
