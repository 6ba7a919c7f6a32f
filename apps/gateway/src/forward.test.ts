import { type Forward, TransportError } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const failing =
  (code: TransportError["code"]): Forward =>
  async () => {
    throw new TransportError(code, new Error("connect ECONNREFUSED 10.0.0.5:4003"));
  };

function streamOf(chunks: number, size: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent === chunks) return controller.close();
      sent += 1;
      controller.enqueue(new Uint8Array(size));
    },
  });
}

const streamed = (body: ReadableStream<Uint8Array>) => ({ method: "POST", body, duplex: "half" }) as RequestInit; // RequestInit lacks duplex

const answering = (cacheControl?: string) =>
  createTestGateway({
    answer: () =>
      Response.json({}, { status: 200, headers: cacheControl === undefined ? {} : { "cache-control": cacheControl } }),
  });

describe("a service that does not answer", () => {
  it.each(["unreachable", "aborted"] as const)("is named, and its address is not: %s", async (code) => {
    const { request } = createTestGateway({ forward: failing(code) });
    const response = await request("/trpc/orders/list?batch=1&input=%7B%7D");
    const body = await response.text();
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(JSON.parse(body)).toMatchObject({
      error: {
        code: -32_603,
        message: expect.stringContaining("orders"),
        data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503 },
      },
    });
    expect(body).not.toMatch(/10\.0\.0\.5|ECONN|4003/);
  });

  it("is SERVICE_UNAVAILABLE on auth's faces too, in each one's shape", async () => {
    const { request } = createTestGateway({ forward: failing("unreachable") });
    const rest = await request("/auth/login", { method: "POST", body: "{}" });
    const oauth = await request("/oauth/token", { method: "POST", body: "grant_type=client_credentials" });
    expect([rest.status, oauth.status]).toEqual([503, 503]);
    expect(await rest.json()).toMatchObject({ error: { data: { code: "SERVICE_UNAVAILABLE" } } });
    expect(await oauth.json()).toMatchObject({ error: "temporarily_unavailable" });
  });

  it("in time is given up on", async () => {
    const { request } = createTestGateway({ answer: () => new Promise(() => {}), upstreamTimeoutMs: 20 });
    const response = await request("/trpc/orders/list");
    expect([response.status, response.headers.get("retry-after")]).toEqual([504, null]);
    expect(await response.json()).toMatchObject({
      error: { code: -32_603, message: expect.stringContaining("took too long"), data: { code: "GATEWAY_TIMEOUT" } },
    });
  });

  it.each(["malformed", "broken_off"] as const)("in HTTP, but %s, has given a faulty answer", async (code) => {
    const { request } = createTestGateway({ forward: failing(code) });
    const [rpc, oauth] = [await request("/trpc/orders/list"), await request("/oauth/token", { method: "POST" })];
    expect([rpc.status, rpc.headers.get("retry-after"), oauth.status]).toEqual([502, null, 502]);
    expect(await rpc.json()).toMatchObject({
      error: { code: -32_603, message: "The orders service gave a faulty answer.", data: { code: "BAD_GATEWAY" } },
    });
    expect(await oauth.json()).toMatchObject({ error: "server_error" });
  });

  it("with an error of our own says nothing of it", async () => {
    const { request } = createTestGateway({ forward: () => Promise.reject(new TypeError("secret detail")) });
    expect(await (await request("/trpc/orders/list")).text()).not.toContain("secret");
  });
});

