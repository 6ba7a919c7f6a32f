import { type Limit, publicProcedure, router } from "@countersign/context";
import { createTestChassis, createTestIssuer } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createServiceApp } from "../create-service-app.ts";
import { ConfigurationError } from "../settings/configuration-error.ts";
import type { LimitSize } from "./limiter.ts";
import { createMemoryStore } from "./memory-store.ts";
import { parseSizes } from "./parse-sizes.ts";

/** A service whose one procedure has these limits, where operators chose these sizes. */
async function serviceWith(limits: readonly Limit[], chosen: ReadonlyMap<string, LimitSize> | null = new Map()) {
  const issuer = await createTestIssuer();
  const settings = { store: createMemoryStore(), sizes: chosen ?? new Map<string, LimitSize>() };
  const list = publicProcedure.meta({ limits }).query(() => "list");
  return createServiceApp(createTestChassis("products", { issuer, limits: settings }), router({ list }));
}

const thirty: Limit = { by: "address", calls: 30, perSeconds: 60 };

describe("the sizes of limits", () => {
  it("are the operator's where he chose them", async () => {
    const app = await serviceWith([thirty], parseSizes("products.list/address=5/10, orders.place/user=1/1"));
    expect((await app.request("/trpc/list")).headers.get("ratelimit-policy")).toBe('"products.list/address";q=5;w=10');
  });

  it("end the start when they are for a limit that the service does not have", async () => {
    const chosen = parseSizes("products.lists/address=5/10");
    await expect(serviceWith([thirty], chosen)).rejects.toThrow(ConfigurationError);
    await expect(serviceWith([thirty], chosen)).rejects.toThrow(
      "LIMITS: products has no limit called products.lists/address",
    );
  });

  it("are whole numbers, and limits of one kind have names that tell them apart", async () => {
    await expect(serviceWith([{ ...thirty, calls: 0 }])).rejects.toThrow(RangeError);
    await expect(serviceWith([{ ...thirty, perSeconds: 0.5 }])).rejects.toThrow(RangeError);
    await expect(serviceWith([thirty, { ...thirty, calls: 300, perSeconds: 3600 }])).rejects.toThrow(RangeError);
    const app = await serviceWith([thirty, { ...thirty, calls: 300, perSeconds: 3600, name: "hourly" }]);
    expect((await app.request("/trpc/list")).headers.get("ratelimit-policy")).toBe(
      '"products.list/address";q=30;w=60, "products.list/hourly";q=300;w=3600',
    );
  });

  it.each([
    "",
    "products.list",
    "products.list/address=0/1",
    "auth/b=1/1,auth/b=2/2",
    "auth/b=1",
    'auth"/b=1/1',
    "auth/b=1/1;",
    "order.place/user=1/1",
  ])("are not read from %s", (text) => {
    expect(parseSizes(text)).toBeNull();
  });
});
