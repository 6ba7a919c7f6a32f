import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Platform } from "../src/run/start-platform.ts";
import { tellStory } from "../src/story/tell-story.ts";
import { startTestPlatform } from "./start-test-platform.ts";

describeDatabases("the story, every service in one process", { migrations: [] }, (_open, { url }) => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startTestPlatform({ databaseUrl: url() ?? undefined });
  });
  afterAll(() => platform.stop());

  it("holds through the gateway, step by step", async () => {
    const steps: string[] = [];
    await tellStory({ url: platform.url, fetch: globalThis.fetch, proved: (step) => steps.push(step) });
    expect(steps).toHaveLength(15);
  });
});
