import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const allowed = "https://admin.example.com";
const gateway = () => createTestGateway({ allowedOrigins: [allowed] });
const preflight = (origin: string) => ({
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
});

function openToAll(): Response {
  return Response.json({}, { headers: { "access-control-allow-origin": "*" } });
}

describe("a preflight", () => {
  it("is answered for an allowed origin", async () => {
    const { request, seen } = gateway();
    const response = await request("/trpc/orders/place", preflight(allowed));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(allowed);
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(response.headers.get("vary")).toBe("Origin");
    expect(seen).toEqual([]);
  });

  it.each(
    [
      "authorization, content-type, idempotency-key, last-event-id, trpc-accept, x-trpc-source",
      "baggage, sentry-trace, traceparent, tracestate",
    ].flatMap((names) => names.split(", ")),
  )("lets a page send %s", async (name) => {
    const response = await gateway().request("/trpc/orders/place", preflight(allowed));
    expect(response.headers.get("access-control-allow-headers")?.split(", ")).toContain(name);
  });

  it.each(["x-user-id", "cookie", "x-forwarded-for"])("lets no page send %s", async (name) => {
    const response = await gateway().request("/trpc/orders/place", preflight(allowed));
    expect(response.headers.get("access-control-allow-headers")?.split(", ")).not.toContain(name);
  });

  it.each(["https://evil.example", "null", "http://localhost:4000"])("is refused for %s", async (origin) => {
    const { request, seen } = gateway();
    const response = await request("/trpc/orders/place", preflight(origin));
    expect(response.status).toBe(403);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(seen).toEqual([]);
  });
});

describe("an answer", () => {
  it("may be read by an allowed origin, also when it is a refusal", async () => {
    const answers = await Promise.all([
      gateway().request("/trpc/orders/list", { headers: { origin: allowed } }),
      gateway().request("/trpc/orders/list", { headers: { origin: allowed, authorization: "Basic abc" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
    expect(answers.map(({ headers }) => headers.get("access-control-allow-origin"))).toEqual([allowed, allowed]);
  });

  it("is not opened by a service, nor to anyone else", async () => {
    const { request } = createTestGateway({ allowedOrigins: [allowed], answer: openToAll });
    const response = await request("/trpc/orders/list", { headers: { origin: "https://evil.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(response.headers.get("vary")).toContain("Origin");
  });
});
