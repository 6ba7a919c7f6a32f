import { once } from "node:events";
import { createServer } from "node:net";
import { serviceNames } from "@countersign/access";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { portsFrom } from "../src/run/ports.ts";
import { type RunningMain, runMainOf } from "./run-main.ts";
import { temporaryFolder } from "./start-test-platform.ts";

describeDatabases("the processes of start:services", { migrations: [] }, (_open, { kind, url }) => {
  if (kind === "pglite") {
    it("need PostgreSQL", async () => {
      const running = runMainOf("platform/src/start-services.ts", {});
      expect(await running.ended).toBe(1);
      expect(running.error()).toMatch(/^ {2}DATABASE_URL: is missing/m);
    });
    return;
  }

  const base = 4_840;
  const portOf = portsFrom(base);
  let folder = "";
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  const start = (env: Readonly<Record<string, string>> = {}): RunningMain =>
    runMainOf("platform/src/start-services.ts", {
      DATABASE_URL: url() ?? "",
      DATA_DIR: folder,
      PORT: String(base),
      PUBLIC_URL: "https://shop.example.invalid",
      ...env,
    });
  const isFree = async (port: number): Promise<boolean> => {
    const server = createServer();
    const bound = await once(server.listen(port, "127.0.0.1"), "listening").then(
      () => true,
      () => false, // somebody listens there
    );
    server.close();
    return bound;
  };
  const areFree = async () => {
    const free = await Promise.all((["gateway", ...serviceNames] as const).map((name) => isFree(portOf(name))));
    return !free.includes(false);
  };

  it("start by a public URL that does not lead here, warn of a misspelt name once, and end on SIGHUP", async () => {
    const running = start({ ALOWED_ORIGINS: "https://a.example", AUTH_URL: "http://127.0.0.1:1" });
    await running.printed("npm run demo");
    expect(running.out()).toMatch(/^gateway +https:\/\/shop\.example\.invalid +ready$/m);
    expect(running.error().match(/ALOWED_ORIGINS is not a setting; ALLOWED_ORIGINS is\./g)).toHaveLength(1);
    expect(running.error()).toContain("AUTH_URL does nothing with npm run start:services");
    running.child.kill("SIGHUP");
    expect(await running.ended).toBe(0);
    expect(await areFree()).toBe(true);
  }, 120_000);

  it("end when the process that started them is killed", async () => {
    const running = start();
    await running.printed("npm run demo");
    running.child.kill("SIGKILL");
    await expect.poll(areFree, { timeout: 30_000, interval: 200 }).toBe(true);
  }, 120_000);

  it("end on a signal in the middle of a start", async () => {
    const running = start();
    await expect.poll(() => isFree(portOf("auth")), { timeout: 30_000, interval: 50 }).toBe(false);
    running.child.kill("SIGTERM");
    expect(await running.ended).toBe(0);
    await expect.poll(areFree, { timeout: 30_000, interval: 200 }).toBe(true);
  }, 120_000);

  it("end when one of them does not start, which says why", async () => {
    const holder = createServer();
    await once(holder.listen(0, "127.0.0.1"), "listening");
    const address = holder.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    const running = start({ METRICS_PORT: String(taken) });
    expect(await running.ended).toBe(1);
    holder.close();
    expect(running.error()).toMatch(/^METRICS_PORT: port \d+ on 127\.0\.0\.1 is already in use/m);
    expect(running.error()).toMatch(/^The service gateway ended while it started/m);
    expect(await areFree()).toBe(true);
  }, 120_000);
});
