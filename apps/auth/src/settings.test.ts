import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ConfigurationError, readSettings } from "@countersign/service";
import { silentLog } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { secretsOf } from "./secrets/secrets-of.ts";
import { confirmsRegistrationOf, mailOf } from "./settings.ts";

const secret = Buffer.alloc(32, 1).toString("base64");
const good = { DATABASE_URL: "postgres://auth@localhost/shop", SECRETS_KEY: secret };

describe("the environment of auth", () => {
  it("needs a database and a secret; the rest has its standard", () => {
    expect(readSettings("auth", good)).toMatchObject({
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
    [{ ...good, AUDIT_RETENTION_DAYS: "1" }, "AUDIT_RETENTION_DAYS: is a number of days, 2 or more"],
    [{ ...good, REFRESH_GRACE_SECONDS: "5" }, "REFRESH_GRACE_SECONDS: is a whole number of seconds, 10 or more"],
    [{ ...good, REFRESH_GRACE_SECONDS: "61" }, "REFRESH_GRACE_SECONDS: is a whole number of seconds, 60 or less"],
    [
      { ...good, REFRESH_GRACE_BEARER_SECONDS: "301" },
      "REFRESH_GRACE_BEARER_SECONDS: is a whole number of seconds, 300 or less",
    ],
    [{ ...good, REFRESH_GRACE_BEARER_SECONDS: "soon" }, "REFRESH_GRACE_BEARER_SECONDS: is a whole number of seconds"],
  ])("names what is wrong in %j", (env, problem) => {
    expect(() => readSettings("auth", env)).toThrow(problem);
  });

  it("never repeats a secret", () => {
    const read = () => readSettings("auth", { ...good, SECRETS_KEY: "hunter2" });
    expect(read).toThrow(ConfigurationError);
    expect(read).not.toThrow("hunter2");
  });
});

describe("the secrets", () => {
  it("come from exactly one variable", () => {
    const both = { ...good, SECRETS_KEY_FILE: "/run/secrets/key" };
    expect(() => readSettings("auth", both)).toThrow("SECRETS_KEY, SECRETS_KEY_FILE: set one of the two");
    const none = { ...good, SECRETS_KEY: undefined };
    expect(() => readSettings("auth", none)).toThrow("SECRETS_KEY: is missing; make one with: openssl rand -base64 32");
    expect(readSettings("auth", good).SECRETS_KEY).toHaveLength(1);
  });

  it("are read from a file, or the variable that names it is named with what is wrong", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "auth-env-"));
    try {
      const file = path.join(directory, "secrets.key");
      const read = () => readSettings("auth", { ...good, SECRETS_KEY: "", SECRETS_KEY_FILE: file }).SECRETS_KEY;
      expect(read).toThrow("SECRETS_KEY_FILE: names a file that cannot be read (ENOENT)");
      await writeFile(file, "too short");
      expect(read).toThrow("SECRETS_KEY_FILE: entry 1 is not base64");
      await writeFile(file, `${secret}\n`);
      expect(read()).toHaveLength(1);
      await writeFile(file, "too short");
      const own = { SECRETS_KEY: undefined, DATA_DIR: directory };
      await expect(secretsOf(own)).rejects.toThrow(`DATA_DIR: ${file}: entry 1 is not base64`);
      await expect(secretsOf(own)).rejects.toThrow(ConfigurationError);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("the settings of mail", () => {
  const read = (env: Readonly<Record<string, string>>) => readSettings("auth", { ...good, ...env });
  const SMTP_URL = "smtps://user:hunter2@mail.example.com";
  const MAIL_FROM = "no-reply@example.com";

  it("go by the server where both are set, to the page in development, and nowhere in production", () => {
    const server = { host: "mail.example.com", port: 465, security: "tls", user: "user", password: "hunter2" };
    const bySmtp = mailOf(read({ SMTP_URL, MAIL_FROM }), silentLog);
    expect(bySmtp).toEqual({ kind: "smtp", server, from: { name: "", address: MAIL_FROM } });
    expect(mailOf(read({}), silentLog)).toEqual({ kind: "outbox" });
    expect(mailOf(read({ NODE_ENV: "production" }), silentLog)).toBeNull();
  });

  it.each([
    [{ SMTP_URL }, "MAIL_FROM: is missing"],
    [{ MAIL_FROM }, "SMTP_URL: is missing"],
    [{ SMTP_URL: "smtp://user:hunter2@mail.example.com/inbox", MAIL_FROM }, "SMTP_URL: is a URL such as"],
    [{ SMTP_URL, MAIL_FROM: "hunter2" }, "MAIL_FROM: is an address such as"],
    [{ NODE_ENV: "production", REGISTRATION: "confirmed" }, "REGISTRATION: is confirmed, which needs mail"],
    [{ REGISTRATION: "later" }, "REGISTRATION: is one of immediate, confirmed"],
  ])("stop the start for %j, and repeat no secret", (env, problem) => {
    const start = () => {
      const settings = read(env);
      confirmsRegistrationOf(settings, mailOf(settings, silentLog));
    };
    expect(start).toThrow(problem);
    expect(start).toThrow(ConfigurationError);
    expect(start).not.toThrow("hunter2");
  });
});
