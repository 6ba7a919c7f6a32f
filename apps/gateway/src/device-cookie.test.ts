import { expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const device = "known_device=abc.def.1760000000.ghi~jkl";

it("the cookie of a known device goes to the REST face of auth, beside the refresh cookie, and nowhere else", async () => {
  const gateway = createTestGateway();
  const cookie = `other=1; ${device}; refresh_token=one.0.two; known_device=no token; known_device=`;
  const headers = { cookie, "content-type": "application/json" };
  await gateway.request("/auth/login", { method: "POST", body: "{}", headers });
  await gateway.request("/auth/login", { method: "POST", body: "{}", headers: { ...headers, cookie: device } });
  await gateway.request("/trpc/orders/list", { headers: { cookie: device } });
  const cookies = gateway.seen.map((request) => request.headers.get("cookie"));
  expect(cookies).toEqual([`refresh_token=one.0.two; ${device}`, device, null]);
});
