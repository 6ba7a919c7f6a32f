import type { ServiceName } from "@countersign/access";

import { type OAuthAnswer, type OAuthClient, postForm } from "./post-form.ts";
import { ServiceTokenError } from "./token-error.ts";

/** What asking for a token takes. */
export type TokenRequester = OAuthClient & {
  readonly tokenEndpoint: URL;
  /** Told of every answer of the authorization server: null for a grant, else why there is none. */
  readonly onAnswer?: ((error: ServiceTokenError | null) => void) | undefined;
};

/** A token as it was granted, and for how long. */
export type GrantedToken = { readonly value: string; readonly lifeMs: number };

/** For what a token is asked. */
export type TokenRequest = {
  readonly callee: ServiceName;
  /** The user's token that is exchanged; without it the service asks for itself. */
  readonly subjectToken?: string;
  /** What ties the request to the one that it is made for: its id and its trace. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Asks once for an access token whose audience is `callee` alone, the client proved by a signed assertion made for this
 * request (RFC 7523 §2.2): by the client credentials grant (RFC 6749 §4.4), with the callee named as in RFC 8693 §2.1,
 * or for a user by token exchange (RFC 8693), where the client that is proved is the actor.
 *
 * @throws {ServiceTokenError} with the code that says whose turn it is; see `ServiceTokenErrorCode`.
 */
export async function requestToken(requester: TokenRequester, request: TokenRequest): Promise<GrantedToken> {
  try {
    const granted = await askOnce(requester, request);
    requester.onAnswer?.(null);
    return granted;
  } catch (error) {
    if (error instanceof ServiceTokenError) requester.onAnswer?.(error);
    throw error;
  }
}

async function askOnce(requester: TokenRequester, request: TokenRequest): Promise<GrantedToken> {
  const answer = await post(requester, request);
  const body = readJson(answer, request.callee);
  if (!answer.ok) throw toRefused(answer.status, body, request);
  return readGrant(body, request);
}

async function post(requester: TokenRequester, request: TokenRequest): Promise<OAuthAnswer> {
  const parameters = { ...grantOf(request), audience: request.callee };
  try {
    return await postForm(requester, { endpoint: requester.tokenEndpoint, parameters, headers: request.headers });
  } catch (cause) {
    const message = `No token for ${request.callee}: the token endpoint did not answer.`;
    throw new ServiceTokenError("unreachable", message, { cause });
  }
}

function grantOf({ subjectToken }: TokenRequest): Record<string, string> {
  if (subjectToken === undefined) return { grant_type: "client_credentials" };
  return { grant_type: tokenExchange, subject_token: subjectToken, subject_token_type: accessTokenType };
}

function readJson(answer: OAuthAnswer, callee: ServiceName): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    // The parser's error quotes the body, which may hold a token: it is left out on purpose.
    const code = answer.ok ? "malformed" : "unreachable";
    throw new ServiceTokenError(code, `No token for ${callee}: status ${answer.status} without readable JSON.`);
  }
}

function toRefused(status: number, body: unknown, { callee, subjectToken }: TokenRequest): ServiceTokenError {
  const named = isRecord(body) && typeof body["error"] === "string" ? body["error"] : "";
  const error = /^[a-z_]{1,40}$/.test(named) ? named : "an unnamed error";
  const code = status >= 500 || status === 429 ? "unreachable" : "refused";
  const message = `No token for ${callee}: the token endpoint said ${status}, ${error}.`;
  if (code === "unreachable") return new ServiceTokenError(code, message);
  if (error === "invalid_client") return new ServiceTokenError(code, message, { refused: "credential" });
  // RFC 8693 §2.2.2: invalid_request for a subject token that is not good; some servers say invalid_grant.
  const isOfSubject = subjectToken !== undefined && ["invalid_request", "invalid_grant"].includes(error);
  return new ServiceTokenError(code, message, { refused: isOfSubject ? "subject" : undefined });
}

function readGrant(body: unknown, { callee, subjectToken }: TokenRequest): GrantedToken {
  if (!isRecord(body)) throw malformed(callee, "the body");
  const { access_token: value, token_type: type, expires_in: life, issued_token_type: issued } = body;
  if (typeof value !== "string" || value === "") throw malformed(callee, "access_token");
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") throw malformed(callee, "token_type");
  if (typeof life !== "number" || !(life > 0 && life <= 86_400)) throw malformed(callee, "expires_in");
  if (subjectToken !== undefined && issued !== accessTokenType) throw malformed(callee, "issued_token_type");
  return { value, lifeMs: life * 1_000 };
}

function malformed(callee: ServiceName, member: string): ServiceTokenError {
  return new ServiceTokenError("malformed", `No token for ${callee}: ${member} of the answer is missing or wrong.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** RFC 8693 §2.1 and §3. */
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
