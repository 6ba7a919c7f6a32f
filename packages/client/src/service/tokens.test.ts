import { generateSigningKey, importSigningKey } from "@countersign/tokens";
import { beforeEach, describe, expect, it } from "vitest";

import { type AuthorizationServer, createAuthorizationServer } from "../../test/authorization-server.ts";
import type { ServiceTokenError } from "./token-error.ts";
import { createServiceTokens, type ServiceTokens } from "./tokens.ts";

let time: number;
let server: AuthorizationServer;
let failures: ServiceTokenError[];
let tokens: ServiceTokens;
const now = (): number => time;
const pass = (seconds: number): void => {
  time += seconds * 1_000;
};
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(async () => {
  time = Date.parse("2026-01-01T00:00:00Z");
  server = await createAuthorizationServer(now);
  failures = [];
  const { tokenEndpoint, issuer, key, fetch } = server;
  const onFailure = (_callee: string, error: ServiceTokenError): void => void failures.push(error);
  tokens = createServiceTokens({ service: "orders", tokenEndpoint, issuer, key, fetch, now, onFailure });
});

describe("asking for a token", () => {
  it("proves the client with an assertion and names one callee", async () => {
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    expect(Object.fromEntries(server.requests[0] ?? [])).toEqual({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown, // vitest types its matchers as any
      audience: "inventory",
    });
  });

  it("makes one request for many calls at once, and one per callee", async () => {
    const asked = await Promise.all(Array.from({ length: 50 }, () => tokens.tokenFor("inventory")));
    expect(new Set(asked)).toEqual(new Set(["inventory-1"]));
    expect(await tokens.tokenFor("products")).toBe("products-2");
    expect(server.requests).toHaveLength(2);
  });
});

describe("renewal", () => {
  it("keeps a token until 80 % of its life", async () => {
    await tokens.tokenFor("inventory");
    pass(239);
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    await settle();
    expect(server.requests).toHaveLength(1);
  });

  it("renews in the background then, once, while calls go out with the old token", async () => {
    await tokens.tokenFor("inventory");
    pass(240);
    const during = await Promise.all([tokens.tokenFor("inventory"), tokens.tokenFor("inventory")]);
    expect(during).toEqual(["inventory-1", "inventory-1"]);
    await settle();
    expect(await tokens.tokenFor("inventory")).toBe("inventory-2");
    expect(server.requests).toHaveLength(2);
  });

  it("waits for a new token when the old one has ended", async () => {
    await tokens.tokenFor("inventory");
    pass(300);
    expect(await tokens.tokenFor("inventory")).toBe("inventory-2");
  });

  it("serves the old token while the server is down, until it ends", async () => {
    await tokens.tokenFor("inventory");
    server.answer = () => Promise.reject(new TypeError("fetch failed"));
    pass(250);
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    await settle();
    expect(failures).toMatchObject([{ code: "unreachable", cause: { message: "fetch failed" } }]);
    pass(49);
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    pass(2);
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("failed requests", () => {
  it("are backed off: 250 ms, doubled each time, forgotten with the first success", async () => {
    server.answer = () => new Response("no", { status: 503 });
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ code: "unreachable" });
    pass(0.249);
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ code: "unreachable" });
    expect(server.requests).toHaveLength(1);
    pass(0.001);
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ code: "unreachable" });
    pass(0.499);
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ code: "unreachable" });
    expect(server.requests).toHaveLength(2);
    server.answer = null;
    pass(0.001);
    expect(await tokens.tokenFor("inventory")).toBe("inventory-3");
  });

  it.each([
    ["a refusal", Response.json({ error: "invalid_client" }, { status: 401 }), "refused"],
    ["a limit", Response.json({ error: "slow_down" }, { status: 429 }), "unreachable"],
    ["no token", Response.json({ token_type: "Bearer", expires_in: 300 }), "malformed"],
    ["another type", Response.json({ access_token: "t", token_type: "DPoP", expires_in: 300 }), "malformed"],
    ["no life", Response.json({ access_token: "t", token_type: "Bearer" }), "malformed"],
    ["an endless life", Response.json({ access_token: "t", token_type: "Bearer", expires_in: 1e308 }), "malformed"],
    ["no JSON", new Response("<html>", { status: 200 }), "malformed"],
  ])("have one code per cause: %s", async (_name, response, code) => {
    server.answer = () => response;
    await expect(tokens.tokenFor("inventory")).rejects.toMatchObject({ name: "ServiceTokenError", code });
  });

  it("never repeat what a body or an assertion said", async () => {
    server.answer = () => new Response('"secret-token" and more', { status: 200 });
    const error: unknown = await tokens.tokenFor("inventory").catch((reason: unknown) => reason);
    expect(String(error)).not.toContain("secret");
    expect(error).not.toHaveProperty("cause");
    server.answer = () => Response.json({ error: server.requests[1]?.get("client_assertion") }, { status: 400 });
    pass(1);
    await expect(tokens.tokenFor("inventory")).rejects.toThrow(/said 400, an unnamed error\.$/);
  });

  it("are refused by the server when the key is not the service's own", async () => {
    const stranger = await importSigningKey((await generateSigningKey("ES256")).privateJwk);
    const { tokenEndpoint, issuer, fetch } = server;
    const forged = createServiceTokens({
      service: "orders",
      tokenEndpoint,
      issuer,
      key: async () => stranger,
      fetch,
      now,
    });
    await expect(forged.tokenFor("inventory")).rejects.toMatchObject({ code: "refused" });
  });
});

describe("drop", () => {
  it("forgets one callee's token or all of them", async () => {
    await tokens.tokenFor("inventory");
    await tokens.tokenFor("products");
    tokens.drop("inventory");
    expect(await tokens.tokenFor("inventory")).toBe("inventory-3");
    expect(await tokens.tokenFor("products")).toBe("products-2");
    tokens.drop();
    expect(await tokens.tokenFor("products")).toBe("products-4");
  });

  it("spares a token that is not the refused one, or was granted a moment ago", async () => {
    await tokens.tokenFor("inventory");
    tokens.drop("inventory", "inventory-1");
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    pass(10);
    tokens.drop("inventory", "inventory-0");
    expect(await tokens.tokenFor("inventory")).toBe("inventory-1");
    tokens.drop("inventory", "inventory-1");
    expect(await tokens.tokenFor("inventory")).toBe("inventory-2");
  });
});
