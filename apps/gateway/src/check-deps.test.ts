import { describe, expect, it } from "vitest";
import { createTrustingGateway } from "../test/trusting.ts";

const origin = "http://reports.test";

describe("a gateway", () => {
  it("is not made with upstreams or services that it could not tell who is calling", async () => {
    for (const told of [{ apis: { reports: origin } }, { apis: {}, asserted: ["orders"] as const }]) {
      await expect(createTrustingGateway({ ...told, trust: undefined })).rejects.toThrow("trust and assertions");
    }
  });

  it.each(["orders", "Reports", "a/b"])("is not made with an upstream called %s", async (name) => {
    await expect(createTrustingGateway({ apis: { [name]: origin } })).rejects.toThrow(`${name} is no name`);
  });
});

describe("a service that takes the gateway's word", () => {
  it("gets it about users, signed for itself, and no plain header", async () => {
    const { request, seen, issuer } = await createTrustingGateway({ asserted: ["orders"] });
    const [user, service] = await Promise.all([issuer.userToken(), issuer.serviceToken("products", "inventory")]);
    await request("/trpc/orders/list", {
      headers: { authorization: `Bearer ${user}`, "x-countersign-assertion": "mine" },
    });
    await request("/trpc/products/list", { headers: { authorization: `Bearer ${user}` } });
    const own = await request("/trpc/inventory/levels", { headers: { authorization: `Bearer ${service}` } });
    expect(own.status).toBe(401);
    const told = seen.map(({ headers }) => headers.get("x-countersign-assertion"));
    expect(told).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), null]);
    expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${user}`);
    expect(seen[0]?.headers.get("x-user-id")).toBeNull();
  });
});
