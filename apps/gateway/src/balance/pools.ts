import { type ServiceName, serviceNames } from "@countersign/access";
import type { GatewayDeps, Origins } from "../deps.ts";
import { type PassingRoute, targetOf } from "../routes.ts";
import { createPool, type Pool } from "./pool.ts";

/** Finds the instances that a route leads to. */
export type PoolOf = (route: PassingRoute) => Pool;

/** A pool for each service, each upstream and the web app. */
export function createPools({ upstreams, apis = {}, web, forward, now }: GatewayDeps): PoolOf {
  const service = { forward, now, probe: { method: "GET", path: "/health/ready", isGood: isReady } };
  const foreign = { forward, now, probe: { method: "HEAD", path: "/", isGood: isAnswer } };
  const pools = new Map<string, Pool>(
    serviceNames.map((name: ServiceName) => [name, createPool(toList(upstreams[name]), service)]),
  );
  for (const [name, origins] of Object.entries(apis)) pools.set(`api/${name}`, createPool(toList(origins), foreign));
  if (web !== undefined) pools.set("web", createPool(toList(web), foreign));

  return (route) => {
    const pool = pools.get(targetOf(route));
    if (pool === undefined) throw new TypeError("A route leads nowhere.");
    return pool;
  };
}

export function toList(origins: Origins): readonly string[] {
  return typeof origins === "string" ? [origins] : origins;
}

function isReady(status: number): boolean {
  return status === 200;
}

/** A server that we know nothing of: whatever it says but that it failed will do. */
function isAnswer(status: number): boolean {
  return status < 500;
}
