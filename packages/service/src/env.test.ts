import { describe, expect, it } from "vitest";
import { domainEnv, originsFrom } from "./domain-env.ts";
import { ConfigurationError, readEnv } from "./env.ts";

const schema = domainEnv("orders");
const good = { DATABASE_URL: "postgres://orders@db.test/shop" };

describe("readEnv", () => {
  it("fills in what development needs, and takes an empty variable for an unset one", () => {
    const settings = readEnv(schema, { ...good, PORT: "", EVENTS_URL: "" });
    expect(settings).toMatchObject({ PORT: 4003, PUBLIC_URL: "http://localhost:4000", TOKEN_ALG: "RS256" });
    expect(originsFrom(settings)).toMatchObject({ auth: "http://127.0.0.1:4001", inventory: "http://127.0.0.1:4004" });
  });

  it("takes the origins that are given", () => {
    const settings = readEnv(schema, { ...good, PRODUCTS_URL: "https://products.shop.test" });
    expect(originsFrom(settings).products).toBe("https://products.shop.test");
  });

  it.each([
    ["DATABASE_URL", {}],
    ["DATABASE_URL", { DATABASE_URL: "mysql://db" }],
    ["PORT", { ...good, PORT: "eighty" }],
    ["PORT", { ...good, PORT: "70000" }],
    ["PUBLIC_URL", { ...good, PUBLIC_URL: "shop.example.com" }],
    ["PUBLIC_URL", { ...good, PUBLIC_URL: "https://shop.example.com/path" }],
    ["AUTH_URL", { ...good, AUTH_URL: "ftp://auth" }],
    ["EVENTS_URL", { ...good, EVENTS_URL: "kafka://bus" }],
    ["EVENTS_URL", { ...good, EVENTS_URL: "nats://me:1234/5@bus" }],
    ["EVENTS_REPLICAS", { ...good, EVENTS_REPLICAS: "2" }],
    ["EVENTS_CREDENTIALS_FILE", { ...good, EVENTS_CREDENTIALS_FILE: "no/such/file" }],
    ["EVENTS_CREDENTIALS_FILE", { ...good, EVENTS_CREDENTIALS_FILE: "package.json" }],
    ["EVENTS_CA_FILE", { ...good, EVENTS_CA_FILE: "." }],
    ["EVENTS_URL_FILE", { ...good, EVENTS_URL_FILE: "no/such/file" }],
    ["DATABASE_URL, DATABASE_URL_FILE", { ...good, DATABASE_URL_FILE: "package.json" }],
    ["REDIS_URL", { ...good, REDIS_URL_FILE: "package.json" }],
    ["TOKEN_ALG", { ...good, TOKEN_ALG: "none" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "everyone" }],
  ])("names %s when it is wrong in %o", (name, env) => {
    expect(() => readEnv(schema, env)).toThrow(ConfigurationError);
    expect(() => readEnv(schema, env)).toThrow(`  ${name}: `);
  });

  it("names every wrong variable at once, and never a value", () => {
    const read = () => readEnv(schema, { DATABASE_URL: "hunter2", PORT: "hunter2" });
    expect(read).toThrow(/PORT: .*\n.*DATABASE_URL: /s);
    expect(read).not.toThrow(/hunter2/);
  });
});
