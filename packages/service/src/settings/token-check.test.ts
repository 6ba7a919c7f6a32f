import { describe, expect, it } from "vitest";
import { readSettings } from "./read-settings.ts";
import { readTokenCheck } from "./token-check.ts";

const read = (env: Record<string, string>, sharesSecret = false) => {
  const settings = readSettings("service", { DATABASE_URL: "file:data", ...env });
  return readTokenCheck(settings, { gateway: settings.GATEWAY_URL ?? settings.PUBLIC_URL, sharesSecret });
};

describe("TOKEN_CHECK", () => {
  it("is by keys unless told", () => {
    expect(read({})).toEqual({ by: "keys" });
    expect(read({}, true)).toEqual({ by: "keys" });
  });

  it("can be asking auth, whose answers are remembered for seconds or not at all", () => {
    expect(read({ TOKEN_CHECK: "introspection" })).toEqual({ by: "introspection", rememberSeconds: 5 });
    const never = { TOKEN_CHECK: "introspection", INTROSPECTION_CACHE_SECONDS: "0" };
    expect(read(never)).toEqual({ by: "introspection", rememberSeconds: 0 });
  });

  it("can be the word of the gateway, whose keys are where it is", () => {
    expect(read({ TOKEN_CHECK: "gateway" })).toEqual({ by: "gateway", origin: "http://localhost:4000" });
    const inside = { TOKEN_CHECK: "gateway", GATEWAY_URL: "http://gateway:4000" };
    expect(read(inside)).toEqual({ by: "gateway", origin: "http://gateway:4000" });
  });

  it.each<[string, Record<string, string>]>([
    ["TOKEN_CHECK", { TOKEN_CHECK: "headers" }],
    ["INTROSPECTION_CACHE_SECONDS", { INTROSPECTION_CACHE_SECONDS: "3600" }],
    ["INTROSPECTION_CACHE_SECONDS", { INTROSPECTION_CACHE_SECONDS: "soon" }],
    ["GATEWAY_URL", { GATEWAY_URL: "gateway" }],
  ])("stops the start with a wrong %s", (name, env) => {
    expect(() => read(env)).toThrow(name);
  });

  it("stops the start beside a shared secret, which nobody can be asked about", () => {
    expect(() => read({ TOKEN_CHECK: "introspection" }, true)).toThrow("TOKEN_CHECK");
  });
});
