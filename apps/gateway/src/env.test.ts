import { readEnv } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { gatewayEnv } from "./env.ts";

describe("gatewayEnv", () => {
  it("needs nothing to be set", () => {
    expect(readEnv(gatewayEnv, {})).toMatchObject({
      PORT: 4000,
      HOST: "127.0.0.1",
      PUBLIC_URL: "http://localhost:4000",
      AUTH_URL: "http://127.0.0.1:4001",
      INVENTORY_URL: "http://127.0.0.1:4004",
      ALLOWED_ORIGINS: [],
      TRUSTED_PROXIES: [],
    });
  });

  it("reads lists", () => {
    const settings = readEnv(gatewayEnv, {
      ALLOWED_ORIGINS: "https://admin.example.com, https://shop.example.com/",
      TRUSTED_PROXIES: "10.0.0.0/8,::1/128",
    });
    expect(settings.ALLOWED_ORIGINS).toEqual(["https://admin.example.com", "https://shop.example.com"]);
    expect(settings.TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "::1/128"]);
  });

  it.each([
    ["PUBLIC_URL", "localhost"],
    ["PUBLIC_URL", "https://shop.example.com/path"],
    ["ORDERS_URL", "ftp://orders"],
    ["ALLOWED_ORIGINS", "*"],
    ["ALLOWED_ORIGINS", "https://a.example,null"],
    ["TRUSTED_PROXIES", "everyone"],
    ["PORT", "http"],
  ])("stops at %s=%s, by name", (name, value) => {
    expect(() => readEnv(gatewayEnv, { [name]: value })).toThrow(name);
  });
});
