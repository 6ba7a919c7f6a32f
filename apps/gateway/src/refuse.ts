import type { ServiceName } from "@countersign/access";
import { challengeOf, protectedResource, Refusal, type RefusalCode, refusals } from "@countersign/context";
import { type Answer, type Asked, announceQuota } from "@countersign/service";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { answerJson } from "./answer.ts";
import type { Route } from "./routes.ts";

/** The id of the request that is refused, and where it was sent to. */
type RefusedRequest = { readonly requestId: string; readonly publicOrigin: string };

/**
 * The gateway's own "no", in the dialect of whoever called: RFC 6749 §5.2 on the OAuth endpoints, tRPC's envelope of a
 * single error everywhere else. Every stock tRPC link takes the single envelope for each call of a batch, too.
 */
export function refuse(refusal: Refusal, route: Route | null, { requestId, publicOrigin }: RefusedRequest): Answer {
  const code = codeOf(refusal);
  const body =
    route?.face === "oauth" ? oauthError(code, refusal.message) : trpcError(code, refusal.message, requestId);
  const answer = answerJson(refusals[code].status, body);
  announceWait(answer, refusal);
  if (refusal.quota !== undefined) announceQuota(answer.headers, refusal.quota);
  announceChallenge(answer, refusal, { route, publicOrigin });
  return answer;
}

/** Which service was called, and at which public origin. */
type RefusedCall = { readonly route: Extract<Route, { service: ServiceName }>; readonly publicOrigin: string };

/**
 * The "no" of a tRPC service to a credential, as it would have said it itself: one error for each call of a batch, with
 * the call's path. A streamed batch (JSONL) gets the single envelope, with its status.
 */
export function refuseAsService(refusal: Refusal, { headers }: Asked, to: RefusedCall): Answer {
  const { path } = to.route;
  const code = codeOf(refusal);
  const { status } = refusals[code];
  const [called = "", query = ""] = path.slice("/trpc/".length).split("?", 2);
  const isBatch = new URLSearchParams(query).get("batch") === "1";
  const isStreamed = headers.get("trpc-accept") === "application/jsonl";
  const errorOf = (procedure: string) => ({
    error: {
      code: TRPC_ERROR_CODES_BY_KEY[code],
      message: refusal.message,
      data: { code, httpStatus: status, path: procedure },
    },
  });
  const body = isBatch && !isStreamed ? called.split(",").map(errorOf) : errorOf(called.split(",", 1)[0] ?? "");
  const answer = answerJson(status, body);
  announceWait(answer, refusal);
  announceChallenge(answer, refusal, to);
  return answer;
}

/** Gives anything that was thrown its refusal; what was not meant for the caller says nothing of itself. */
export function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal("INTERNAL_SERVER_ERROR", undefined, { cause: error });
}

function codeOf(refusal: Refusal): RefusalCode {
  return refusal.code in refusals ? (refusal.code as RefusalCode) : "INTERNAL_SERVER_ERROR"; // `in` does not narrow a key
}

function announceWait(answer: Answer, { retryAfterSeconds: wait }: Refusal): void {
  if (wait !== undefined) answer.headers.set("retry-after", String(wait));
}

/** As services say it; a client of the OAuth endpoints may also authenticate by RFC 7617. */
function announceChallenge(answer: Answer, refusal: Refusal, { route, publicOrigin }: Challenging): void {
  const service = route?.face === "trpc" ? route.service : null;
  const challenge = challengeOf([refusal], protectedResource(publicOrigin, service));
  if (challenge === null) return;
  answer.headers.set("www-authenticate", route?.face === "oauth" ? 'Basic realm="oauth"' : challenge);
}

type Challenging = { readonly route: Route | null; readonly publicOrigin: string };

function trpcError(code: RefusalCode, message: string, requestId: string): object {
  const data = { code, httpStatus: refusals[code].status, requestId };
  return { error: { code: TRPC_ERROR_CODES_BY_KEY[code], message, data } };
}

function oauthError(code: RefusalCode, message: string): object {
  const names: Partial<Record<RefusalCode, string>> = {
    UNAUTHORIZED: "invalid_client",
    SERVICE_UNAVAILABLE: "temporarily_unavailable",
    GATEWAY_TIMEOUT: "temporarily_unavailable",
    BAD_GATEWAY: "server_error",
    INTERNAL_SERVER_ERROR: "server_error",
  };
  return { error: names[code] ?? "invalid_request", error_description: message };
}
