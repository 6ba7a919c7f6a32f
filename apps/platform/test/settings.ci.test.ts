import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import { type RunningMain, runMainOf } from "./run-main.ts";
import { temporaryFolder } from "./start-test-platform.ts";

const base = 4_870;
const gateway = `http://localhost:${base}`;
const [{ email, password }] = demoUsers;
const signedIn = z.object({ accessToken: z.string() });

describe("npm start", { timeout: 60_000 }, () => {
  let platform: RunningMain;
  let remove: () => Promise<void>;
  let headers: Record<string, string>;
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end(`page ${request.url}`);
  });

  beforeAll(async () => {
    const { folder, remove: removeFolder } = await temporaryFolder();
    remove = removeFolder;
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const own = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    platform = runMainOf("platform/src/main.ts", {
      DATA_DIR: folder,
      PORT: String(base),
      ALLOWED_ORIGINS: "https://admin.example.com",
      WEB_URL: own,
      UPSTREAMS: `reports=${own}`,
      TRUSTED_PROXIES: "127.0.0.1/32,::1/128",
      TOKEN_CHECK: "gateway",
      LIMITS: "gateway/address=20/600",
      TRUSTED_PROXY: "10.0.0.0/8",
      ORDERS_URL: "http://127.0.0.1:1",
    });
    await platform.printed("npm run demo");
    const body = JSON.stringify({ email, password, mode: "bearer" });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const { accessToken } = signedIn.parse(await (await fetch(`${gateway}/auth/login`, init)).json());
    headers = { authorization: `Bearer ${accessToken}` };
  }, 120_000);
  afterAll(async () => {
    platform.child.kill("SIGTERM");
    await platform.ended;
    server.close();
    await remove();
  });

  it("moves all ports with PORT, and says what is nearly a setting and what does nothing", () => {
    expect(platform.out()).toMatch(/^gateway +http:\/\/localhost:4870 +ready$/m);
    expect(platform.out()).toMatch(/^inventory +http:\/\/127\.0\.0\.1:4874 +ready$/m);
    expect(platform.error()).toContain("TRUSTED_PROXY is not a setting; TRUSTED_PROXIES is.");
    expect(platform.error()).toContain("ORDERS_URL does nothing with npm start");
  });

  it("honours ALLOWED_ORIGINS", async () => {
    const asked = { origin: "https://admin.example.com", "access-control-request-method": "POST" };
    const preflight = await fetch(`${gateway}/trpc/orders/place`, { method: "OPTIONS", headers: asked });
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://admin.example.com");
  });

  it("honours WEB_URL and UPSTREAMS, beside the demo's own upstream", async () => {
    expect(await (await fetch(`${gateway}/cart`)).text()).toBe("page /cart");
    expect((await fetch(`${gateway}/api/reports/day`, { headers })).status).toBe(200);
    expect(seen.at(-1)?.["x-user-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect((await fetch(`${gateway}/api/plain/me`, { headers })).status).toBe(200);
  });

  it("honours TOKEN_CHECK: services take the gateway's word, and no token past it", async () => {
    expect((await fetch(`${gateway}/trpc/orders/list`, { headers })).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${base + 3}/trpc/list`, { headers })).status).toBe(401);
  });

  it("honours TRUSTED_PROXIES and LIMITS: each client behind the proxy is counted by itself", async () => {
    const from = async (address: string) =>
      (await fetch(`${gateway}/trpc/products/list?input={}`, { headers: { "x-forwarded-for": address } })).status;
    for (let call = 0; call < 20; call += 1) expect(await from("203.0.113.9")).toBe(200);
    expect(await from("203.0.113.9")).toBe(429);
    expect(await from("203.0.113.10")).toBe(200);
  });
});
