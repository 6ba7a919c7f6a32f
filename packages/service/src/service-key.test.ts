import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Log } from "@countersign/context";
import { silentLog } from "@countersign/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openServiceKey } from "./service-key.ts";

let directory = "";
let file = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "countersign-key-"));
  file = path.join(directory, "orders.json");
});
afterEach(() => rm(directory, { recursive: true }));

/** Puts a key where the service finds it, in one step as `npm run services` does. */
async function put(kid: string, text?: string): Promise<void> {
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  await writeFile(`${file}.draft`, text ?? JSON.stringify({ ...jwk, kid, alg: "ES256", use: "sig" }));
  await rename(`${file}.draft`, file);
}

async function open() {
  const told: string[] = [];
  const log: Log = {
    ...silentLog,
    info: (_fields, message) => void told.push(message),
    warn: (_fields, message) => void told.push(message),
  };
  const key = await openServiceKey(file, { service: "orders", log });
  return { told, kid: async () => (await key()).kid };
}

describe("the key of a service", () => {
  it("is the one that was put in its place, as often as that happens", async () => {
    await put("first");
    const { told, kid } = await open();
    expect(await kid()).toBe("first");
    for (const next of ["second", "third"]) {
      await put(next);
      expect(await kid()).toBe(next);
    }
    expect(told).toHaveLength(2);
  });

  it.each([
    ["is no key", () => put("", "{}")],
    ["is no JSON", () => put("", "{")],
    ["is gone", () => rm(file)],
  ])("stays when what is there in its place %s, which is told once", async (_what, spoil) => {
    await put("first");
    const { told, kid } = await open();
    await spoil();
    for (let times = 0; times < 3; times += 1) expect(await kid()).toBe("first");
    expect(told).toHaveLength(1);
    await put("second");
    expect(await kid()).toBe("second");
  });

  it("that is missing at the start is a ConfigurationError that says what makes one", async () => {
    await expect(open()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: `SERVICE_KEY_FILE: ${file} cannot be used (ENOENT); make it with: npm run services -- add orders`,
    });
  });
});
