import type { ServiceName } from "@countersign/access";
import { protectedResourceMetadata, type Quota, Refusal, type Trace } from "@countersign/context";
import {
  type Answer,
  type Answering,
  type Asked,
  announceQuota,
  readRequestId,
  standardStreamSizes,
} from "@countersign/service";
import { answerJson } from "./answer.ts";
import { checkDeps } from "./check-deps.ts";
import { cookieNamesFor } from "./cookies.ts";
import { answerPreflight } from "./cors.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { checkSite, checkWebSocketOrigin, isSafe } from "./cross-site.ts";
import type { GatewayDeps } from "./deps.ts";
import { createForwarder } from "./forward.ts";
import { checkFraming } from "./framing.ts";
import { renderFrontPage } from "./front-page.ts";
import { createHealth } from "./health.ts";
import { createAddressLimit } from "./limits/address-limit.ts";
import { checkBatch } from "./limits/batch.ts";
import { createStreamLimit } from "./limits/stream-limit.ts";
import { createTunnelLimit } from "./limits/tunnel-limit.ts";
import { createObserver, type Observation } from "./observe.ts";
import { createProbes } from "./probes.ts";
import { refuse, refuseAsService, toRefusal } from "./refuse.ts";
import { removeStale } from "./remove-stale.ts";
import { type OwnRoute, type PassingRoute, procedureOf, type Route, readRoute, toTunnelRoute } from "./routes.ts";
import { createSeal } from "./seal.ts";
import { createShedder } from "./shed.ts";
import { type StaleCookie, sortCookies } from "./sort-cookies.ts";
import { readTarget } from "./target.ts";
import { identify } from "./trust/identify.ts";
import { createCallerOf } from "./trusted-proxies.ts";

export type { GatewayDeps, Origins } from "./deps.ts";
export { createCookieVerifier } from "./trust/access-cookie.ts";
export { checkByAuthKeys } from "./trust/auth-keys.ts";
export { createTrust, type Trust } from "./trust/create-trust.ts";
export { readGatewayKeys } from "./trust/read-keys.ts";
export { openGatewayKey, openRevocationSource } from "./trust/revocation-source.ts";
export { type Assertions, createAssertions } from "./trust/sign-assertions.ts";

/**
 * The one public door: `/trpc/<service>/<procedure>` to every service, auth's REST face and standards paths to auth,
 * `/api/<name>/…` to upstreams in any language, `/health`, and the web app or a front page for the rest. It decides
 * whether a request may pass; a service decides for itself who is calling, and only an upstream is told.
 *
 * @throws TypeError for upstreams that could not be told who is calling
 */
