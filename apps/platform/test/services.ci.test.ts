import { randomBytes } from "node:crypto";
import { serviceNames } from "@countersign/access";
import { describeDatabases, silentLog } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Platform } from "../src/run/start-platform.ts";
import { startServices } from "../src/run/start-services.ts";
import { tellStory } from "../src/story/tell-story.ts";
import { freePorts, temporaryFolder } from "./start-test-platform.ts";

describeDatabases("the story, each service a process", { migrations: [] }, (_open, { kind, url }) => {
  if (kind === "pglite") {
    it("needs PostgreSQL: one process alone can hold an embedded database", async () => {
      await expect(start("file:somewhere")).rejects.toThrow("postgres://");
    });
    return;
  }

  let platform: Platform;
  const lost: string[] = [];
  beforeAll(async () => {
    platform = await start(url() ?? "", lost);
  });
  afterAll(() => platform.stop());

  it("holds through the gateway, and no process ends on the way", async () => {
    const steps: string[] = [];
    await tellStory({ url: platform.url, fetch: globalThis.fetch, proved: (step) => steps.push(step) });
    expect(steps).toHaveLength(15);
    expect(lost).toEqual([]);
  });
});

async function start(databaseUrl: string, lost: string[] = []): Promise<Platform> {
  const { folder, remove } = await temporaryFolder();
  const portOf = await freePorts(["gateway", ...serviceNames]);
  const platform = await startServices({
    dataDir: folder,
    secrets: [randomBytes(32)],
    databaseUrl,
    publicUrl: `http://localhost:${portOf("gateway")}`,
    algorithm: "ES256",
    seed: true,
    hostname: "127.0.0.1",
    portOf,
    env: { PATH: process.env["PATH"], LOG_LEVEL: "warn" },
    log: silentLog,
    onLost: (name) => lost.push(name),
  });
  const stop = async () => {
    await platform.stop();
    await remove();
  };
  return { ...platform, stop };
}
