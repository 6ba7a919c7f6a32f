import { beforeAll, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startGatewayBefore } from "./gateway-before.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const [alice] = demoUsers;
const small = (calls: number) => ({ calls, perSeconds: 600 });

describe("behind a proxy of ours, by HTTP", () => {
  let platform: Platform;
  let gateway: Awaited<ReturnType<typeof startGatewayBefore>>;
  const lines: object[] = [];

  beforeAll(async () => {
    const LIMITS = new Map([
      ["auth.login/address", small(4)],
      ["auth.register/address", small(2)],
    ]);
    platform = await startTestPlatform({ limits: { LIMITS } });
    const log = { debug: () => {}, info: () => {}, error: () => {}, warn: (line: object) => void lines.push(line) };
    gateway = await startGatewayBefore(platform, { trustedProxies: ["127.0.0.0/8"], log });
    return async () => {
      await gateway.stop();
      await platform.stop();
    };
  }, 120_000);

  const post = async (name: string, body: object, forwardedFor: string) => {
    const headers = { "content-type": "application/json", "x-forwarded-for": forwardedFor };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${gateway.url}/auth/${name}`, init)).status;
  };
  let guesses = 0;
  const guess = (forwardedFor: string) => {
    guesses += 1; // of another account each: none of them reaches its own limit
    return post("login", { email: `nobody${guesses}@example.com`, password: "wrong horse" }, forwardedFor);
  };
  const signIn = (forwardedFor: string) => {
    const { email, password } = alice;
    return post("login", { email, password, mode: "bearer" }, forwardedFor);
  };

  it.each([
    ["an IPv4 address with a port", (port: number) => `203.0.113.7:${port}`, "203.0.113.8:50123"],
    ["an IPv6 address with a port", (port: number) => `[2001:db8::1]:${port}`, "[2001:db8:0:1::1]:443"],
    ["a NAT64 address", () => "64:ff9b::198.51.100.7", "64:ff9b::198.51.100.8"],
  ])("%s is one client, and the next one is another", async (_what, of, other) => {
    const statuses = [];
    for (let port = 50_000; port < 50_006; port += 1) statuses.push(await guess(of(port)));
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
    expect(await signIn(other)).toBe(200);
  });

  it.each(["unknown", "_hidden", "203.0.113.7, unknown", "garbage", ","])(
    "clients that it does not name (%s) never shut sign-in for one another",
    async (header) => {
      for (let index = 0; index < 6; index += 1) expect(await guess(header)).toBe(401);
      expect(await signIn(header)).toBe(200);
    },
  );

  it("an account keeps its own limit, whoever guesses", async () => {
    const statuses = [];
    for (let index = 0; index < 11; index += 1) {
      statuses.push(await post("login", { email: "bob@example.com", password: `guess ${index}` }, "unknown"));
    }
    expect(statuses.slice(-2)).toEqual([401, 429]);
  });

  it("says once in the log that it is not told who calls", () => {
    expect(lines).toHaveLength(1);
  });
});