export function createApp(deps: GatewayDeps): Answering {
  checkDeps(deps);
  const { publicOrigin, newRequestId = () => crypto.randomUUID() } = deps;
  const allowedOrigins = new Set(deps.allowedOrigins);
  const names = cookieNamesFor(publicOrigin);
  const cookieVerifier = deps.cookieVerifier ?? deps.trust?.verifierFor("auth");
  const callerOf = createCallerOf(deps.trustedProxies ?? [], deps.log);
  const health = createHealth(deps);
  const probe = createProbes({ health, isStopping: deps.isStopping ?? (() => false) });
  const forward = createForwarder(deps);
  const shedder = createShedder(deps.load);
  const limit = createAddressLimit(deps);
  const streamsPerAddress = (deps.limits?.streams ?? standardStreamSizes).perAddress;
  const limitTunnel = createTunnelLimit({ perAddress: streamsPerAddress, all: mostTunnels });
  const limitStream = createStreamLimit(streamsPerAddress);
  const seal = createSeal({ publicOrigin, allowedOrigins });
  const observer = createObserver(deps);
  if (deps.metrics !== undefined) deps.trust?.watch(deps.metrics);
  const table = { apis: new Set(Object.keys(deps.apis ?? {})), hasWeb: deps.web !== undefined };

  /** Every check in order, then the answer. What is learned on the way stays in `visit` when a check refuses. */
  async function admit(visit: Visit, trace: Trace): Promise<Answer> {
    const { asked, caller } = visit;
    const target = readTarget(asked.target);
    const route = target === null ? null : toTunnelRoute(readRoute(asked.method, target, table), asked.isUpgrade);
    visit.route = route;
    visit.requestPath = target?.pathname ?? "/";
    if (route?.face !== "health") visit.quota = await limit(caller.address, route);
    checkBatch(route);
    checkFraming(asked.headers);
    if (target === null) throw new Refusal("BAD_REQUEST", "The request is malformed.", { reason: "target" });
    if (route === null) throw new Refusal("NOT_FOUND");
    if (route.face === "resource") return describeResource(publicOrigin, route.describes);
    if (!("path" in route)) return answerHere(route);
    const leave = shedder.enter(route, caller.address);
    try {
      return await pass(visit, route, trace);
    } finally {
      leave();
    }
  }

  async function pass(visit: Visit, route: PassingRoute, trace: Trace): Promise<Answer> {
    const { asked, caller, requestId } = visit;
    const cookies = await sortCookies(asked.headers.get("cookie"), route, { names, verifier: cookieVerifier });
    visit.stale = cookies.stale;
    const credentials = readCredentials(asked.headers, route, { cookies, names });
    visit.credentials = credentials;
    if (route.face === "tunnel") checkWebSocketOrigin(asked.headers, publicOrigin, allowedOrigins);
    if (!isSafe(asked.method) && credentials.ambient) checkSite(asked.headers, publicOrigin, allowedOrigins);
    visit.isIdentifying = true;
    const identified = await identify(deps, route, credentials);
    visit.isIdentifying = false;
    const open = () => forward(asked, { route, credentials, caller, requestId, trace, identified });
    if (route.face === "tunnel") return limitTunnel(caller.address, open);
    return limitStream(await open(), caller.address);
  }

  async function answerHere(route: OwnRoute): Promise<Answer> {
    if (route.face === "keys") return publishKeys(deps);
    if (route.face === "health") return probe(route.probe);
    return renderFrontPage({
      publicOrigin,
      health: await health(),
      demo: deps.demo ?? false,
      demoProvider: deps.demoProvider ?? false,
    });
  }

  async function answer(asked: Asked): Promise<Answer> {
    const caller = callerOf(asked.address, asked.headers);
    const requestId = caller.vouchedFor ? readRequestId(asked.headers, newRequestId) : newRequestId();
    const visit: Visit = {
      asked,
      caller,
      requestId,
      route: null,
      credentials: null,
      refusal: null,
      isIdentifying: false,
      requestPath: "/",
      stale: [],
    };
    return observer.run(visit, async (trace) => {
      const answered =
        answerPreflight(asked, allowedOrigins) ??
        (await admit(visit, trace).catch((error: unknown) => decline(visit, error)));
      if (visit.quota !== undefined) announceQuota(answered.headers, visit.quota);
      const { stale, requestPath } = visit;
      const cleared = { cookieHeader: asked.headers.get("cookie"), requestPath, stale };
      return seal(removeStale(answered, cleared, { names, publicOrigin }), visit);
    });
  }

  function decline(visit: Visit, error: unknown): Answer {
    const { asked, caller, requestId, route } = visit;
    const refusal = toRefusal(error);
    visit.refusal = refusal;
    const { code, reason, cause: err } = refusal;
    const line = { requestId, address: caller.address, code, reason, err };
    if (code === "INTERNAL_SERVER_ERROR") deps.log.error(line, "The gateway failed.");
    else if (failures.has(code) && !asked.isGone()) deps.log.warn(line, refusal.message);
    else if (code === "TOO_MANY_REQUESTS") deps.log.debug(line, refusal.message); // the first of a flood has its own line
    if (code === "UNAUTHORIZED" || code === "FORBIDDEN") {
      const who = { userId: null, service: null, requestId, address: caller.address };
      deps.trust?.denied({ procedure: procedureOf(route) ?? "unknown", reason: reason ?? code, ...who });
    }
    if (visit.isIdentifying && route?.face === "trpc") return refuseAsService(refusal, asked, { route, publicOrigin });
    return refuse(refusal, route, { requestId, publicOrigin });
  }

  return answer;
}

type Visit = Observation & {
  route: Route | null;
  refusal: Refusal | null;
  credentials: Credentials | null;
  /** What this request left of what its address may ask. */
  quota?: Quota | undefined;
  /** Whether the token is being verified: what is refused then, the service behind would refuse. */
  isIdentifying: boolean;
  /** The path as it was asked for. */
  requestPath: string;
  /** Cookies under our names that the answer removes. */
  stale: readonly StaleCookie[];
};

/** How many WebSockets of the web app are open at once. */
const mostTunnels = 2_000;

/** What failed behind the gateway, which its operators look into. */
const failures: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "BAD_GATEWAY", "GATEWAY_TIMEOUT"]);

/** RFC 9728 §3.2. */
function describeResource(publicOrigin: string, service: ServiceName | null): Answer {
  const metadata = protectedResourceMetadata(publicOrigin, service);
  return answerJson(200, metadata, { "cache-control": "public, max-age=300" });
}

/** RFC 7517 §5; an empty set where nothing is signed. */
function publishKeys({ assertions }: GatewayDeps): Answer {
  const keys = assertions?.publicKeys ?? [];
  return answerJson(200, { keys }, { "cache-control": "public, max-age=300" });
}
