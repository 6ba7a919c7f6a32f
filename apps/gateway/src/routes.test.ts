import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

// `Request` resolves paths before they get here: test/spellings.test.ts sends them as bytes.
describe("routes", () => {
  it.each([
    ["GET", "/trpc/orders/list?input=%7B%7D", "http://orders.test/trpc/list?input=%7B%7D"],
    ["POST", "/trpc/orders/place", "http://orders.test/trpc/place"],
    ["GET", "/trpc/auth/sessions.list", "http://auth.test/trpc/sessions.list"],
    ["GET", "/trpc/products/list,get?batch=1&input=%7B%7D", "http://products.test/trpc/list,get?batch=1&input=%7B%7D"],
    ["GET", "/trpc/products/list%2Cget?batch=1", "http://products.test/trpc/list,get?batch=1"],
    ["POST", "/auth/login", "http://auth.test/auth/login"],
    ["GET", "/auth/github/callback?code=1", "http://auth.test/auth/github/callback?code=1"],
    ["POST", "/oauth/token", "http://auth.test/oauth/token"],
    ["POST", "/ssf/poll", "http://auth.test/ssf/poll"],
    ["PATCH", "/ssf/streams", "http://auth.test/ssf/streams"],
    ["DELETE", "/ssf/streams?stream_id=1", "http://auth.test/ssf/streams?stream_id=1"],
    ["GET", "/.well-known/ssf-configuration", "http://auth.test/.well-known/ssf-configuration"],
    ["GET", "/.well-known/jwks.json", "http://auth.test/.well-known/jwks.json"],
    ["GET", "/.well-known/oauth-authorization-server", "http://auth.test/.well-known/oauth-authorization-server"],
  ])("%s %s goes to %s", async (method, path, target) => {
    const gateway = createTestGateway();
    const response = await gateway.request(path, { method });
    expect(response.status).toBe(200);
    expect(gateway.seen.map(({ url }) => url.href)).toEqual([target]);
  });

  it.each([
    ["an encoded letter", "GET", "/trpc/auth/m%65"],
    ["an encoded letter in the prefix", "GET", "/trp%63/auth/me"],
    ["an encoded letter in the service", "GET", "/trpc/%61uth/me"],
    ["an encoded slash", "GET", "/trpc/auth%2Fme"],
    ["an encoded slash in the procedure", "GET", "/trpc/auth/sessions%2Flist"],
    ["an encoded percent sign", "GET", "/trpc/auth/m%2565"],
    ["an encoded dot", "GET", "/trpc/auth/sessions%2Elist"],
    ["an encoded null", "GET", "/trpc/auth/me%00"],
    ["an encoded hash", "GET", "/trpc/auth/me%23"],
    ["an encoded question mark", "GET", "/trpc/auth/me%3Fbatch=1"],
    ["a trailing slash", "GET", "/trpc/auth/me/"],
    ["a doubled slash before the procedure", "GET", "/trpc/auth//me"],
    ["a doubled slash before the service", "GET", "/trpc//auth/me"],
    ["a doubled slash at the start", "GET", "//localhost:4000//trpc/auth/me"],
    ["an empty call in a batch", "GET", "/trpc/auth/me,,me"],
    ["a comma at the end", "GET", "/trpc/auth/me,"],
    ["a dot at the start", "GET", "/trpc/auth/.me"],
    ["two dots in a name", "GET", "/trpc/auth/sessions..list"],
    ["another case in the prefix", "GET", "/TRPC/auth/me"],
    ["another case in the service", "GET", "/trpc/Auth/me"],
    ["another case in the REST face", "POST", "/Auth/login"],
    ["an encoded letter in the REST face", "POST", "/auth/log%69n"],
    ["a trailing slash in the REST face", "POST", "/auth/login/"],
    ["an encoded slash in the REST face", "POST", "/auth%2Flogin"],
    ["a semicolon parameter", "POST", "/auth/login;x=1"],
    ["a letter beyond ASCII", "GET", "/trpc/auth/mé"],
    ["an unknown service", "GET", "/trpc/unknown/list"],
    ["a name that every object has", "GET", "/trpc/constructor/list"],
    ["a prototype's name", "GET", "/trpc/__proto__/list"],
    ["a service without a procedure", "GET", "/trpc/orders"],
    ["a probe that there is not", "GET", "/health/started"],
    ["another case in a probe", "GET", "/Health/live"],
    ["a change of a probe", "POST", "/health/live"],
    ["the metrics of a service", "GET", "/metrics"],
    ["the metrics of a service below its prefix", "GET", "/trpc/orders/../metrics"],
    ["a method that no service has", "PUT", "/trpc/orders/place"],
    ["DELETE", "DELETE", "/auth/login"],
    ["a method that no receiver has", "OPTIONS", "/ssf/streams"],
    ["an encoded letter of a receiver's path", "POST", "/ssf/p%6fll"],
    ["a path below a receiver's", "POST", "/ssf/streams/1"],
    ["another case in a receiver's path", "POST", "/SSF/poll"],
    ["a change of a published document", "POST", "/.well-known/jwks.json"],
    ["a file below the published documents", "GET", "/.well-known/../metrics"],
    ["OPTIONS without a preflight's headers", "OPTIONS", "/trpc/orders/place"],
    ["anything else", "GET", "/index.html"],
  ])("%s names nothing: %s %s", async (_what, method, path) => {
    const gateway = createTestGateway();
    const response = await gateway.request(path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: -32_004, data: { code: "NOT_FOUND", httpStatus: 404 } },
    });
    expect(gateway.seen).toEqual([]);
  });
});
