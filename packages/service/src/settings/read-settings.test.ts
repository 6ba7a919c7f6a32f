import { describe, expect, it } from "vitest";
import { ConfigurationError } from "./configuration-error.ts";
import { type Env, readSettings } from "./read-settings.ts";
import { originsFrom, originsLeftOut } from "./service-origins.ts";
import { type Reader, settingNames } from "./table.ts";

const read = (env: Env) => readSettings("service", env, originsLeftOut("orders"));
const readers: readonly Reader[] = ["gateway", "auth", "service", "start", "start:services", "command"];
const good = { DATABASE_URL: "postgres://orders@db.test/shop" };

describe("readSettings", () => {
  it("fills in what development needs, and takes an empty variable for an unset one", () => {
    const settings = read({ ...good, PORT: "", EVENTS_URL: "" });
    expect(settings).toMatchObject({ PORT: undefined, PUBLIC_URL: "http://localhost:4000", TOKEN_ALG: "RS256" });
    expect(originsFrom(settings)).toMatchObject({ auth: "http://127.0.0.1:4001", inventory: "http://127.0.0.1:4004" });
  });

  it("takes the origins that are given", () => {
    const settings = read({ ...good, PRODUCTS_URL: "https://products.shop.test" });
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
    ["REDIS_URL_FILE", { ...good, REDIS_URL_FILE: "package.json" }],
    ["TOKEN_ALG", { ...good, TOKEN_ALG: "none" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "everyone" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "10.0.0.1" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "10.0.0.0/33" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "1.2.3/8" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "fd00::/129" }],
    ["TRUSTED_PROXIES", { ...good, TRUSTED_PROXIES: "10.0.0.0/8," }],
    ["HOST", { ...good, HOST: "http://127.0.0.1" }],
    ["HOST", { ...good, HOST: "127.0.0.1:4000" }],
    ["HOST", { ...good, HOST: "my host" }],
    ["LIMITS", { ...good, LIMITS: "orders.place=30" }],
    ["PUBLIC_URL", { ...good, PUBLIC_URL: "https://me:hunter2@shop.example.com" }],
    ["MAX_STREAMS_PER_USER", { ...good, MAX_STREAMS_PER_USER: "0" }],
    ["OTEL_TRACES_SAMPLER_ARG", { ...good, OTEL_TRACES_SAMPLER_ARG: "2" }],
    ["LOG_LEVEL", { ...good, LOG_LEVEL: "loud" }],
  ])("names %s when it is wrong in %o", (name, env) => {
    expect(() => read(env)).toThrow(ConfigurationError);
    expect(() => read(env)).toThrow(`  ${name}: `);
  });

  it("names every wrong variable at once, and never a value", () => {
    const wrong = () => read({ DATABASE_URL: "hunter2", PORT: "hunter2" });
    expect(wrong).toThrow(/PORT: .*\n.*DATABASE_URL: /s);
    expect(wrong).not.toThrow(/hunter2/);
  });

  it.each(settingNames)("repeats nothing of %s, whoever reads it", (name) => {
    const value = "hunter2 #/?";
    for (const reader of readers) {
      try {
        readSettings(reader, { [name]: value });
      } catch (error) {
        expect(String(error)).not.toMatch(/hunter2/);
      }
    }
  });

  it("leaves the address of a service that is not called to those that call it", () => {
    expect(() => read({ ...good, ORDERS_URL: "http://a:1,http://b:2" })).not.toThrow();
  });
});
