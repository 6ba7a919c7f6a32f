import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isGone, readOwnIdentity } from "./process-identity.ts";

const self = readOwnIdentity();

describe("isGone", () => {
  it("sees that this process runs", () => {
    expect(isGone(self, self)).toBe(false);
  });

  it("sees that another process runs, and then that it does not", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const identity = { ...self, pid: child.pid ?? 0, started: null };
    expect(isGone(identity, self)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isGone(identity, self)).toBe(true);
  });

  it("does not take another process with the same pid for the same", (context) => {
    if (self.started === null) context.skip("this system does not tell when a process started");
    expect(isGone({ ...self, started: "1" }, self)).toBe(true);
  });

  it("knows that a boot ends every process of the machine", () => {
    expect(isGone({ ...self, boot: "an earlier one" }, self)).toBe(true);
  });

  it.each([
    ["of another machine", { host: "elsewhere", boot: "another" }],
    ["of another container", { namespace: "another" }],
    ["of another machine that does not say more", { host: "elsewhere", boot: null }],
  ])("does not pronounce a process %s gone", (_, difference) => {
    const from = "boot" in difference && difference.boot === null ? { ...self, boot: null } : self;
    expect(isGone({ ...self, pid: 999_999_999, ...difference }, from)).toBe(false);
  });
});
