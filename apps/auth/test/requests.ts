import type { ServiceApp } from "@countersign/service";
import { z } from "zod";
import { publicUrl } from "./open-test-auth.ts";

/** What a REST call answered. */
export type RestAnswer = { status: number; headers: Headers; body: unknown; cookies: readonly string[] };

export type RestOptions = { readonly headers?: Record<string, string>; readonly address?: string };

/** Posts JSON to the REST face. */
export async function postJson(
  app: ServiceApp,
  path: string,
  input: unknown,
  options: RestOptions = {},
): Promise<RestAnswer> {
  const headers = { "content-type": "application/json", ...options.headers };
  const request = new Request(`${publicUrl}${path}`, { method: "POST", headers, body: JSON.stringify(input) });
  const response = await app.request(request, {}, { address: options.address ?? "192.0.2.1" });
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json(),
    cookies: response.headers.getSetCookie(),
  };
}

const pair = z.object({
  user: z.object({ id: z.string(), email: z.string(), roles: z.array(z.string()) }),
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.literal("Bearer"),
  expiresIn: z.number(),
});

/** The tokens of an answer in bearer mode. */
export type Tokens = z.output<typeof pair>;

export function tokensOf(answer: { readonly body: unknown }): Tokens {
  return pair.parse(answer.body);
}

/** Registers a new user in bearer mode. */
export async function registerUser(app: ServiceApp, email: string, password = "correct horse"): Promise<Tokens> {
  return tokensOf(await postJson(app, "/auth/register", { email, password, mode: "bearer" }));
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return z.record(z.string(), z.unknown()).parse(payload);
}
