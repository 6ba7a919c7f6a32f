import { addressOf, type Chassis, readRequestId, type ServiceApp } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { grantToken, type TokenAnswer } from "../oauth/grant-token.ts";
import { OAuthError, statusOfOAuthError } from "../oauth/oauth-error.ts";
import { readForm } from "../oauth/read-form.ts";
import { type Requester, requesterOf } from "../requester.ts";

/** Adds `POST /oauth/token` (RFC 6749 §4.4, RFC 7523). Answers and errors are JSON and never kept by a cache (§5.1, §5.2). */
export function addTokenEndpoint(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  app.post("/oauth/token", async (c) => {
    const request = c.req.raw;
    const requestId = readRequestId(request.headers);
    const from = requesterOf({ requestId, address: chassis.clientAddress(addressOf(c), request.headers), request });
    const headers = { "cache-control": "no-store", pragma: "no-cache", "x-request-id": requestId };
    try {
      return Response.json(await answer(deps, request, from), { headers });
    } catch (error) {
      const refused = toOAuthError(error, chassis);
      if (refused === null) {
        chassis.log.error({ err: error, requestId }, "A request for a token failed.");
        return Response.json({ error: "server_error" }, { status: 500, headers });
      }
      await recordRefused(deps, refused, from).catch((cause: unknown) => {
        chassis.log.warn({ err: cause, requestId }, "A refused request for a token could not be written down.");
      });
      const body = { error: refused.code, error_description: refused.message };
      return Response.json(body, { status: statusOfOAuthError(refused.code), headers });
    }
  });
}

async function answer(deps: RouterDeps, request: Request, from: Requester): Promise<TokenAnswer> {
  const form = await readForm(request);
  return await grantToken(deps, { form, authorization: request.headers.get("authorization") }, from);
}

/** Null for a fault of our own. */
function toOAuthError(error: unknown, chassis: Chassis): OAuthError | null {
  if (error instanceof OAuthError) return error;
  if (chassis.gate.toRefusal(error).code !== "SERVICE_UNAVAILABLE") return null;
  return new OAuthError("temporarily_unavailable", "Tokens cannot be issued right now; try again.", { cause: error });
}

/** Failed proofs of a client go to the audit log, though of a flood from one address only so many. */
async function recordRefused(deps: RouterDeps, { code, reason }: OAuthError, from: Requester): Promise<void> {
  if (code === "invalid_request" || code === "temporarily_unavailable") return;
  if (!(await deps.limits.clientFailure(from.address)).allowed) return;
  await record(
    deps.db,
    { action: "token.issued", outcome: "refused", reason, detail: { code } },
    { at: deps.now(), from },
  );
}
