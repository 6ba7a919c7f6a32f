import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsOptions } from "./events-options.ts";
import { readSettings } from "./read-settings.ts";

describe("how events travel", () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  const read = (env: Record<string, string>) => eventsOptions(readSettings("gateway", env));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "countersign-events-"));
    await writeFile(at("user.creds"), "-----BEGIN NATS USER JWT-----\nhunter2\n");
    await writeFile(at("ca.pem"), "-----BEGIN CERTIFICATE-----\n");
    await writeFile(at("url"), "tls://auth:hunter2@nats.test:4222\n");
    await writeFile(at("bad-url"), "nats://auth:12/hunter2@nats.test\n");
    await writeFile(at("empty"), "\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("has one replica and no files, unless told", () => {
    const broker = { replicas: 1, credentialsFile: undefined, caFile: undefined };
    expect(read({})).toEqual({ eventsUrl: undefined, broker });
  });

  it("takes a URL with a password from a file, and everything else as it is set", () => {
    expect(read({ EVENTS_URL_FILE: at("url"), EVENTS_CA_FILE: at("ca.pem"), EVENTS_REPLICAS: "3" })).toEqual({
      eventsUrl: "tls://auth:hunter2@nats.test:4222",
      broker: { replicas: 3, credentialsFile: undefined, caFile: at("ca.pem") },
    });
    const user = { EVENTS_URL: "nats://a,nats://b", EVENTS_CREDENTIALS_FILE: at("user.creds") };
    expect(read(user).broker.credentialsFile).toBe(at("user.creds"));
  });

  it.each([
    ["two users", { EVENTS_URL: "nats://me:hunter2@a", EVENTS_CREDENTIALS_FILE: "user.creds" }, "each names a user"],
    ["files for no broker", { EVENTS_CA_FILE: "ca.pem" }, "EVENTS_CA_FILE: EVENTS_URL names no NATS server"],
    ["no credentials", { EVENTS_URL: "nats://a", EVENTS_CREDENTIALS_FILE: "ca.pem" }, "without a user's JWT"],
    ["a URL twice", { EVENTS_URL: "nats://a", EVENTS_URL_FILE: "url" }, "EVENTS_URL, EVENTS_URL_FILE: set one"],
    ["a bad URL in a file", { EVENTS_URL_FILE: "bad-url" }, "EVENTS_URL_FILE: "],
    ["an empty file", { EVENTS_URL_FILE: "empty" }, "EVENTS_URL_FILE: names an empty file"],
    ["no file", { EVENTS_URL_FILE: "absent" }, "EVENTS_URL_FILE: names a file that cannot be read (ENOENT)"],
  ])("refuses %s", (_, env: Record<string, string>, message) => {
    const files = Object.entries(env).map(([name, value]) => [name, name.endsWith("_FILE") ? at(value) : value]);
    expect(() => read(Object.fromEntries(files))).toThrow(message);
    expect(() => read(Object.fromEntries(files))).not.toThrow("hunter2");
  });
});
