import { refusals } from "@countersign/context";
import type { AnyRouter } from "@trpc/server";
import { type Context, Hono } from "hono";
import type { Chassis } from "./chassis.ts";
import { type ReadinessCheck, readReadiness } from "./health.ts";
import { limitBody } from "./limit-body.ts";
import { type MountOptions, mountTrpc } from "./mount-trpc.ts";
import { observeRequests } from "./observe-requests.ts";
import { addressOf, type ServiceEnv } from "./read-arrived.ts";

export type ServiceAppOptions = MountOptions & {
  /** What readiness asks beside the chassis's own checks, such as the database. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>>;
  /** What readiness shows beside its checks, by name; decides nothing. */
  readonly details?: Readonly<Record<string, () => unknown>>;
  /** The largest body taken, in bytes; 1 MiB unless told. */
  readonly maxBodyBytes?: number;
};

/** A Hono app as `serve` runs it: its environment is the peer. */
export type ServiceApp = Hono<ServiceEnv>;

/**
 * The app of a service: `/trpc/*`, `/health/live`, `/health/ready` and `/metrics`, with the size limit and the error
 * shape that every service shares. Further routes can be added to what it gives.
 */
export function createServiceApp(chassis: Chassis, router: AnyRouter, options: ServiceAppOptions = {}): ServiceApp {
  const app: ServiceApp = new Hono();
  const trpc = mountTrpc(chassis, router, options);
  const checks = { ...chassis.checks, ...options.checks };

  app.use(observeRequests(chassis));
  app.use(limitBody(options.maxBodyBytes ?? 1024 * 1024, (c) => refuse(c, "PAYLOAD_TOO_LARGE")));
  app.all("/trpc/*", (c) => trpc(c.req.raw, addressOf(c)));
  app.on(probeMethods, "/health/live", (c) => c.json({ status: "live" }));
  app.on(probeMethods, "/health/ready", async (c) => {
    if (chassis.isStopping()) return c.json(stopping, 503, { "cache-control": "no-store" });
    const readiness = await readReadiness(checks);
    const feed = { state: chassis.feed.state(), lagSeconds: chassis.feed.lag().seconds };
    const details: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(options.details ?? {})) details[name] = read();
    const answer = { ...readiness, feed, ...details };
    return c.json(answer, readiness.ready ? 200 : 503, { "cache-control": "no-store" });
  });
  app.get("/metrics", async (c) => {
    const { body, contentType } = await chassis.metrics.read();
    return c.body(body, 200, { "content-type": contentType });
  });
  app.notFound((c) => refuse(c, "NOT_FOUND"));
  app.onError((error, c) => {
    chassis.log.error({ err: error, path: c.req.path }, "A request failed.");
    return refuse(c, "INTERNAL_SERVER_ERROR");
  });
  return app;
}

/** HEAD comes with GET; HAProxy's `option httpchk` asks by OPTIONS unless it is told otherwise. */
const probeMethods = ["GET", "OPTIONS"];

/** Readiness once the process has been told to end; nothing else is asked, so that balancers hear it at once. */
const stopping = { ready: false, checks: { shutdown: "stopping" } };

/** An answer outside of any procedure, in the shape of tRPC's errors so that every client can read it. */
function refuse(c: Context, code: OutsideCode): Response {
  const { status, message } = refusals[code];
  const body = { error: { code: jsonRpcCodes[code], message, data: { code, httpStatus: status } } };
  return c.json(body, status, { "cache-control": "no-store" });
}

type OutsideCode = keyof typeof jsonRpcCodes;

/** The numbers that tRPC gives these codes, after JSON-RPC 2.0 §5.1. */
const jsonRpcCodes = { NOT_FOUND: -32_004, PAYLOAD_TOO_LARGE: -32_013, INTERNAL_SERVER_ERROR: -32_603 } as const;
