import type { ClientName } from "@countersign/access";
import { type SigningKey, signClientAssertion } from "@countersign/tokens";

import type { Fetch } from "../fetch.ts";
import { within } from "./within.ts";

/** Who asks the authorization server, and how it proves itself. */
export type OAuthClient = {
  /** The service that asks, or the gateway: the client id of its assertion. */
  readonly service: ClientName;
  /** The authorization server's issuer identifier: the one audience of the assertion (RFC 7523 §3). */
  readonly issuer: string;
  /** The key that it proves itself with, asked for each time: it may have been rotated. */
  readonly key: () => Promise<SigningKey>;
  readonly fetch: Fetch;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
};

/** What is asked. */
export type OAuthForm = {
  readonly endpoint: URL;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** The answer, whatever its status; the text may hold a token. */
export type OAuthAnswer = { readonly ok: boolean; readonly status: number; readonly text: string };

const timeLimitMs = 5_000;

/**
 * Sends one form to an endpoint of the authorization server, the client proved by a signed assertion made for this
 * request (RFC 7523 §2.2). Rejects when there is no answer within five seconds.
 */
export async function postForm(client: OAuthClient, form: OAuthForm): Promise<OAuthAnswer> {
  const { service, issuer, key, fetch, now } = client;
  const body = new URLSearchParams({
    ...form.parameters,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await signClientAssertion({ clientId: service, audience: issuer, key: await key(), now }),
  });
  const headers = { accept: "application/json", ...form.headers };
  return within({ ms: timeLimitMs }, async (signal) => {
    // A redirect would carry the assertion to a place that configuration does not name.
    const response = await fetch(form.endpoint, { method: "POST", body, headers, signal, redirect: "error" });
    return { ok: response.ok, status: response.status, text: await response.text() };
  });
}
