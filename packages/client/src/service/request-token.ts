import type { ServiceName } from "@countersign/access";
import { type SigningKey, signClientAssertion } from "@countersign/tokens";

import type { Fetch } from "../fetch.ts";
import { ServiceTokenError } from "./token-error.ts";
import { within } from "./within.ts";

/** What asking for a token takes. */
export type TokenRequester = {
  /** The service that asks: the client id of its assertion. */
  readonly service: ServiceName;
  readonly tokenEndpoint: URL;
  /** The authorization server's issuer identifier: the one audience of the assertion (RFC 7523 §3). */
  readonly issuer: string;
  readonly key: SigningKey;
  readonly fetch: Fetch;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
};

/** A token as it was granted, and for how long. */
export type GrantedToken = { readonly value: string; readonly lifeMs: number };

const timeLimitMs = 5_000;

/**
 * Asks once for an access token whose audience is `callee` alone: the client credentials grant (RFC 6749 §4.4), the
 * client proved by a signed assertion made for this request (RFC 7523 §2.2), the callee named by `audience` as in
 * RFC 8693 §2.1.
 *
 * @throws {ServiceTokenError} with the code that says whose turn it is; see `ServiceTokenErrorCode`.
 */
export async function requestToken(requester: TokenRequester, callee: ServiceName): Promise<GrantedToken> {
  const answer = await post(requester, callee);
  const body = readJson(answer, callee);
  if (!answer.ok) throw toRefused(answer.status, body, callee);
  return readGrant(body, callee);
}

type Answer = { readonly ok: boolean; readonly status: number; readonly text: string };

async function post(requester: TokenRequester, callee: ServiceName): Promise<Answer> {
  const { service, issuer, key, fetch, now, tokenEndpoint } = requester;
  const assertion = await signClientAssertion({ clientId: service, audience: issuer, key, now });
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    audience: callee,
  });
  const headers = { accept: "application/json" };
  try {
    return await within({ ms: timeLimitMs }, async (signal) => {
      // A redirect would carry the assertion to a place that configuration does not name.
      const response = await fetch(tokenEndpoint, { method: "POST", body, headers, signal, redirect: "error" });
      return { ok: response.ok, status: response.status, text: await response.text() };
    });
  } catch (cause) {
    throw new ServiceTokenError("unreachable", `No token for ${callee}: the token endpoint did not answer.`, { cause });
  }
}

function readJson(answer: Answer, callee: ServiceName): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    // The parser's error quotes the body, which may hold a token: it is left out on purpose.
    const code = answer.ok ? "malformed" : "unreachable";
    throw new ServiceTokenError(code, `No token for ${callee}: status ${answer.status} without readable JSON.`);
  }
}

function toRefused(status: number, body: unknown, callee: ServiceName): ServiceTokenError {
  const named = isRecord(body) && typeof body["error"] === "string" ? body["error"] : "";
  const error = /^[a-z_]{1,40}$/.test(named) ? named : "an unnamed error";
  const code = status >= 500 || status === 429 ? "unreachable" : "refused";
  return new ServiceTokenError(code, `No token for ${callee}: the token endpoint said ${status}, ${error}.`);
}

function readGrant(body: unknown, callee: ServiceName): GrantedToken {
  if (!isRecord(body)) throw malformed(callee, "the body");
  const { access_token: value, token_type: type, expires_in: life } = body;
  if (typeof value !== "string" || value === "") throw malformed(callee, "access_token");
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") throw malformed(callee, "token_type");
  if (typeof life !== "number" || !(life > 0 && life <= 86_400)) throw malformed(callee, "expires_in");
  return { value, lifeMs: life * 1_000 };
}

function malformed(callee: ServiceName, member: string): ServiceTokenError {
  return new ServiceTokenError("malformed", `No token for ${callee}: ${member} of the answer is missing or wrong.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
