import { isService } from "@countersign/access";
import { Refusal } from "@countersign/context";
import { type Peer, readRequestId } from "@countersign/service";
import { Hono } from "hono";
import { cookieNamesFor } from "./cookies.ts";
import { answerPreflight } from "./cors.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { checkSite, isSafe } from "./cross-site.ts";
import type { GatewayDeps } from "./deps.ts";
import { forward } from "./forward.ts";
import { checkFraming } from "./framing.ts";
import { renderFrontPage } from "./front-page.ts";
import { createHealth } from "./health.ts";
import { refuse, toRefusal } from "./refuse.ts";
import { type Route, readRoute } from "./routes.ts";
import { seal } from "./seal.ts";
import { type Caller, createCallerOf } from "./trusted-proxies.ts";

export type { GatewayDeps } from "./deps.ts";
export { createFetchTransport } from "./transport/fetch.ts";
export { createTransport } from "./transport/for-runtime.ts";
export type { Forward, Transport } from "./transport/port.ts";

/** The gateway as `serve` runs it: its environment is the peer. */
export type GatewayApp = Hono<{ Bindings: Peer }>;

/**
 * The one public door: `/trpc/<service>/<procedure>` to every service, auth's REST face and standards paths to auth,
 * `/health` and `/`. It decides whether a request may pass, never who is calling: each service verifies that for itself.
 */
export function createApp(deps: GatewayDeps): GatewayApp {
  const { publicOrigin } = deps;
  const allowedOrigins = new Set(deps.allowedOrigins);
  const cookieNames = cookieNamesFor(publicOrigin);
  const callerOf = createCallerOf(deps.trustedProxies ?? []);
  const health = createHealth(deps);

  /** Every check in order, then the answer. What is learned on the way stays in `visit` when a check refuses. */
  async function admit(visit: Visit): Promise<Response> {
    const { request, caller, requestId } = visit;
    const url = URL.parse(request.url);
    const route = url === null ? null : readRoute(request.method, url, isService);
    visit.route = route;
    checkFraming(request.headers);
    if (url === null) throw new Refusal("BAD_REQUEST", "The request is malformed.", { reason: "target" });
    if (route === null) throw new Refusal("NOT_FOUND");
    if (route.face === "health") return reportHealth(await health());
    if (route.face === "page")
      return renderFrontPage({ publicOrigin, health: await health(), demo: deps.demo ?? false });
    const credentials = readCredentials(request.headers, route.face, cookieNames);
    visit.credentials = credentials;
    if (!isSafe(request.method) && credentials.ambient) checkSite(request.headers, publicOrigin, allowedOrigins);
    return forward(deps, request, { route, credentials, caller, requestId });
  }

  async function answer(request: Request, peer: string): Promise<Response> {
    const caller = callerOf(peer, request.headers);
    const requestId = readRequestId(caller.vouchedFor ? request.headers : new Headers(), deps.newRequestId);
    const visit: Visit = { request, caller, requestId, route: null, credentials: null };
    const response =
      answerPreflight(request, allowedOrigins) ?? (await admit(visit).catch((error: unknown) => decline(visit, error)));
    return seal(response, { ...visit, publicOrigin, allowedOrigins });
  }

  function decline({ request, caller, requestId, route }: Visit, error: unknown): Response {
    const refusal = toRefusal(error);
    const line = { requestId, address: caller.address, code: refusal.code, reason: refusal.reason, err: refusal.cause };
    if (refusal.code === "INTERNAL_SERVER_ERROR") deps.log.error(line, "The gateway failed.");
    else if (refusal.code === "SERVICE_UNAVAILABLE" && !request.signal.aborted) deps.log.warn(line, refusal.message);
    else deps.log.info(line, "The gateway refused a request.");
    return refuse(refusal, route?.face ?? null, requestId);
  }

  const app: GatewayApp = new Hono();
  app.all("*", (c) => answer(c.req.raw, c.env?.address ?? ""));
  return app;
}

type Visit = {
  readonly request: Request;
  readonly caller: Caller;
  readonly requestId: string;
  route: Route | null;
  credentials: Credentials | null;
};

/** 200 also when some services are not ready: taking the door away would take the others with them. */
function reportHealth(health: Awaited<ReturnType<ReturnType<typeof createHealth>>>): Response {
  return Response.json(health, { status: health.status === "down" ? 503 : 200 });
}
