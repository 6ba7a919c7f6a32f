import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const web = { web: "http://web.test" };
const cookie = "auth_token=abc.def.ghi; refresh_token=s.1.mac; theme=dark";
const keeping = () => new Response("page", { headers: { "cache-control": "public, max-age=3600" } });

describe("the web app", () => {
  it.each([
    ["/", "http://web.test/"],
    ["/orders/42?tab=items", "http://web.test/orders/42?tab=items"],
    ["/orders/", "http://web.test/orders/"],
    ["/@vite/client", "http://web.test/@vite/client"],
    ["/assets/index-3f.js", "http://web.test/assets/index-3f.js"],
    ["/authors", "http://web.test/authors"],
    ["/trpc-tour", "http://web.test/trpc-tour"],
  ])("gets %s", async (path, arrived) => {
    const gateway = createTestGateway(web);
    expect((await gateway.request(path)).status).toBe(200);
    expect(gateway.seen.map(({ url }) => url.href)).toEqual([arrived]);
  });

  it.each([
    ["an API's path", "/trpc/orders"],
    ["an unknown service", "/trpc/unknown/list"],
    ["an alias of a procedure", "/trpc/auth/m%65"],
    ["an API in other letters", "/TRPC/auth/me"],
    ["auth in other letters", "/Auth/login"],
    ["an upstream that is none", "/api/reports/x"],
    ["a probe that there is not", "/health/started"],
    ["a service's metrics", "/metrics"],
    ["a published document that is none", "/.well-known/a/b"],
    ["an encoded API", "/%74rpc/auth/me"],
    ["a doubled slash", "//trpc/auth/me"],
    ["a doubled slash within", "/orders//42"],
    ["a semicolon", "/orders;x=1"],
    ["an encoded slash", "/orders%2f42"],
  ])("does not get %s: %s", async (_what, path) => {
    const gateway = createTestGateway(web);
    expect((await gateway.fetch(`http://localhost:4000${path}`)).status).toBe(404);
    expect(gateway.seen).toEqual([]);
  });

  it("gets the token of whoever asks for a page, as Bearer and in no cookie, and the page is never kept", async () => {
    const gateway = createTestGateway({ ...web, answer: keeping });
    const response = await gateway.request("/orders", { headers: { cookie } });
    const [seen] = gateway.seen;
    expect([seen?.headers.get("authorization"), seen?.headers.get("cookie")]).toEqual([
      "Bearer abc.def.ghi",
      "theme=dark",
    ]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("gets no credential of ours with a request for a file, which caches may keep", async () => {
    const gateway = createTestGateway({ ...web, answer: keeping });
    const response = await gateway.request("/assets/index-3f.js", { headers: { cookie, authorization: "Bearer a" } });
    const [seen] = gateway.seen;
    expect([seen?.headers.get("authorization"), seen?.headers.get("cookie")]).toEqual([null, "theme=dark"]);
    expect([response.headers.get("cache-control"), response.headers.get("vary")]).toEqual([
      "public, max-age=3600",
      null,
    ]);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "gets every method, also at the name of a file: %s",
    async (method) => {
      const gateway = createTestGateway(web);
      const init = {
        method,
        ...(method === "OPTIONS" ? {} : { body: "a=1" }),
        headers: { authorization: "Bearer abc" },
      };
      for (const path of ["/notes/1", "/notes/a.json"]) expect((await gateway.request(path, init)).status).toBe(200);
      expect(gateway.seen.map((seen) => [seen.method, seen.headers.get("authorization")])).toEqual([
        [method, "Bearer abc"],
        [method, "Bearer abc"],
      ]);
      expect((await gateway.request("/auth/login/x.json", init)).status).toBe(404);
    },
  );

  it.each([
    ["theme=dark; auth_token=a; sid=1", "theme=dark; sid=1"],
    ["Auth_Token=a; AUTH_TOKEN=b; sid=1", "sid=1"],
    ["sid=1, auth_token=a; b=2", "b=2"],
    ["auth_token; known_device=1; refresh_token=r", null],
    ["=auth_token=a; sid=1", "sid=1"],
    ['sid=a,b; x=\u00e9; y="q=1"', 'sid=a,b; x=\u00e9; y="q=1"'],
  ])("gets its own cookies and none of ours: %j", async (sent, passed) => {
    const gateway = createTestGateway(web);
    await gateway.request("/app.css", { headers: { cookie: sent } });
    expect(gateway.seen[0]?.headers.get("cookie") ?? null).toBe(passed);
  });

  it("is protected from other sites where its own cookies go along, also beside an Authorization header", async () => {
    const { request } = createTestGateway(web);
    const send = (path: string, headers: Record<string, string>) =>
      request(path, { method: "DELETE", headers: { cookie: "sid=1", origin: "https://evil.example", ...headers } });
    expect((await send("/notes/1", {})).status).toBe(403);
    expect((await send("/notes/1.json", {})).status).toBe(403);
    expect((await send("/notes/1", { authorization: "Bearer abc.def.ghi" })).status).toBe(403);
    expect((await send("/notes/1", { origin: "http://localhost:4000" })).status).toBe(200);
  });

  it("lets browsers name its own pages as the origin of forms", async () => {
    const { request } = createTestGateway(web);
    expect((await request("/")).headers.get("referrer-policy")).toBe("same-origin");
    expect((await request("/trpc/orders/list")).headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("may be sent forms from its own pages only", async () => {
    const { request } = createTestGateway(web);
    const post = (origin: string) => request("/contact", { method: "POST", body: "a=1", headers: { cookie, origin } });
    expect((await post("http://localhost:4000")).status).toBe(200);
    expect((await post("https://evil.example")).status).toBe(403);
  });

  it("is named when it cannot be reached", async () => {
    const { request } = createTestGateway({ ...web, forward: () => Promise.reject(new Error("10.0.0.5")) });
    const response = await request("/");
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("web app")]);
  });
});
