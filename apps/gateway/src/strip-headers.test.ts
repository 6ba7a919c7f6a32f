import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../test/harness.ts";

async function seenWith(headers: Record<string, string>, options: TestOptions & { peer?: string } = {}) {
  const gateway = createTestGateway({ newRequestId: () => "new-request-id", ...options });
  const response = await gateway.request("/trpc/orders/list", { headers, ...(options.peer && { peer: options.peer }) });
  return { headers: gateway.seen[0]?.headers ?? new Headers(), response };
}

function talkative(): Response {
  const headers = {
    connection: "close, x-internal",
    "x-internal": "1",
    "keep-alive": "timeout=5",
    "proxy-authenticate": "Basic",
    server: "secret/1.0",
    "x-powered-by": "secret",
    "x-kept": "1",
  };
  return Response.json({}, { headers });
}

function settingCookies(): Response {
  const headers = new Headers();
  headers.append("set-cookie", "auth_token=a; Path=/; HttpOnly");
  headers.append("set-cookie", "refresh_token=b; Path=/auth; HttpOnly");
  return new Response("{}", { headers });
}

describe("a claim to be somebody", () => {
  it.each([
    "x-user-id",
    "X-User-Roles",
    "x-user",
    "x_user_id",
    "X_User-Id",
    "x.user.id",
    "x-user_id",
    "x--user-id",
    "x-service-name",
    "x_service_name",
    "x-countersign-assertion",
    "X_Countersign_Assertion",
    "x-forwarded-user",
    "x-forwarded-email",
    "x_forwarded_for",
    "forwarded",
    "x-real-ip",
    "x_real_ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method-override",
    "x-remote-user",
    "x-auth-request-user",
    "x_request_id",
    "proxy-authorization",
    "__proto__",
  ])("in %s does not reach a service", async (name) => {
    const { headers } = await seenWith({ [name]: "admin" });
    expect([...headers.values()]).not.toContain("admin");
    expect(headers.has(name)).toBe(false);
  });
});

describe("what the gateway says of a request", () => {
  it("replaces what the client said", async () => {
    const { headers, response } = await seenWith({
      "x-forwarded-for": "10.0.0.1",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "x-request-id": "client-chosen-id",
      host: "evil.example",
    });
    expect(headers.get("x-forwarded-for")).toBe("192.0.2.7");
    expect(headers.get("x-forwarded-host")).toBe("localhost:4000");
    expect(headers.get("x-forwarded-proto")).toBe("http");
    expect(headers.get("x-request-id")).toBe("new-request-id");
    expect(response.headers.get("x-request-id")).toBe("new-request-id");
  });

  it("believes a trusted proxy on the client's address and the request's id", async () => {
    const options = { trustedProxies: ["10.0.0.0/8", "::1/128"], peer: "10.1.2.3" };
    const said = { "x-forwarded-for": "198.51.100.9, 10.9.9.9", "x-request-id": "from-the-proxy" };
    const { headers } = await seenWith(said, options);
    expect(headers.get("x-forwarded-for")).toBe("198.51.100.9");
    expect(headers.get("x-request-id")).toBe("from-the-proxy");
  });

  it.each([
    ["no proxy is trusted", {}, "client-id-1234"],
    ["the peer is another one", { trustedProxies: ["10.0.0.0/8"] }, "client-id-1234"],
    ["the id is malformed", { trustedProxies: ["192.0.2.0/24"] }, "bad id\twith spaces"],
    ["the id is endless", { trustedProxies: ["192.0.2.0/24"] }, "a".repeat(65)],
  ])("does not believe an id when %s", async (_when, options, id) => {
    const { headers } = await seenWith({ "x-request-id": id }, options);
    expect(headers.get("x-request-id")).toBe("new-request-id");
  });

  it("does not pass on an address that is none, trusted proxy or not", async () => {
    const options = { trustedProxies: ["10.0.0.0/8"], peer: "10.1.2.3" };
    const { headers } = await seenWith({ "x-forwarded-for": "<script>, 10.0.0.4" }, options);
    expect(headers.get("x-forwarded-for")).toBe("unknown");
  });
});

describe("headers of one hop (RFC 9110 §7.6.1)", () => {
  it("end at the gateway, with those that Connection names", async () => {
    const { headers } = await seenWith({
      connection: "close, X-Secret-Hop , te",
      "x-secret-hop": "1",
      "keep-alive": "timeout=5",
      te: "trailers",
      trailer: "x-checksum",
      upgrade: "websocket",
      "proxy-connection": "keep-alive",
      accept: "application/json",
    });
    const gone = ["x-secret-hop", "keep-alive", "te", "trailer", "upgrade", "proxy-connection"];
    expect(gone.filter((name) => headers.has(name))).toEqual([]);
    expect(headers.get("connection") ?? "").not.toContain("hop");
    expect(headers.get("accept")).toBe("application/json");
  });

  it("cannot be used to make a credential disappear on the way", async () => {
    const { headers } = await seenWith({ connection: "authorization, x-request-id", authorization: "Bearer abc" });
    expect(headers.get("authorization")).toBe("Bearer abc");
    expect(headers.get("x-request-id")).toBe("new-request-id");
  });

  it("end at the gateway on the way back, with what tells of the server", async () => {
    const { response } = await seenWith({}, { answer: talkative });
    const names = ["connection", "x-internal", "keep-alive", "proxy-authenticate", "server", "x-powered-by"];
    expect(names.filter((name) => response.headers.has(name))).toEqual([]);
    expect(response.headers.get("x-kept")).toBe("1");
  });

  it("leaves every cookie that auth sets", async () => {
    const response = await createTestGateway({ answer: settingCookies }).request("/auth/login", { method: "POST" });
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});
