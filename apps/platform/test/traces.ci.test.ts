import { openTracing, type Tracing } from "@countersign/service";
import {
  type CollectedSpan,
  createOtlpCollector,
  describeDatabases,
  type OtlpCollector,
  silentLog,
} from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { scriptLike } from "../src/story/shop-client.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const browserSpan = "b7ad6b7169203331";
/** Not to be recorded, says the browser; it has no say in that. */
const fromBrowser = { traceparent: `00-${traceId}-${browserSpan}-00`, tracestate: "shop=browser" };

describeDatabases("an order, traced", { migrations: [] }, (_open, { url }) => {
  let collector: OtlpCollector;
  let tracing: Tracing | undefined;
  let platform: Platform;

  beforeAll(async () => {
    collector = await createOtlpCollector();
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1 };
    tracing = await openTracing(settings, silentLog);
    platform = await startTestPlatform({ databaseUrl: url() ?? undefined, tracing });
    const withTrace = (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      if (!request.url.includes("orders/place")) return fetch(request);
      for (const [name, value] of Object.entries(fromBrowser)) request.headers.set(name, value);
      return fetch(request);
    };
    const { session, api } = scriptLike(platform.url, withTrace);
    await session.login(demoUsers[0]);
    const { items } = await api.products.list.query({ limit: 1 });
    const basket = [{ productId: items[0]?.id ?? "", quantity: 1 }];
    await api.orders.place.mutate({ items: basket, idempotencyKey: crypto.randomUUID() });
    await platform.stop();
  });
  afterAll(() => collector.close());

  const spans = () => collector.spans.filter((span) => span.traceId === traceId);
  const parentOf = ({ parentSpanId }: CollectedSpan) => spans().find(({ spanId }) => spanId === parentSpanId);
  const only = (service: string, name: string): CollectedSpan => {
    const found = spans().filter((span) => span.service === service && span.name === name);
    expect(found, `${service} ${name}`).toHaveLength(1);
    return found[0] as CollectedSpan; // one, as was just expected
  };

  it("is one trace of gateway, services and database, which began in the browser", () => {
    const services = new Set(spans().map(({ service }) => service));
    expect(services).toEqual(new Set(["gateway", "orders", "products", "inventory", "auth"]));
    expect(only("gateway", "gateway")).toMatchObject({ kind: "server", parentSpanId: browserSpan });
    for (const span of spans()) {
      if (span.parentSpanId !== browserSpan) expect(parentOf(span), `${span.service} ${span.name}`).toBeDefined();
      expect(span.tracestate).toBe("shop=browser");
    }
  });

  it("goes down from caller to callee, a span for each", () => {
    const place = only("orders", "place");
    const request = parentOf(place);
    expect(request).toMatchObject({ service: "orders", kind: "server", name: "POST /trpc/*" });
    expect(request && parentOf(request)).toMatchObject({ service: "gateway" });

    for (const [callee, procedure] of [
      ["inventory", "reserve"],
      ["products", "list"],
    ] as const) {
      const calls = spans().filter(({ service, name }) => service === "orders" && name === `${callee}.${procedure}`);
      const answers = spans().filter((span) => span.service === callee && span.name === procedure);
      expect(answers.length).toBeGreaterThan(0);
      for (const answer of answers) {
        const arrived = parentOf(answer);
        const call = arrived && parentOf(arrived);
        expect(arrived).toMatchObject({ service: callee, kind: "server" });
        expect(calls).toContainEqual(call);
        expect(call).toMatchObject({ kind: "client", parentSpanId: place.spanId });
      }
    }
    const tokens = spans().filter(({ service, name }) => service === "auth" && name === "POST /oauth/token");
    for (const asked of tokens) expect(parentOf(asked)).toMatchObject({ service: "orders", kind: "client" });
  });

  it("shows statements by operation and table, and none of their values", () => {
    const statements = spans().filter(({ attributes }) => attributes["db.system.name"] === "postgresql");
    const tables = new Set(
      statements.map(({ service, attributes }) => `${service}: ${String(attributes["db.collection.name"])}`),
    );
    expect(tables).toContain("orders: orders.orders");
    expect(tables).toContain("inventory: inventory.levels");
    for (const statement of statements) expect(parentOf(statement)?.service).toBe(statement.service);
    const sent = collector.bodies.join();
    for (const { email, password } of demoUsers) {
      expect(sent).not.toContain(email);
      expect(sent).not.toContain(password);
    }
    expect(sent).not.toMatch(/eyJ[\w-]{8,}/);
  });
});
