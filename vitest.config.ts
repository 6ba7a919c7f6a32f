import { defineConfig } from "vitest/config";

/** Every suite but the long ones, `*.ci.test.ts`: see vitest.ci.config.ts. */
export default defineConfig({
  test: {
    include: ["{packages,apps,scripts}/**/!(*.ci).test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    reporters: ["default", "./scripts/test/reporter.ts"],
    // Two cores, and each embedded database holds 0.4 to 0.9 GB: more workers would only take turns.
    maxWorkers: 2,
    // Nothing happens when our files are imported, and none keeps state: loading them once per worker halves the time.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    sequence: { hooks: "stack" },
  },
});
