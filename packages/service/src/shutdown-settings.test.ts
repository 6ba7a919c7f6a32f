import { describe, expect, it } from "vitest";
import { shutdownDelayMs } from "./shutdown-settings.ts";

describe("the delay before a listener closes", () => {
  it.each([
    [{}, 0],
    [{ NODE_ENV: "production" }, 5_000],
    [{ NODE_ENV: "production", SHUTDOWN_DELAY_SECONDS: 0 }, 0],
    [{ SHUTDOWN_DELAY_SECONDS: 2.5 }, 2_500],
  ])("is, by %o, %d ms", (settings, delayMs) => {
    expect(shutdownDelayMs(settings)).toBe(delayMs);
  });
});
