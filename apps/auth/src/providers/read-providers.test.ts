import { generateKeyPairSync } from "node:crypto";
import { readSettings } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { readProviders } from "./read-providers.ts";

const needed = { DATABASE_URL: "file:x", SECRETS_KEY: "x".repeat(44) };
const read = (env: Record<string, string>) => readProviders(readSettings("auth", { ...needed, ...env }));

const pem = (type: "P-256" | "P-384" = "P-256") =>
  generateKeyPairSync("ec", { namedCurve: type }).privateKey.export({ type: "pkcs8", format: "pem" });
const acme = { name: "acme", issuer: "https://id.acme.example", clientId: "us", clientSecret: "s" };
const others = (...providers: object[]) => ({ OPENID_PROVIDERS: JSON.stringify(providers) });

describe("providers of the settings", () => {
  it("are none by default", async () => {
    expect(await read({})).toEqual([]);
  });

  it("are the presets and the others, in order", async () => {
    const providers = await read({
      GOOGLE_CLIENT_ID: "g",
      GOOGLE_CLIENT_SECRET: "s",
      MICROSOFT_CLIENT_ID: "m",
      MICROSOFT_CLIENT_SECRET: "s",
      GITHUB_CLIENT_ID: "h",
      GITHUB_CLIENT_SECRET: "s",
      MICROSOFT_TENANT: "consumers",
      APPLE_CLIENT_ID: "a",
      APPLE_TEAM_ID: "t",
      APPLE_KEY_ID: "k",
      APPLE_PRIVATE_KEY: pem(),
      ...others({ ...acme, claims: { email: "mail", emailVerified: true }, scopes: ["openid", "mail"] }),
    });
    expect(providers.map(({ name, issuer, responseMode }) => [name, issuer, responseMode])).toEqual([
      ["google", "https://accounts.google.com", "query"],
      ["microsoft", "https://login.microsoftonline.com/consumers/v2.0", "query"],
      ["apple", "https://appleid.apple.com", "form_post"],
      ["github", "https://github.com/login/oauth", "query"],
      ["acme", "https://id.acme.example", "query"],
    ]);
    expect(providers.at(-1)).toMatchObject({ label: "acme", claims: { email: "mail", emailVerified: null } });
  });

  it.each<[string, Record<string, string>]>([
    ["GOOGLE_CLIENT_SECRET or GOOGLE_CLIENT_SECRET_FILE is missing", { GOOGLE_CLIENT_ID: "g" }],
    ["GITHUB_CLIENT_ID is missing", { GITHUB_CLIENT_SECRET: "sesame" }],
    ["APPLE_TEAM_ID, APPLE_KEY_ID: missing", { APPLE_CLIENT_ID: "a", APPLE_PRIVATE_KEY: "sesame" }],
    [
      "APPLE_PRIVATE_KEY: is not a private key",
      { APPLE_CLIENT_ID: "a", APPLE_TEAM_ID: "t", APPLE_KEY_ID: "k", APPLE_PRIVATE_KEY: "sesame" },
    ],
    ["OPENID_PROVIDERS: is not JSON", { OPENID_PROVIDERS: "sesame" }],
    ["OPENID_PROVIDERS: 0.name", others({ ...acme, name: "login" })],
    ["OPENID_PROVIDERS: 0.name", others({ ...acme, name: "../x" })],
    ["OPENID_PROVIDERS: 0: Unrecognized key", others({ ...acme, secret: "sesame" })],
    ["OPENID_PROVIDERS: acme: issuer is not https", others({ ...acme, issuer: "http://id.acme.example" })],
    ["OPENID_PROVIDERS: acme: issuer has a user", others({ ...acme, issuer: "https://id.acme.example/?a=sesame" })],
    ["OPENID_PROVIDERS: acme: one of clientSecret", others({ ...acme, privateKeyFile: "x" })],
    ["OPENID_PROVIDERS: acme: scopes lack openid", others({ ...acme, scopes: ["email"] })],
    ["OPENID_PROVIDERS: there are two providers of the name acme", others(acme, acme)],
    [
      "OPENID_PROVIDERS: acme: privateKeyFile cannot be read",
      others({ ...acme, clientSecret: undefined, privateKeyFile: "/nowhere" }),
    ],
  ])("stop the start: %s", async (message, env) => {
    const refused = await Promise.resolve(env).then(read).catch(String);
    expect(refused).toContain(message);
    expect(refused).not.toContain("sesame");
  });

  it("are on this machine over http in development alone", async () => {
    const local = others({ ...acme, issuer: "http://127.0.0.1:4010" });
    expect(await read(local)).toHaveLength(1);
    await expect(read({ ...local, NODE_ENV: "production" })).rejects.toThrow("issuer is not https");
  });
});
