import { createMemoryStore } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const probePaths = ["/health", "/health/live", "/health/ready"];

describe("the probes of the gateway", () => {
  it("tell liveness from readiness, also for HEAD and OPTIONS", async () => {
    const { request } = createTestGateway();
    expect(await (await request("/health/live")).json()).toEqual({ status: "live" });
    expect(await (await request("/health/ready")).json()).toEqual({ ready: true, status: "ok" });
    for (const path of probePaths)
      for (const method of ["HEAD", "OPTIONS"]) expect((await request(path, { method })).status).toBe(200);
    expect((await request("/health/ready", { method: "POST" })).status).toBe(404);
  });

  it("take the gateway out of readiness once it has been told to end, while it goes on taking requests", async () => {
    let isStopping = false;
    const gateway = createTestGateway({ isStopping: () => isStopping });
    isStopping = true;
    const statuses = probePaths.map(async (path) => (await gateway.request(path)).status);
    expect(await Promise.all(statuses)).toEqual([503, 200, 503]);
    expect(gateway.seen).toEqual([]); // at once: no service is asked
    expect((await gateway.request("/trpc/products/list")).status).toBe(200);
  });

  it("are not ready while no service is", async () => {
    const { request } = createTestGateway({ answer: () => new Response(null, { status: 503 }) });
    const response = await request("/health/ready");
    expect([response.status, await response.json()]).toEqual([503, { ready: false, status: "down" }]);
  });

  it("count towards no limit, whatever their address has used up", async () => {
    const sizes = new Map([["gateway/address", { calls: 2, perSeconds: 60 }]]);
    const gateway = createTestGateway({ limits: { store: createMemoryStore(), sizes } });
    const paths = [...probePaths, ...probePaths, "/trpc/products/list", "/trpc/products/list", "/trpc/products/list"];
    const statuses: number[] = [];
    for (const path of [...paths, ...probePaths]) statuses.push((await gateway.request(path)).status);
    expect(statuses).toEqual([...Array<number>(8).fill(200), 429, 200, 200, 200]);
  });
});
