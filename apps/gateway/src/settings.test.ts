import { readSettings } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { serviceOrigins } from "./settings.ts";

describe("the settings of the gateway", () => {
  it("needs nothing to be set", () => {
    expect(readSettings("gateway", {})).toMatchObject({
      HOST: "127.0.0.1",
      PUBLIC_URL: "http://localhost:4000",
      AUTH_URL: ["http://127.0.0.1:4001"],
      INVENTORY_URL: ["http://127.0.0.1:4004"],
      UPSTREAMS: {},
      ALLOWED_ORIGINS: [],
      TRUSTED_PROXIES: [],
    });
  });

  it("reads lists", () => {
    const settings = readSettings("gateway", {
      ALLOWED_ORIGINS: "https://admin.example.com, https://shop.example.com/",
      TRUSTED_PROXIES: "10.0.0.0/8,::1/128",
    });
    expect(settings.ALLOWED_ORIGINS).toEqual(["https://admin.example.com", "https://shop.example.com"]);
    expect(settings.TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "::1/128"]);
  });

  it("reads the instances of services, upstreams and the web app", () => {
    const settings = readSettings("gateway", {
      ORDERS_URL: "http://10.0.0.1:4003,http://10.0.0.2:4003",
      UPSTREAMS: "reports=http://127.0.0.1:5000|http://127.0.0.1:5001, search=http://search:80",
      WEB_URL: "http://127.0.0.1:4010",
    });
    expect(serviceOrigins(settings).orders).toEqual(["http://10.0.0.1:4003", "http://10.0.0.2:4003"]);
    expect(settings.UPSTREAMS).toEqual({
      reports: ["http://127.0.0.1:5000", "http://127.0.0.1:5001"],
      search: ["http://search"],
    });
    expect(settings.WEB_URL).toEqual(["http://127.0.0.1:4010"]);
  });

  it.each([
    ["PUBLIC_URL", "localhost"],
    ["PUBLIC_URL", "https://shop.example.com/path"],
    ["ORDERS_URL", "ftp://orders"],
    ["ALLOWED_ORIGINS", "*"],
    ["ALLOWED_ORIGINS", "https://a.example,null"],
    ["TRUSTED_PROXIES", "everyone"],
    ["PORT", "http"],
    ["UPSTREAMS", "http://127.0.0.1:5000"],
    ["UPSTREAMS", "Reports=http://127.0.0.1:5000"],
    ["UPSTREAMS", "reports=http://127.0.0.1:5000/base"],
    ["UPSTREAMS", "reports=http://127.0.0.1:1,reports=http://127.0.0.1:2"],
    ["UPSTREAMS", "../auth=http://127.0.0.1:1"],
    ["UPSTREAMS", "reports=http://me:hunter2@127.0.0.1:1"],
    ["ASSERTED_SERVICES", "auth"],
    ["WEB_URL", "index.html"],
    ["WEB_URL", "http://user:hunter2@web:3000"],
    ["UPSTREAMS", "reports=http://user:hunter2@reports:5000"],
    ["UPSTREAMS", "reports=http://user@reports:5000"],
    ["UPSTREAMS", "reports=http://reports:5000/#part"],
    ["ALLOWED_ORIGINS", "https://*.example.net"],
    ["ALLOWED_ORIGINS", "https://admin.example.com,https://shop-*.example.net"],
    ["ALLOWED_ORIGINS", "https://admin.example.com:*"],
    ["ALLOWED_ORIGINS", "https://user@admin.example.com"],
    ["SHUTDOWN_DELAY_SECONDS", "-1"],
    ["SHUTDOWN_DELAY_SECONDS", "5s"],
    ["MAX_IN_FLIGHT", "0"],
    ["DATABASE_URL", "file:.data"],
  ])("stops at %s=%s, by name", (name, value) => {
    expect(() => readSettings("gateway", { [name]: value })).toThrow(name);
    expect(() => readSettings("gateway", { [name]: value })).not.toThrow("hunter2");
  });

  it("says what a wildcard and what credentials in an origin would have come to", () => {
    const read = (name: string, value: string) => () => readSettings("gateway", { [name]: value });
    expect(read("ALLOWED_ORIGINS", "https://*.example.net")).toThrow('"*" stands for none');
    expect(read("UPSTREAMS", "reports=http://me:hunter2@reports:5000")).toThrow("without user and");
  });
});
