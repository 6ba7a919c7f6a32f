import { serviceNames } from "@countersign/access";
import type { OrdersRouter } from "@countersign/orders/router";
import type { ProductsRouter } from "@countersign/products/router";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const signedIn = z.object({ accessToken: z.string(), refreshToken: z.string(), tokenType: z.literal("Bearer") });
const [alice] = demoUsers;

let platform: Platform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return fetch(`${platform.url}${path}`, init);
}

async function signIn(): Promise<z.output<typeof signedIn>> {
  const { email, password } = alice;
  return signedIn.parse(await (await post("/auth/login", { email, password, mode: "bearer" })).json());
}

describe("a stock tRPC client", () => {
  it("works through the gateway, pointed at one service", async () => {
    const { accessToken } = await signIn();
    const headers = { authorization: `Bearer ${accessToken}` };
    const products = createTRPCClient<ProductsRouter>({
      links: [httpBatchLink({ url: `${platform.url}/trpc/products` })],
    });
    const orders = createTRPCClient<OrdersRouter>({
      links: [httpBatchLink({ url: `${platform.url}/trpc/orders`, headers })],
    });
    const [{ items }, own] = await Promise.all([products.list.query({ limit: 2 }), orders.list.query({})]);
    expect(items).toHaveLength(2);
    expect(own.items).toEqual([]);
  });

  it("works past the gateway too, and is held to the same", async () => {
    const { accessToken } = await signIn();
    const url = `${platform.origins.orders}/trpc`;
    const signedInAs = (headers: Record<string, string>) =>
      createTRPCClient<OrdersRouter>({ links: [httpBatchLink({ url, headers })] });
    expect(await signedInAs({ authorization: `Bearer ${accessToken}` }).list.query({})).toMatchObject({ items: [] });
    await expect(signedInAs({}).list.query({})).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    const forged = { "x-user-id": "admin", "x-user-roles": "admin" };
    await expect(signedInAs(forged).list.query({})).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });
});

describe("plain HTTP", () => {
  it("signs in by cookies that scripts cannot read, with no token in the body", async () => {
    const { email, password } = alice;
    const response = await post("/auth/login", { email, password });
    const cookies = response.headers.getSetCookie();
    expect(cookies.find((cookie) => cookie.startsWith("auth_token="))).toMatch(
      /HttpOnly.*SameSite|SameSite.*HttpOnly/i,
    );
    expect(cookies.find((cookie) => cookie.startsWith("refresh_token="))).toMatch(/Path=\/auth(;|$)/i);
    expect(Object.keys(z.looseObject({}).parse(await response.json())).toSorted()).toEqual(["expiresIn", "user"]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("says whether a token is good, and nothing of a bad one", async () => {
    const { accessToken } = await signIn();
    expect(await (await post("/auth/verify", { token: accessToken })).json()).toMatchObject({ valid: true });
    expect(await (await post("/auth/verify", { token: `${accessToken}x` })).json()).toEqual({ valid: false });
  });

  it("publishes keys without a private member, and documents that name only what exists", async () => {
    const jwks: unknown = await (await fetch(`${platform.url}/.well-known/jwks.json`)).json();
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/);
    const discovery = z.looseObject({ issuer: z.string(), token_endpoint: z.string(), jwks_uri: z.string() });
    for (const name of ["oauth-authorization-server", "openid-configuration"]) {
      const document = discovery.parse(await (await fetch(`${platform.url}/.well-known/${name}`)).json());
      expect(document.issuer).toBe(platform.url);
      expect((await fetch(document.jwks_uri)).status).toBe(200);
    }
  });

  it("does not show the insides of services", async () => {
    for (const path of ["/metrics", "/trpc/nowhere/list", "/trpc/orders/../auth/me"]) {
      expect([404, 400, 401]).toContain((await fetch(`${platform.url}${path}`)).status);
    }
    const ready = await fetch(`${platform.url}/health/ready`); // the gateway's own
    expect(await ready.json()).toEqual({ ready: true, status: "ok" });
  });

  it("shows a page with every service", async () => {
    const page = await (await fetch(`${platform.url}/`)).text();
    for (const name of ["gateway", ...serviceNames]) expect(page).toContain(name);
  });
});
