import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { scriptLike } from "../src/story/shop-client.ts";
import { addExposed, type Exposed } from "./exposition.ts";
import { readPromql } from "./promql.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const alertsFile = fileURLToPath(new URL("../../../ops/prometheus/alerts.yml", import.meta.url));
const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

/** What Prometheus itself knows of each target. */
const byPrometheus = new Set(["up"]);
const addedByPrometheus = new Set(["job", "instance"]);

const dashboard = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), definition: z.string().optional() })) }),
  panels: z.array(
    z.object({
      title: z.string(),
      description: z.string().optional(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

type Expression = { readonly from: string; readonly expr: string };

async function alertExpressions(): Promise<readonly Expression[]> {
  const text = await read("ops/prometheus/alerts.yml");
  return [...text.matchAll(/- alert: (\w+)\n +expr: '(.+)'\n/g)].map(([, from = "", expr = ""]) => ({ from, expr }));
}

async function dashboardExpressions(): Promise<readonly Expression[]> {
  const { panels, templating } = dashboard.parse(JSON.parse(await read("ops/grafana/countersign.json")));
  const variables = templating.list.flatMap(({ name, definition }): Expression[] => {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition ?? "") ?? [];
    return metric === undefined ? [] : [{ from: `$${name}`, expr: `sum by (${label}) (${metric})` }];
  });
  return [...variables, ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ from: title, expr })))];
}

/** What an expression reads and nobody shows. */
function missingIn({ from, expr }: Expression, exposed: Exposed): readonly string[] {
  const reads = readPromql(expr).filter(({ metric }) => !byPrometheus.has(metric));
  return reads.flatMap(({ metric, labels }) => {
    const known = exposed.get(metric);
    if (known === undefined) return [`${from}: ${metric}`];
    const unknown = labels.filter((label) => !known.has(label) && !addedByPrometheus.has(label));
    return unknown.map((label) => `${from}: ${metric}{${label}}`);
  });
}

describe("what reads expressions", () => {
  it("finds metrics and labels, and nothing else", () => {
    const expression =
      'histogram_quantile(0.99, sum by (service, le) (rate(a_bucket{outcome=~"x|y{z}",b!="c d"}[5m] offset 1h))) > 1e3 and on (service) d:e == bool 0';
    const labels = ["outcome", "b", "service", "le", "service"];
    expect(readPromql(expression)).toEqual([
      { metric: "a_bucket", labels },
      { metric: "d:e", labels: ["service", "le", "service"] },
    ]);
  });

  it("shows what an expression reads and nobody shows", () => {
    const exposed: Exposed = new Map([["a", new Set(["b"])]]);
    expect(missingIn({ from: "A", expr: "sum by (b) (a) / nothing" }, exposed)).toEqual(["A: nothing"]);
    expect(missingIn({ from: "A", expr: 'rate(a{c="d"}[5m])' }, exposed)).toEqual(["A: a{c}"]);
  });
});

describeDatabases("metrics of a platform at work", { migrations: [] }, (_open, { kind, url }) => {
  let platform: Platform;
  const exposed: Exposed = new Map();

  beforeAll(async () => {
    platform = await startTestPlatform({ databaseUrl: url() ?? undefined, metricsPort: 0 });
    const { session, api } = scriptLike(platform.url, globalThis.fetch);
    await session.login(demoUsers[0]);
    const { items } = await api.products.list.query({ limit: 1 });
    const basket = [{ productId: items[0]?.id ?? "", quantity: 1 }];
    await api.orders.place.mutate({ items: basket, idempotencyKey: crypto.randomUUID() });
    await fetch(`${platform.url}/nobody's`);
    const scraped = Object.entries(platform.origins).map(async ([name, origin]) => {
      const response = await fetch(`${name === "gateway" ? platform.metricsUrl : origin}/metrics`);
      addExposed(exposed, await response.text());
    });
    await Promise.all(scraped);
  });
  afterAll(() => platform.stop());

  /** An embedded database has no pool of connections. */
  const isThere = (text: string) => kind === "postgres" || !text.includes("countersign_database_pool");

  it("are all that the alert rules read, by name and by label", async () => {
    const expressions = await alertExpressions();
    expect(expressions.length).toBe((await read("ops/prometheus/alerts.yml")).split("- alert:").length - 1);
    expect(expressions.flatMap((one) => missingIn(one, exposed)).filter(isThere)).toEqual([]);
  });

  it("are all that the dashboard reads, by name and by label", async () => {
    const expressions = await dashboardExpressions();
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap((one) => missingIn(one, exposed)).filter(isThere)).toEqual([]);
  });

  it("are described by the guide, each with its labels, and no others", async () => {
    const guide = await read("docs/guides/operating.md");
    const described = [...guide.matchAll(/^\| `(countersign_\w+)(?:\{([\w,]+)\})?` \|/gm)].map(
      ([, name = "", labels]) => `${name}{${labels?.split(",").toSorted().join() ?? ""}}`,
    );
    const own = [...exposed].filter(([name]) => name.startsWith("countersign_") && !/_(bucket|sum)$/.test(name));
    const shown = own
      .filter(([name]) => !exposed.has(`${name}_bucket`))
      .map(
        ([name, labels]) =>
          `${name.replace(/_count$/, "")}{${[...labels]
            .filter((label) => label !== "service")
            .toSorted()
            .join()}}`,
      );
    expect(described.filter(isThere).toSorted()).toEqual(shown.toSorted());
  });

  it("cannot be read through the gateway, by any spelling", async () => {
    for (const path of [
      "/metrics",
      "/metrics/",
      "/trpc/orders/../../metrics",
      "/%6detrics",
      "/auth/metrics",
      "/api/metrics",
    ])
      expect((await fetch(`${platform.url}${path}`)).status, path).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${platform.metricsUrl}/health`)).status).toBe(404);
  });

  it("have no series that a stranger could make", async () => {
    for (let index = 0; index < 20; index += 1) {
      const made = `made${crypto.randomUUID().slice(0, 8)}`;
      await fetch(`${platform.url}/trpc/orders/${made}`, { headers: { "x-request-id": made } });
      await fetch(`${platform.url}/${made}`, { method: "PUT" });
      await fetch(`${platform.origins.orders}/trpc/${made}`);
      await fetch(`${platform.origins.orders}/${made}`, { method: "DELETE" });
      await fetch(`${platform.origins.auth}/auth/${made}`, { method: "POST", headers: { authorization: made } });
    }
    const origins = [platform.origins.orders, platform.origins.auth, platform.metricsUrl];
    const texts = await Promise.all(origins.map(async (origin) => (await fetch(`${origin}/metrics`)).text()));
    expect(texts.join()).not.toContain("made");
    expect(texts[0]).toMatch(/procedure_duration_seconds_count\{.*procedure="unknown",outcome="NOT_FOUND".*\} \d/);
    expect(texts[0]).toMatch(/request_duration_seconds_count\{.*route="unknown",status="404".*\} \d/);
  });
});

describe("the alert rules", () => {
  it("are valid by Prometheus' own tool", async (context) => {
    const run = promisify(execFile);
    const isThere = await run("promtool", ["--version"]).then(
      () => true,
      () => false,
    );
    if (!isThere) context.skip("promtool is not installed");
    expect((await run("promtool", ["check", "rules", alertsFile])).stdout).toContain("SUCCESS");
  });
});
