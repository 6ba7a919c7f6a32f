import { createHash } from "node:crypto";
import { Refusal } from "@countersign/context";
import { and, eq } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { signInCodes } from "../schema.ts";
import type { Issued } from "../sessions/issued.ts";
import { randomSecret } from "./browser-secret.ts";
import type { KnownIdentity } from "./prove-identity.ts";
import { startWithIdentity } from "./start-with-identity.ts";

/** How long a client may take to exchange a code, in milliseconds. */
const codeLife = 60_000;

/** Makes the one-time code with which a sign-in in bearer mode ends; only its hash is stored. */
export async function makeCode(
  { db, now }: Pick<AuthDeps, "db" | "now">,
  { identityId, userId }: KnownIdentity,
  codeChallenge: string,
): Promise<string> {
  const code = randomSecret();
  const expiresAt = new Date(now() + codeLife);
  await db.insert(signInCodes).values({ id: hashOf(code), userId, identityId, codeChallenge, expiresAt });
  return code;
}

/** A code, the verifier of its challenge (RFC 7636 §4.5), and what the client is known by. */
export type CodeExchange = {
  readonly code: string;
  readonly codeVerifier: string;
  readonly devices: readonly string[];
};

/**
 * Exchanges a code for a session. It is used once, also by parallel requests; a wrong verifier does not use it up.
 *
 * @throws Refusal UNAUTHORIZED, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function exchangeCode(
  deps: AuthDeps,
  { code, codeVerifier, devices }: CodeExchange,
  from: Requester,
): Promise<Issued> {
  deps.keys.signer(); // without a key that may sign, the code is not used up
  const which = and(eq(signInCodes.id, hashOf(code)), eq(signInCodes.codeChallenge, hashOf(codeVerifier)));
  const [row] = await deps.db.delete(signInCodes).where(which).returning();
  if (row === undefined || row.expiresAt.getTime() <= deps.now()) throw refused("unknown_code");
  const issued = await startWithIdentity(deps, { ...row, mode: "bearer", devices }, from);
  if (issued === null) throw refused("account_disabled");
  return issued;
}

function refused(reason: string): Refusal {
  return new Refusal("UNAUTHORIZED", "This code is unknown, used or over; begin the sign-in again.", { reason });
}

/** SHA-256 as base64url: also how a verifier becomes its challenge (RFC 7636 §4.2). */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
