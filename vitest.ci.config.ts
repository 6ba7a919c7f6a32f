import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The suites that start foreign programs or whole platforms, or explore for long: `npm run test:ci`, and `.ci/run`. */
export default defineConfig({ test: { ...base.test, include: ["{packages,apps,scripts}/**/*.ci.test.ts"] } });