describe("a body", () => {
  const limit = { maxBodyBytes: 100_000 };

  it("goes on as it came, when it is announced and when it is not", async () => {
    const gateway = createTestGateway(limit);
    const headers = { "content-type": "application/json", "content-length": "9" };
    await gateway.request("/trpc/orders/place", {
      method: "POST",
      body: '{"a":"ü"}'.slice(0, 9),
      headers: { ...headers, "content-length": "10" },
    });
    await gateway.request("/trpc/orders/place", streamed(streamOf(3, 30_000)));
    expect(gateway.seen.map(({ body }) => body.length)).toEqual([9, 90_000]);
    expect(gateway.seen[0]?.headers.get("content-type")).toBe("application/json");
  });

  it("that is announced above the limit is refused unread", async () => {
    const gateway = createTestGateway(limit);
    const init = { method: "POST", body: "x", headers: { "content-length": "100001" } };
    const response = await gateway.request("/trpc/orders/place", init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: -32_013, data: { code: "PAYLOAD_TOO_LARGE" } } });
    expect(gateway.seen).toEqual([]);
  });

  it("that grows above the limit on the way is refused", async () => {
    const gateway = createTestGateway(limit);
    const response = await gateway.request("/trpc/orders/place", streamed(streamOf(1_000, 30_000)));
    expect(response.status).toBe(413);
    expect(gateway.seen).toEqual([]);
  });

  it("of exactly the limit passes", async () => {
    const gateway = createTestGateway(limit);
    expect((await gateway.request("/trpc/orders/place", streamed(streamOf(2, 50_000)))).status).toBe(200);
  });
});

describe("Cache-Control", () => {
  it("of a service is passed on where no credential was shown, and then depends on one", async () => {
    const response = await answering("public, max-age=60").request("/trpc/products/list");
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(response.headers.get("vary")).toBe("Authorization, Cookie");
  });

  it.each<[string, string, Record<string, string>]>([
    ["a cookie", "/trpc/products/list", { cookie: "auth_token=abc" }],
    ["a token", "/trpc/products/list", { authorization: "Bearer abc" }],
    ["a refresh cookie", "/auth/github", { cookie: "refresh_token=abc" }],
    ["a client's secret", "/oauth/introspect", { authorization: "Basic abc" }],
  ])("is no-store where %s was shown, whatever the service says", async (_what, path, headers) => {
    const response = await answering("public, max-age=60").request(path, { headers });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is no-store where a cookie is set", async () => {
    const headers = { "cache-control": "public, max-age=60", "set-cookie": "basket=1" };
    const { request } = createTestGateway({ answer: () => new Response("{}", { headers }) });
    expect((await request("/trpc/products/list")).headers.get("cache-control")).toBe("no-store");
  });

  it("of the published documents depends on no credential", async () => {
    const response = await answering("public, max-age=300").request("/.well-known/jwks.json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    expect(response.headers.get("vary")).toBeNull();
  });

  it("is no-store where the service says nothing", async () => {
    const response = await answering().request("/trpc/products/list");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is no-store on every refusal of the gateway's own", async () => {
    const { request } = answering("public");
    const answers = await Promise.all([
      request("/nothing"),
      request("/trpc/orders/list", { headers: { authorization: "Basic abc" } }),
      request("/auth/login", { method: "POST", headers: { origin: "https://evil.example" } }),
      request("/trpc/orders/place", { method: "POST", headers: { "content-length": "9999999" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 401, 403, 413]);
    expect(new Set(answers.map(({ headers }) => headers.get("cache-control")))).toEqual(new Set(["no-store"]));
  });
});

describe("every answer", () => {
  it("carries the protective headers and its request's id", async () => {
    const { request } = createTestGateway({
      publicOrigin: "https://shop.example.com",
      newRequestId: () => "request-1",
    });
    for (const path of ["/", "/health", "/nothing", "/trpc/orders/list"]) {
      const { headers } = await request(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("strict-transport-security")).toContain("max-age=");
      expect(headers.get("x-request-id")).toBe("request-1");
    }
  });

  it("keeps the service's status", async () => {
    const { request } = createTestGateway({ answer: () => new Response("{}", { status: 207 }) });
    expect((await request("/trpc/orders/list")).status).toBe(207);
  });

  it("has no body where HTTP allows none", async () => {
    const { request } = createTestGateway({ answer: () => new Response(null, { status: 204 }) });
    const response = await request("/auth/logout", { method: "POST" });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });
});
