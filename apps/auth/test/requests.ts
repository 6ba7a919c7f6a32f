import type { ServiceApp } from "@countersign/service";
import { z } from "zod";
import { publicUrl } from "./open-test-auth.ts";

/** What a REST call answered. */
export type RestAnswer = { status: number; headers: Headers; body: unknown; cookies: readonly string[] };

/** What a REST call sends beside its path. */
export type RestInput = {
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  /** The peer's address. */
  readonly address?: string;
};

/** Posts to the REST face. */
export async function post(app: ServiceApp, path: string, input: RestInput = {}): Promise<RestAnswer> {
  const type = input.json === undefined ? {} : { "content-type": "application/json" };
  const body = input.json === undefined ? {} : { body: JSON.stringify(input.json) };
  const request = new Request(`${publicUrl}${path}`, {
    method: "POST",
    headers: { ...type, ...input.headers },
    ...body,
  });
  const { status, headers, ...response } = await answer(app, request, input.address ?? "192.0.2.1");
  return { status, headers, body: response.body, cookies: headers.getSetCookie() };
}

async function answer(app: ServiceApp, request: Request, address: string) {
  const response = await app.request(request, {}, { address });
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body };
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

export function tokensOf(given: { readonly body: unknown }): Tokens {
  return pair.parse(given.body);
}

/** Registers a new user in bearer mode. */
export async function registerUser(app: ServiceApp, email: string, password = "correct horse"): Promise<Tokens> {
  return tokensOf(await post(app, "/auth/register", { json: { email, password, mode: "bearer" } }));
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return z.record(z.string(), z.unknown()).parse(payload);
}
