import { type CookieUse, type Fetch, runtimeFetch } from "./fetch.ts";
import { createRenewals, type Renewals } from "./renewals.ts";
import { AuthError, postAuth, type RestOptions } from "./rest.ts";
import { readBearerTokens, readSignedIn, type SignedIn } from "./signed-in.ts";
import type { TokenStore } from "./token-store.ts";

/** How a client proves itself: by the browser's cookies, or by tokens that it keeps itself. */
export type SessionMode = { readonly mode: "cookie" } | { readonly mode: "bearer"; readonly tokens: TokenStore };

export type SessionOptions = SessionMode & {
  /** The public origin, such as `http://localhost:4000`; `""` in a page that the gateway itself serves. */
  readonly url: string | URL;
  readonly fetch?: Fetch;
  /** Sent along with every request. */
  readonly headers?: RestOptions["headers"];
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Called once when a refresh is refused, after the store was cleared; never when auth is merely down. */
  readonly onSignedOut?: () => void;
};

export type Credentials = { readonly email: string; readonly password: string };

/** A user's session as a client sees it, over auth's REST face. Every method rejects with `AuthError` when it fails. */
export type Session = {
  register(credentials: Credentials): Promise<SignedIn>;
  login(credentials: Credentials): Promise<SignedIn>;
  /** Gets new tokens, one request at a time. False: the session is over, and `onSignedOut` was told. */
  refresh(): Promise<boolean>;
  /** Ends the session. Tokens kept here are forgotten even when auth cannot be told. */
  logout(): Promise<void>;
  /** The headers that prove the user: `authorization` in bearer mode when signed in, otherwise none. */
  authorization(): Promise<Record<string, string>>;
  /** Whether cookies travel with a request: they do not beside a Bearer token, which they might contradict. */
  readonly credentials: CookieUse;
  /** For links that renew the session when a call is refused. */
  readonly renewals: Renewals;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Says that somebody signed in by another way than `register` and `login`. */
  began(): void;
};

/** Makes a session; nothing is sent before the first call. */
export function createSession(options: SessionOptions): Session {
  const core = createCore(options);
  const renewals = createRenewals((isCurrent) => renew(core, isCurrent));

  const began = (): void => {
    core.isOver = false;
    renewals.interrupt();
  };

  const signIn = async (name: string, { email, password }: Credentials): Promise<SignedIn> => {
    const body = await postAuth(core.rest, name, { email, password, mode: core.mode });
    began();
    if (core.mode === "bearer") await core.store.set(readBearerTokens(body));
    return readSignedIn(body);
  };

  return {
    register: (who) => signIn("register", who),
    login: (who) => signIn("login", who),
    refresh: () => renewals.since(renewals.mark()),
    logout: () => logOut(core, renewals),
    authorization: () => authorizationOf(core.store),
    credentials: core.rest.credentials,
    renewals,
    now: options.now ?? Date.now,
    began,
  };
}

type Core = {
  readonly mode: SessionMode["mode"];
  /** Holds nothing in cookie mode. */
  readonly store: TokenStore;
  readonly rest: RestOptions;
  readonly onSignedOut: () => void;
  /** Cookies cannot be seen from here, so that the end of a session must be remembered to be told only once. */
  isOver: boolean;
};

function createCore(options: SessionOptions): Core {
  const { url, mode, fetch = runtimeFetch, headers = noHeaders, onSignedOut = () => undefined } = options;
  const store = options.mode === "bearer" ? options.tokens : noStore;
  const credentials = mode === "bearer" ? "omit" : "include";
  return { mode, store, rest: { url, fetch, headers, credentials }, onSignedOut, isOver: false };
}

async function renew(core: Core, isCurrent: () => boolean): Promise<boolean> {
  const { mode, store, rest } = core;
  const refreshToken = (await store.get())?.refreshToken;
  if (mode === "bearer" && !refreshToken) return false;
  try {
    const body = await postAuth(rest, "refresh", { mode, ...(refreshToken && { refreshToken }) });
    if (!isCurrent()) return false;
    if (mode === "bearer") await store.set(readBearerTokens(body));
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (isCurrent()) await end(core);
    return false;
  }
  core.isOver = false;
  return true;
}

async function end(core: Core): Promise<void> {
  if (core.mode === "cookie" && core.isOver) return;
  core.isOver = true;
  await core.store.set(null);
  core.onSignedOut();
}

/** An access token that has just run out must not keep anybody signed in: the session is renewed to be ended. */
async function logOut(core: Core, renewals: Renewals): Promise<void> {
  const mark = renewals.mark();
  try {
    await tellLogOut(core).catch(async (error: unknown) => {
      if (!isRefused(error)) throw error;
      if (await renewals.since(mark)) await tellLogOut(core);
    });
  } finally {
    renewals.interrupt();
    core.isOver = true;
    await core.store.set(null);
  }
}

async function tellLogOut({ mode, store, rest }: Core): Promise<void> {
  const held = await store.get();
  const headers = { ...(await rest.headers()), ...(await authorizationOf(store)) };
  const input = { mode, ...(held?.refreshToken && { refreshToken: held.refreshToken }) };
  await postAuth({ ...rest, headers: () => headers }, "logout", input);
}

async function authorizationOf(store: TokenStore): Promise<Record<string, string>> {
  const held = await store.get();
  return held === null ? {} : { authorization: `Bearer ${held.accessToken}` };
}

const noHeaders: RestOptions["headers"] = () => ({});
const noStore: TokenStore = { get: () => null, set: () => undefined };

/** 401, and 400 for a refresh token that is none: the session is over. Anything else says nothing about the session. */
function isRefused(error: unknown): boolean {
  return error instanceof AuthError && (error.status === 401 || error.status === 400);
}
