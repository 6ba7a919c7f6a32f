import { type ServiceName, serviceNames } from "@countersign/access";
import { toList } from "./balance/pools.ts";
import type { GatewayDeps, Origins } from "./deps.ts";

/** A service's own word on whether it can work; `unreachable` when it had none within a second. */
export type ServiceHealth = "ready" | "not ready" | "unreachable";

export type Health = {
  /** `down` when no service is ready: the door leads nowhere. */
  readonly status: "ok" | "degraded" | "down";
  readonly services: Readonly<Record<ServiceName, ServiceHealth>>;
};

/**
 * Asks every service whether it is ready, at most once a second however many ask: this is public, and each question
 * costs a request to every service.
 */
export function createHealth({ upstreams, forward, now }: GatewayDeps): () => Promise<Health> {
  let latest: Promise<Health> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (latest === undefined || now() - askedAt >= lifeMs) {
      askedAt = now();
      latest = askAll(upstreams, forward);
    }
    return latest;
  };
}

const lifeMs = 1_000;
const patienceMs = 1_000;

async function askAll(upstreams: GatewayDeps["upstreams"], forward: GatewayDeps["forward"]): Promise<Health> {
  const answers = await Promise.all(
    serviceNames.map(
      async (name): Promise<[ServiceName, ServiceHealth]> => [name, await askService(upstreams[name], forward)],
    ),
  );
  const services = Object.fromEntries(answers) as Health["services"]; // made from every name
  return { status: statusOf(answers.map(([, health]) => health)), services };
}

function statusOf(answers: readonly ServiceHealth[]): Health["status"] {
  if (answers.every((health) => health === "ready")) return "ok";
  return answers.includes("ready") ? "degraded" : "down";
}

/** A service is as well as the best of its instances. */
async function askService(origins: Origins, forward: GatewayDeps["forward"]): Promise<ServiceHealth> {
  const answers = await Promise.all(toList(origins).map((origin) => ask(origin, forward)));
  return (
    answers.find((health) => health === "ready") ?? answers.find((health) => health === "not ready") ?? "unreachable"
  );
}

async function ask(origin: string, forward: GatewayDeps["forward"]): Promise<ServiceHealth> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const { status, body } = await forward({
      origin,
      path: "/health/ready",
      method: "GET",
      headers: { accept: "application/json" },
      body: null,
      isGone: () => signal.aborted,
      timeoutMs: patienceMs,
    });
    if (body instanceof ReadableStream) await body.cancel();
    return status === 200 ? "ready" : "not ready";
  } catch {
    return "unreachable"; // the reason may hold an address, and this is shown to everyone
  }
}
