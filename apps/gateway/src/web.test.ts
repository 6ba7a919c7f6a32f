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
    expect([seen?.headers.get("authorization"), seen?.headers.get("cookie")]).toEqual(["Bearer abc.def.ghi", null]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("gets no credential with a request for a file, which caches may keep", async () => {
    const gateway = createTestGateway({ ...web, answer: keeping });
    const response = await gateway.request("/assets/index-3f.js", { headers: { cookie, authorization: "Bearer a" } });
    const [seen] = gateway.seen;
    expect([seen?.headers.get("authorization"), seen?.headers.get("cookie")]).toEqual([null, null]);
    expect([response.headers.get("cache-control"), response.headers.get("vary")]).toEqual([
      "public, max-age=3600",
      null,
    ]);
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
