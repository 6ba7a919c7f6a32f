import { createHash } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { pendingSignIns } from "../schema.ts";
import { randomSecret, secretsOf, signInLife } from "./browser-secret.ts";
import type { SignInSecrets } from "./protocol.ts";

/** What a person is about when a provider is asked. */
export type Purpose =
  | { readonly kind: "sign_in" }
  | { readonly kind: "link"; readonly userId: string; readonly sessionId: string }
  /** In bearer mode: the registered address that gets a code, and the client's own state and PKCE challenge. */
  | { readonly kind: "code"; readonly redirect: string; readonly state: string | null; readonly codeChallenge: string };

/** A sign-in that is under way at a provider. */
export type PendingSignIn = {
  readonly provider: string;
  /** A safe path, to go to afterwards. */
  readonly to: string;
  readonly purpose: Purpose;
};

/** Writes down that a browser goes to a provider, and gives what goes along with it. */
export async function beginSignIn(
  { db, now }: Pick<AuthDeps, "db" | "now">,
  { provider, to, purpose }: PendingSignIn,
  browser: string,
): Promise<SignInSecrets> {
  const state = randomSecret();
  const expiresAt = new Date(now() + signInLife * 1000);
  const row = { id: hashOf(state), browser: hashOf(browser), provider, to, expiresAt };
  await db.insert(pendingSignIns).values({ ...row, ...toColumns(purpose) });
  return secretsOf(state, browser);
}

/** By what a callback says which sign-in it ends. */
export type Callback = {
  readonly provider: string;
  readonly state: string;
  readonly browsers: readonly string[];
};

/**
 * Takes a sign-in that is under way out of the database: of parallel callbacks one gets it. A callback at another provider,
 * or in another browser, leaves it as it is.
 *
 * @returns null when there is none, or it is over
 */
export async function takeSignIn(
  { db, now }: Pick<AuthDeps, "db" | "now">,
  { provider, state, browsers }: Callback,
): Promise<(PendingSignIn & { readonly secrets: SignInSecrets }) | null> {
  if (browsers.length === 0) return null;
  const byHash = new Map(browsers.map((browser) => [hashOf(browser), browser]));
  const which = and(
    eq(pendingSignIns.id, hashOf(state)),
    eq(pendingSignIns.provider, provider),
    inArray(pendingSignIns.browser, [...byHash.keys()]),
  );
  const [row] = await db.delete(pendingSignIns).where(which).returning();
  const browser = row === undefined ? undefined : byHash.get(row.browser);
  if (row === undefined || browser === undefined || row.expiresAt.getTime() <= now()) return null;
  return { provider, to: row.to, purpose: toPurpose(row), secrets: secretsOf(state, browser) };
}

function toColumns(purpose: Purpose): Partial<typeof pendingSignIns.$inferInsert> {
  if (purpose.kind === "link") return { linkUserId: purpose.userId, linkSessionId: purpose.sessionId };
  if (purpose.kind === "sign_in") return {};
  const { redirect, state: clientState, codeChallenge } = purpose;
  return { redirect, clientState, codeChallenge };
}

function toPurpose(row: typeof pendingSignIns.$inferSelect): Purpose {
  const { linkUserId, linkSessionId, redirect, clientState, codeChallenge } = row;
  if (linkUserId !== null && linkSessionId !== null)
    return { kind: "link", userId: linkUserId, sessionId: linkSessionId };
  if (redirect !== null && codeChallenge !== null) return { kind: "code", redirect, state: clientState, codeChallenge };
  return { kind: "sign_in" };
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
