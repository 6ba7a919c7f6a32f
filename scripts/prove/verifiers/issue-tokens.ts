import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { importSigningKey, signClientAssertion } from "@countersign/tokens";
import type { PlatformOptions } from "../../../apps/platform/src/run/shared.ts";
import type { Platform } from "../../../apps/platform/src/run/start-platform.ts";
import { freePorts, startTestPlatform } from "../../../apps/platform/test/start-test-platform.ts";
import type { Kind } from "./kinds.ts";
import { membersOf } from "./members-of.ts";

/** A running platform, and tokens that it signed. */
export type IssuedTokens = {
  readonly platform: Platform;
  readonly tokens: Readonly<Record<Exclude<Kind, "delegated">, string>>;
  /** Gives a delegated token, which lives for two minutes at most. */
  readonly delegate: () => Promise<string>;
};

/** The service that all tokens but one are for. */
export const audience = "products";

const hour = 3_600_000;

/**
 * Starts a platform on the directory, once an hour ago by auth's clock for the token that has expired, and then for good, with
 * the same keys. Tokens have a `scope`, as one of the programs demands.
 */
export async function issueTokens(algorithm: PlatformOptions["algorithm"], dataDir: string): Promise<IssuedTokens> {
  const portOf = await freePorts(["gateway"]);
  const options = {
    dataDir,
    secrets: [randomBytes(32)],
    algorithm,
    tokenScope: "permissions",
    portOf: (name) => (name === "gateway" ? portOf(name) : 0),
  } satisfies Partial<PlatformOptions>;
  const past = await startTestPlatform({ ...options, now: () => Date.now() - hour });
  const expired = await (await signIn(past.url)).narrowTo(audience);
  await past.stop();
  const platform = await startTestPlatform(options);
  const { accessToken: list, narrowTo } = await signIn(platform.url);
  const user = await narrowTo(audience);
  const ofOther = await narrowTo("orders");
  const asOrders = await serviceClient(platform.url, path.join(dataDir, "keys/orders.json"));
  const service = await asOrders({ grant_type: "client_credentials" });
  const delegate = () =>
    asOrders({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: list,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
  const tokens = { list, user, service, expired, audience: ofOther, forged: forge(user) };
  return { platform, tokens, delegate };
}

async function signIn(origin: string) {
  const body = JSON.stringify({ email: "alice@example.com", password: "alice-demo-2026", mode: "bearer" });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${origin}/auth/login`, { method: "POST", headers, body });
  const [accessToken, refreshToken] = await readStrings(answer, "accessToken", "refreshToken");
  let current = refreshToken;
  /** The user's token for one service alone (RFC 8707). */
  const narrowTo = async (service: string) => {
    const form = { grant_type: "refresh_token", client_id: "countersign-web", refresh_token: current };
    const resource = `${origin}/trpc/${service}`;
    const [token, next] = await readStrings(
      await askForToken(origin, { ...form, resource }),
      "access_token",
      "refresh_token",
    );
    current = next;
    return token;
  };
  return { accessToken, narrowTo };
}

/** The service `orders`, which calls `products`. */
async function serviceClient(origin: string, keyFile: string) {
  const key = await importSigningKey(JSON.parse(await readFile(keyFile, "utf8")));
  return async (fields: Readonly<Record<string, string>>) => {
    const proof = {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await signClientAssertion({ clientId: "orders", audience: origin, key, now: Date.now }),
    };
    const [token] = await readStrings(await askForToken(origin, { ...fields, ...proof, audience }), "access_token", "");
    return token;
  };
}

async function askForToken(origin: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return await fetch(`${origin}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
}

/** Two members of an answer; an error for one that was no success. */
async function readStrings(answer: Response, first: string, second: string): Promise<readonly [string, string]> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  const members = membersOf(text);
  return [String(members.get(first)), String(members.get(second))];
}

/** The same signature under claims that name somebody else. */
function forge(token: string): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = membersOf(Buffer.from(payload, "base64url").toString());
  const forged = JSON.stringify({ ...Object.fromEntries(claims), sub: "admin" });
  return [header, Buffer.from(forged).toString("base64url"), signature].join(".");
}
