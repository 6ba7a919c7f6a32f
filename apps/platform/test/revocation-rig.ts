import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";

const signedIn = z.object({ accessToken: z.string(), user: z.object({ id: z.string() }) });

/** A user who is signed in, in bearer mode. */
export type SignedIn = z.output<typeof signedIn> & { readonly email: string; readonly password: string };

/** An administrator of the demo. */
export const demoAdmin = demoUsers[2];

const password = "correct horse";

/** Registers somebody new; the session is that of the registration. */
export async function registerAt(auth: string): Promise<SignedIn> {
  const email = `user-${crypto.randomUUID()}@example.com`;
  return await enter(auth, "register", { email, password });
}

/** Signs in. */
export async function signInAt(auth: string, who: { readonly email: string; readonly password: string }) {
  return await enter(auth, "login", who);
}

async function enter(auth: string, how: "register" | "login", { email, password: given }: typeof demoAdmin | Who) {
  const body = { email, password: given, mode: "bearer" };
  const response = await post(`${auth}/auth/${how}`, body);
  return { ...signedIn.parse(await response.json()), email, password: given };
}

type Who = { readonly email: string; readonly password: string };

/** Calls a mutation of auth, and fails unless it is done. */
export async function callAuth(auth: string, path: string, { token, input }: { token: string; input?: unknown }) {
  const response = await post(`${auth}/trpc/${path}`, input, token);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

/** Posts JSON. */
export function post(url: string, body: unknown, token?: string): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return fetch(url, { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** The status of a query with a token. */
export async function statusOf(url: string, token: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): { readonly sid: string } {
  const json: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return z.object({ sid: z.string() }).parse(json);
}

/** The key that a token names. */
export function keyOf(token: string): string {
  const json: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
  return z.object({ kid: z.string() }).parse(json).kid;
}
