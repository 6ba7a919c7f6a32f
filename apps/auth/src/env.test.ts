import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ConfigurationError, readEnv } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { authEnv } from "./env.ts";
import { readSecrets } from "./secrets/read-secrets.ts";

const secret = Buffer.alloc(32, 1).toString("base64");
const good = { DATABASE_URL: "postgres://auth@localhost/shop", SECRETS_KEY: secret };

describe("the environment of auth", () => {
  it("needs a database and a secret; the rest has its standard", () => {
    expect(readEnv(authEnv, good)).toMatchObject({
      PORT: 4001,
      PUBLIC_URL: "http://localhost:4000",
      TOKEN_ALG: "RS256",
    });
  });

  it.each([
    [{ ...good, DATABASE_URL: "" }, "DATABASE_URL"],
    [{ ...good, SECRETS_KEY: "c2hvcnQ=" }, "SECRETS_KEY: entry 1 has 5 bytes"],
    [{ ...good, TOKEN_ALG: "none" }, "TOKEN_ALG"],
    [{ ...good, PUBLIC_URL: "shop.example.com" }, "PUBLIC_URL"],
    [{ ...good, PORT: "many" }, "PORT"],
    [{ ...good, AUDIT_RETENTION_DAYS: "1" }, "AUDIT_RETENTION_DAYS: is two days or more"],
    [{ ...good, REFRESH_GRACE_SECONDS: "5" }, "REFRESH_GRACE_SECONDS: is 10 seconds or more"],
    [{ ...good, REFRESH_GRACE_SECONDS: "61" }, "REFRESH_GRACE_SECONDS: is 60 seconds or less"],
    [{ ...good, REFRESH_GRACE_BEARER_SECONDS: "301" }, "REFRESH_GRACE_BEARER_SECONDS: is 300 seconds or less"],
    [{ ...good, REFRESH_GRACE_BEARER_SECONDS: "soon" }, "REFRESH_GRACE_BEARER_SECONDS: is a number of seconds"],
  ])("names what is wrong in %j", (env, problem) => {
    expect(() => readEnv(authEnv, env)).toThrow(problem);
  });

  it("never repeats a secret", () => {
    const read = () => readEnv(authEnv, { ...good, SECRETS_KEY: "hunter2" });
    expect(read).toThrow(ConfigurationError);
    expect(read).not.toThrow("hunter2");
  });
});

describe("the secrets", () => {
  it("come from exactly one variable", async () => {
    const both = { SECRETS_KEY: [new Uint8Array(32)], SECRETS_KEY_FILE: "/run/secrets/key" };
    await expect(readSecrets(both)).rejects.toThrow("set one of the two");
    await expect(readSecrets({})).rejects.toThrow("one is needed");
    await expect(readSecrets({ SECRETS_KEY: both.SECRETS_KEY })).resolves.toEqual(both.SECRETS_KEY);
  });

  it("are read from a file, or the file is named with what is wrong", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "auth-env-"));
    try {
      const file = path.join(directory, "secrets.key");
      await expect(readSecrets({ SECRETS_KEY_FILE: file })).rejects.toThrow(`${file}: cannot be read (ENOENT)`);
      await writeFile(file, "too short");
      await expect(readSecrets({ SECRETS_KEY_FILE: file })).rejects.toThrow(ConfigurationError);
      await writeFile(file, `${secret}\n`);
      await expect(readSecrets({ SECRETS_KEY_FILE: file })).resolves.toHaveLength(1);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
