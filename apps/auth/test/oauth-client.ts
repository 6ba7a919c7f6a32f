import type { ServiceName } from "@countersign/access";
import {
  type DelegatedClaims,
  generateSigningKey,
  importSigningKey,
  type SigningKey,
  signAccessToken,
  signClientAssertion,
  tokenLife,
} from "@countersign/tokens";
import { z } from "zod";
import { addServiceKey } from "../src/services/service-keys.ts";
import { publicUrl, type TestAuth } from "./open-test-auth.ts";
import { claimsOf } from "./requests.ts";

/** What an OAuth endpoint answered. */
export type OAuthAnswer = { readonly status: number; readonly headers: Headers; readonly json: unknown };

type Fields = Readonly<Record<string, string>>;

/** A service as a client of auth: it has a key, and proves itself anew with each request. */
export type OAuthClient = {
  readonly key: SigningKey;
  /** The fields of a fresh proof. */
  proof(): Promise<Fields>;
  post(path: string, fields: Fields): Promise<OAuthAnswer>;
  /** A delegated token for `audience`. Fails the test when it is refused. */
  exchange(subjectToken: string, audience: ServiceName): Promise<string>;
};

/** The fields of a token exchange (RFC 8693 §2.1). */
export function exchangeFields(subjectToken: string, audience: string): Fields {
  return {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: subjectToken,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience,
  };
}

const granted = z.object({ access_token: z.string() });

/** The access token of an answer; fails the test when there is none. */
export function grantedBy({ json }: Pick<OAuthAnswer, "json">): string {
  return granted.parse(json).access_token;
}

/** Posts a form to auth. */
export async function postForm(
  test: Pick<TestAuth, "app">,
  path: string,
  form: { readonly body: Fields | URLSearchParams | string; readonly headers?: Readonly<Record<string, string>> },
): Promise<OAuthAnswer> {
  const body = typeof form.body === "string" ? form.body : new URLSearchParams(form.body);
  const response = await test.app.request(path, { method: "POST", body, headers: form.headers ?? {} });
  const text = await response.text();
  const json: unknown = text === "" ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

/** Registers a new key for a service, and gives the client that has it. */
export async function createOAuthClient(test: TestAuth, service: ServiceName): Promise<OAuthClient> {
  const { now } = test.clock;
  const pair = await generateSigningKey("EdDSA");
  const key = await importSigningKey(pair.privateJwk);
  await addServiceKey(test.auth.deps.db, { service, publicJwk: pair.publicJwk }, { actor: "test", at: now() });
  const proof = async () => ({
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await signClientAssertion({ clientId: service, audience: publicUrl, key, now }),
  });
  const post = async (path: string, fields: Fields) =>
    await postForm(test, path, { body: { ...(await proof()), ...fields } });
  return {
    key,
    proof,
    post,
    exchange: async (subjectToken, audience) =>
      grantedBy(await post("/oauth/token", exchangeFields(subjectToken, audience))),
  };
}

/** A delegated token that auth signed for orders, of the user and session of another token, changed at will. */
export async function signDelegated(
  test: TestAuth,
  userToken: string,
  changes: Partial<DelegatedClaims> = {},
): Promise<string> {
  const issuedAt = Math.floor(test.clock.now() / 1000);
  const { sid, sub } = claimsOf(userToken);
  const claims: DelegatedClaims = {
    class: "delegated",
    issuer: publicUrl,
    subject: String(sub),
    audience: ["orders"],
    tokenId: crypto.randomUUID(),
    clientId: "products",
    issuedAt,
    expiresAt: issuedAt + tokenLife.delegated,
    sessionId: String(sid),
    authenticatedAt: issuedAt,
    roles: ["user"],
    userVersion: 0,
    permissions: ["orders:read"],
    exchangedFrom: [],
    actor: { subject: "products", version: 0 },
    ...changes,
  };
  return await signAccessToken(claims, test.auth.deps.keys.signer());
}
