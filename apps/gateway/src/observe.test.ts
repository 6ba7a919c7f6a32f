import { createLog, createMetrics } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../test/harness.ts";

const ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

/** What a service is told of the trace when a request comes with these headers. */
async function toldAfter(headers: Record<string, string>, options: TestOptions = {}) {
  const { request, seen } = createTestGateway(options);
  await request("/trpc/products/list", { headers });
  return { traceparent: seen[0]?.headers.get("traceparent"), tracestate: seen[0]?.headers.get("tracestate") };
}

describe("the trace of a request", () => {
  it("begins at the gateway when it came without one, or with one that cannot be read", async () => {
    for (const traceparent of ["", "00-0-0-01", `00-${ids}-01-more`, `ff-${ids}-01`]) {
      const told = await toldAfter(traceparent === "" ? {} : { traceparent });
      expect(told.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(told.traceparent).not.toContain(ids);
    }
  });

  it("goes on from a stranger's by its ids, who has no say in whether it is recorded", async () => {
    const told = await toldAfter({ traceparent: `00-${ids}-01`, tracestate: "shop=browser" });
    expect(told).toEqual({ traceparent: `00-${ids}-00`, tracestate: "shop=browser" });
  });

  it("goes on from a trusted proxy's as it says", async () => {
    const options = { trustedProxies: ["192.0.2.0/24"] };
    const told = await toldAfter({ traceparent: `00-${ids}-01` }, options);
    expect(told.traceparent).toBe(`00-${ids}-01`);
  });
});

describe("what operators see of a request", () => {
  /** The lines of one request. */
  async function linesOf(path: string, init: RequestInit = {}, options: TestOptions = {}): Promise<unknown[]> {
    let written = "";
    const log = createLog({ service: "gateway", level: "info", destination: { write: (line) => (written += line) } });
    await createTestGateway({ log, newRequestId: () => "request-1", ...options }).request(path, init);
    return written.split("\n").flatMap((line): unknown[] => (line === "" ? [] : [JSON.parse(line)]));
  }

  it("is one line, with ids and without the query", async () => {
    const lines = await linesOf("/trpc/orders/list,get?input=%7B%22name%22%3A%22alice%22%7D&batch=1");
    expect(lines).toEqual([
      expect.objectContaining({
        service: "gateway",
        msg: "A request ended.",
        requestId: "request-1",
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        face: "trpc",
        procedure: "orders.list,get",
        status: 200,
        ms: expect.any(Number),
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain("alice");
  });

  it("is why it was refused, and whom", async () => {
    const [line] = await linesOf("/trpc/nobody/list/?token=secret");
    expect(line).toMatchObject({
      face: "unknown",
      procedure: null,
      status: 404,
      code: "NOT_FOUND",
      address: "192.0.2.7",
    });
    expect(JSON.stringify(line)).not.toContain("secret");
  });

  it("is counted by the kind of route, where it led and the status", async () => {
    const metrics = createMetrics("gateway");
    const { request } = createTestGateway({ metrics, load: { inFlight: 0 } });
    await request("/trpc/orders/list");
    await request("/made/up/by/somebody");
    const { body } = await metrics.read();
    expect(body).toMatch(/request_duration_seconds_count\{.*face="trpc",target="orders",status="503".*\} 1/);
    expect(body).toMatch(/request_duration_seconds_count\{.*face="unknown",target="gateway",status="404".*\} 1/);
    expect(body).toMatch(
      /countersign_gateway_refused_total\{code="SERVICE_UNAVAILABLE",reason="overloaded_in_flight".*\} 1/,
    );
    expect(body).toMatch(/countersign_gateway_in_flight\{.*\} 0/);
    expect(body).not.toContain("somebody");
  });
});
