import { runtimeFetch } from "./fetch.ts";
import type { Renewal } from "./renewals.ts";
import { AuthError, memberOf, type RestOptions } from "./rest.ts";
import { sendRefresh } from "./send-refresh.ts";
import { within } from "./service/within.ts";
import { changeOf, readHint, type SessionHint } from "./session-hint.ts";
import type { SessionMode, SessionOptions } from "./session-options.ts";
import { readBearerTokens } from "./signed-in.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";
import type { TokenStore } from "./token-store.ts";

/** What a session knows and works with. */
export type Core = {
  readonly mode: SessionMode["mode"];
  /** Holds nothing in cookie mode. */
  readonly store: TokenStore;
  readonly rest: RestOptions;
  readonly surroundings: Surroundings;
  readonly onSignedOut: () => void;
  /** Null in bearer mode, and wherever scripts do not see auth's cookies. */
  readonly readHint: () => SessionHint | null;
  /** Cookies cannot be seen from here, so that the end of a session must be remembered to be told only once. */
  isOver: boolean;
  /** The session that this page last saw itself in. */
  known: string | null;
  /** When auth could not be asked last; epoch milliseconds. */
  failedAt: number;
  /** When the access token ends, by the clock here, as auth last said; and how far auth's clock is ahead of it. */
  token: { readonly endsAt: number; readonly skew: number } | null;
};

/** A refresh takes milliseconds; one that hangs must not keep all tabs waiting. */
const refreshMs = 10_000;

export function createCore(options: SessionOptions): Core {
  const { url, mode, fetch = runtimeFetch, headers = noHeaders, onSignedOut = () => undefined } = options;
  const store = options.mode === "bearer" ? options.tokens : noStore;
  const credentials = mode === "bearer" ? "omit" : "include";
  const name = `countersign ${url.toString()}`;
  const surroundings = surroundingsOf(options.surroundings ?? {}, name, mode === "cookie");
  return {
    mode,
    store,
    rest: { url, fetch, headers, credentials },
    surroundings,
    onSignedOut,
    readHint: () => (mode === "cookie" ? readHint(surroundings.cookies()) : null),
    isOver: false,
    known: null,
    failedAt: Number.NEGATIVE_INFINITY,
    token: null,
  };
}

/**
 * Renews the session once, while no other tab does. The one who waited for another tab finds that its cookies are newer
 * than those that were refused, and sends nothing.
 */
export function renew(core: Core, { isCurrent, sentWith }: Renewal): Promise<boolean> {
  return core.surroundings.lock(async () => {
    if (!isCurrent()) return false;
    const change = changeOf(sentWith(), core.readHint());
    if (change === "renewed") return true;
    if (change === "gone") {
      if (sentWith() !== null && !core.isOver) leave(core);
      return false;
    }
    return await refresh(core, isCurrent);
  });
}

async function refresh(core: Core, isCurrent: () => boolean): Promise<boolean> {
  const { mode, store } = core;
  const refreshToken = (await store.get())?.refreshToken;
  if (mode === "bearer" && !refreshToken) return false;
  try {
    const input = { mode, ...(refreshToken && { refreshToken }) };
    const body = await within({ ms: refreshMs }, () => sendRefresh(core, input));
    if (!isCurrent()) return false;
    if (mode === "bearer") await store.set(readBearerTokens(body));
    learn(core, body);
  } catch (error) {
    if (!isRefused(error)) {
      core.failedAt = core.surroundings.now();
      throw error;
    }
    if (isCurrent()) await end(core);
    return false;
  }
  core.isOver = false;
  return true;
}

/** Keeps what an answer with new tokens says of their life. */
export function learn(core: Core, body: unknown): void {
  const expiresIn = memberOf(body, "expiresIn");
  const hint = core.readHint();
  core.known = hint?.session ?? null;
  if (typeof expiresIn !== "number") return;
  const ends = core.surroundings.now() + expiresIn * 1000;
  core.token = { endsAt: ends, skew: hint === null ? 0 : hint.endsAt - ends };
}

/** When the access token ends, by the clock here; null when nobody is signed in or it was never said. */
export function endsAt(core: Core): number | null {
  const hint = core.readHint();
  return hint === null ? (core.token?.endsAt ?? null) : hint.endsAt - (core.token?.skew ?? 0);
}

/** No call waits for a renewal beforehand so soon after auth could not be asked. */
const patienceMs = 30_000;

/** Whether the cookie of the access token has gone with it, and a renewal may bring it back. */
export function hasEnded(core: Core): boolean {
  const now = core.surroundings.now();
  const hint = core.readHint();
  return hint !== null && !core.isOver && (endsAt(core) ?? now) <= now && now - core.failedAt > patienceMs;
}

async function end(core: Core): Promise<void> {
  if (core.mode === "cookie" && core.isOver) return;
  core.surroundings.channel.tell({ kind: "ended", session: core.known });
  await core.store.set(null);
  leave(core);
}

/** The session is over for this page, which is told so. */
export function leave(core: Core): void {
  core.isOver = true;
  core.known = null;
  core.token = null;
  core.onSignedOut();
}

export async function authorizationOf(store: TokenStore): Promise<Record<string, string>> {
  const held = await store.get();
  return held === null ? {} : { authorization: `Bearer ${held.accessToken}` };
}

const noHeaders: RestOptions["headers"] = () => ({});
const noStore: TokenStore = { get: () => null, set: () => undefined };

/**
 * UNAUTHORIZED, and BAD_REQUEST for a refresh token that is none: the session is over. Anything else says nothing about the
 * session, nor does a status without a code: a proxy on the way says 401 and 400 too.
 */
export function isRefused(error: unknown): boolean {
  return error instanceof AuthError && (error.code === "UNAUTHORIZED" || error.code === "BAD_REQUEST");
}
