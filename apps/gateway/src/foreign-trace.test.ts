import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../test/harness.ts";

const ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

async function passedOn(headers: Record<string, string>, options: TestOptions = {}) {
  const { request, seen } = createTestGateway(options);
  await request("/trpc/products/list", { headers });
  return Object.fromEntries(Object.keys(headers).map((name) => [name, seen[0]?.headers.get(name)]));
}

describe("what a page sends beside its call", () => {
  it("goes on where nothing is decided by it", async () => {
    const headers = { "idempotency-key": "order-1", "x-trpc-source": "react" };
    expect(await passedOn(headers)).toEqual(headers);
  });

  it.each([`${ids}-1`, `${ids}-0`, ids])("by sentry-trace is two ids, and no word on recording: %s", async (sent) => {
    expect(await passedOn({ "sentry-trace": sent })).toEqual({ "sentry-trace": ids });
  });

  it.each(["1", `${ids}-1-1`, `${ids}, ${ids}`, `${ids}-2`, "x".repeat(9_000)])(
    "by a sentry-trace that is none ends here",
    async (sent) => {
      expect(await passedOn({ "sentry-trace": sent })).toEqual({ "sentry-trace": null });
    },
  );

  it("as baggage ends here: entries pass for the word of whoever began the trace", async () => {
    const sent = { baggage: "userId=alice,sentry-sampled=true" };
    expect(await passedOn(sent)).toEqual({ baggage: null });
    expect(await passedOn({ ...sent, "sentry-trace": `${ids}-1` }, { trustedProxies: ["192.0.2.0/24"] })).toEqual({
      ...sent,
      "sentry-trace": `${ids}-1`,
    });
  });
});
