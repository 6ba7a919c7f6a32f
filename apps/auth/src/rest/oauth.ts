import { Refusal } from "@countersign/context";
import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { type AuditAction, record } from "../audit/record.ts";
import type { AuthDeps, RouterDeps } from "../deps.ts";
import { grantToken } from "../oauth/grant-token.ts";
import { introspect } from "../oauth/introspect.ts";
import { listRevocations } from "../oauth/list-revocations.ts";
import { OAuthError, statusOfOAuthError } from "../oauth/oauth-error.ts";
import type { OAuthRequest } from "../oauth/oauth-request.ts";
import { readForm } from "../oauth/read-form.ts";
import { revoke } from "../oauth/revoke.ts";
import { type Requester, requesterOf } from "../requester.ts";

/** What is done at a path, and what a refusal of it is called in the audit log. Null answers with an empty body. */
type Endpoint = {
  readonly action: AuditAction;
  readonly answer: (deps: AuthDeps, request: OAuthRequest, from: Requester) => Promise<object | null>;
};

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/oauth/token": { action: "token.issued", answer: grantToken },
  "/oauth/introspect": { action: "token.introspected", answer: introspect },
  "/oauth/revocations": { action: "revocations.listed", answer: listRevocations },
  "/oauth/revoke": { action: "token.revoked", answer: revoke },
};

/**
 * Adds the OAuth endpoints: the token endpoint (RFC 6749 §3.2), introspection (RFC 7662) and revocation (RFC 7009). They
 * take a form by POST and nothing else; answers and errors are JSON and never kept by a cache (RFC 6749 §5.1, §5.2).
 */
export function addOAuth(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  for (const [path, endpoint] of Object.entries(endpoints)) {
    app.all(path, async (c) => {
      const arrived = readArrived(c, chassis);
      const { request, requestId } = arrived;
      const from = requesterOf(arrived);
      const headers = { "cache-control": "no-store", pragma: "no-cache", "x-request-id": requestId };
      try {
        const form = await readForm(request);
        const authorization = request.headers.get("authorization");
        const answered = await endpoint.answer(deps, { form, authorization }, from);
        return toResponse(answered, headers);
      } catch (error) {
        const refused = toOAuthError(error, chassis);
        if (refused === null) {
          chassis.log.error({ err: error, requestId, path }, "An OAuth request failed.");
          return Response.json({ error: "server_error" }, { status: 500, headers });
        }
        await recordRefused(deps, { refused, action: endpoint.action }, from).catch((cause: unknown) => {
          chassis.log.warn({ err: cause, requestId, path }, "A refused OAuth request could not be written down.");
        });
        return refuse(refused, request, new Headers(headers));
      }
    });
  }
}

/** The headers stay a record, of which Node's listener need not make `Headers` unless somebody looks at them. */
function toResponse(answered: object | null, headers: Readonly<Record<string, string>>): Response {
  if (answered === null) return new Response(null, { headers });
  return new Response(JSON.stringify(answered), { headers: { ...headers, "content-type": "application/json" } });
}

/** Null for a fault of our own. */
function toOAuthError(error: unknown, chassis: Chassis): OAuthError | null {
  if (error instanceof OAuthError) return error;
  const refusal = chassis.gate.toRefusal(error);
  if (refusal.code === "SERVICE_UNAVAILABLE")
    return new OAuthError("temporarily_unavailable", "This cannot be decided right now; try again.", { cause: error });
  if (refusal.code !== "TOO_MANY_REQUESTS") return null;
  const retryAfterSeconds = (refusal instanceof Refusal ? refusal.retryAfterSeconds : undefined) ?? 1;
  return new OAuthError("temporarily_unavailable", "Too many requests; try again later.", { retryAfterSeconds });
}

function refuse(refused: OAuthError, request: Request, headers: Headers): Response {
  const { code, message, retryAfterSeconds } = refused;
  const status = request.method === "POST" ? statusOfOAuthError(refused) : 405;
  if (status === 405) headers.set("allow", "POST");
  if (status === 503 || status === 429) headers.set("retry-after", String(Math.ceil(retryAfterSeconds ?? 1)));
  // RFC 6749 §5.2: who tried the header is told which scheme is taken there
  if (status === 401 && request.headers.has("authorization"))
    headers.set("www-authenticate", 'Basic realm="countersign"');
  return Response.json({ error: code, error_description: message }, { status, headers });
}

type Refused = { readonly refused: OAuthError; readonly action: AuditAction };

/** What somebody was refused goes to the audit log; of a flood from one address the rest is counted, in a row a minute. */
async function recordRefused(deps: RouterDeps, { refused, action }: Refused, from: Requester): Promise<void> {
  const { code, reason, client } = refused;
  if (reason === null) return;
  const taken = await deps.limits.clientFailure(from.address);
  if (!taken.allowed) {
    const { requestId, address } = from;
    deps.denied({ procedure: action, reason, userId: null, service: client, requestId, address });
    return;
  }
  const entry = { action, outcome: "refused", reason, detail: { code } } as const;
  try {
    await record(deps.db, client === null ? entry : { ...entry, actor: client }, { at: deps.now(), from });
  } catch (error) {
    await taken.giveBack(); // what was not written takes no line from what comes later
    throw error;
  }
}
