import { serviceNames } from "@countersign/access";
import { type Forward, TransportError } from "@countersign/service";
import { createFakeClock } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

type Word = "ready" | "not ready" | "unreachable";

/** Services of which each says what the table has for its name; counts how often they were asked. */
function services(words: Record<string, Word>) {
  const asked: string[] = [];
  const forward: Forward = async ({ origin, path }) => {
    const [, name = ""] = /^http:\/\/(\w+)\.test$/.exec(origin) ?? [];
    asked.push(name + path);
    if (words[name] === "unreachable") throw new TransportError("unreachable", new Error("10.0.0.5 refused"));
    return { status: words[name] === "ready" ? 200 : 503, headers: new Map(), cookies: [], body: null };
  };
  return { forward, asked };
}

const allReady = Object.fromEntries(serviceNames.map((name): [string, Word] => [name, "ready"]));

describe("GET /health", () => {
  it("is ok when every service is ready", async () => {
    const { forward, asked } = services(allReady);
    const response = await createTestGateway({ forward }).request("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok", services: allReady });
    expect(asked.toSorted()).toEqual(serviceNames.toSorted().map((name) => `${name}/health/ready`));
  });

  it("stays 200 while some are not: the door is not taken away from the others", async () => {
    const words = { ...allReady, orders: "unreachable", inventory: "not ready" } as const;
    const response = await createTestGateway(services(words)).request("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "degraded", services: words });
  });

  it("is 503 when none is ready, and shows no address", async () => {
    const response = await createTestGateway(services({ auth: "unreachable" })).request("/health");
    const body = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ status: "down" });
    expect(body).not.toContain("10.0.0.5");
  });

  it("asks once a second, however many ask for it", async () => {
    const clock = createFakeClock();
    const { forward, asked } = services(allReady);
    const { request } = createTestGateway({ forward, now: clock.now });
    await Promise.all([request("/health"), request("/health"), request("/")]);
    await request("/health");
    expect(asked).toHaveLength(serviceNames.length);
    clock.advance(1);
    await request("/health");
    expect(asked).toHaveLength(2 * serviceNames.length);
  });
});

describe("GET /", () => {
  it("shows every service, its public URL and its health, and loads nothing", async () => {
    const words = { ...allReady, orders: "not ready" } as const;
    const response = await createTestGateway({ ...services(words), demo: true }).request("/");
    const page = await response.text();
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const name of Object.keys(words)) expect(page).toContain(`http://localhost:4000/trpc/${name}`);
    expect(page).toMatch(/orders<\/th>.*not ready/);
    expect(page).toContain('<html lang="en">');
    expect(page).toContain("npm run demo");
    expect(page).not.toMatch(/\b(src|href)=|<script|\.test\b/);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("names no demo users unless told to", async () => {
    const response = await createTestGateway(services(allReady)).request("/");
    expect(await response.text()).not.toContain("example.com");
  });

  it("allows exactly the style that it carries", async () => {
    const response = await createTestGateway(services(allReady)).request("/");
    const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(await response.text()) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = Buffer.from(digest).toString("base64");
    expect(response.headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
  });
});
