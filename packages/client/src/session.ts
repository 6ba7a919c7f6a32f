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
  /** Says that somebody signed in by another way than `register` and `login`. */
  began(): void;
};

/** Makes a session; nothing is sent before the first call. */
export function createSession(options: SessionOptions): Session {
  const store = options.mode === "bearer" ? options.tokens : noStore;
  const credentials = options.mode === "bearer" ? "omit" : "include";
  const { url, fetch = runtimeFetch, headers = noHeaders } = options;
  const rest: RestOptions = { url, fetch, headers, credentials };
  let isOver = false;

  const began = (): void => {
    isOver = false;
    renewals.interrupt();
  };

  const signIn = async (name: string, { email, password }: Credentials): Promise<SignedIn> => {
    const body = await postAuth(rest, name, { email, password, mode: options.mode });
    began();
    if (options.mode === "bearer") await store.set(readBearerTokens(body));
    return readSignedIn(body);
  };

  const end = async (): Promise<false> => {
    if (isOver) return false;
    isOver = true;
    await store.set(null);
    options.onSignedOut?.();
    return false;
  };

  const renewals = createRenewals(async (isCurrent) => {
    const refreshToken = (await store.get())?.refreshToken;
    if (options.mode === "bearer" && !refreshToken) return false;
    try {
      const body = await postAuth(rest, "refresh", { mode: options.mode, ...(refreshToken && { refreshToken }) });
      if (options.mode === "bearer" && isCurrent()) await store.set(readBearerTokens(body));
    } catch (error) {
      if (!isRefused(error)) throw error;
      return isCurrent() ? end() : false;
    }
    if (isCurrent()) isOver = false;
    return true;
  });

  const authorization = async (): Promise<Record<string, string>> => {
    const held = await store.get();
    return held === null ? {} : { authorization: `Bearer ${held.accessToken}` };
  };

  return {
    register: (who) => signIn("register", who),
    login: (who) => signIn("login", who),
    refresh: () => renewals.since(renewals.mark()),
    logout: async () => {
      const held = await store.get();
      const proof: RestOptions = {
        ...rest,
        headers: async () => ({ ...(await headers()), ...(await authorization()) }),
      };
      const told = postAuth(proof, "logout", held === null ? {} : { refreshToken: held.refreshToken });
      renewals.interrupt();
      isOver = true;
      try {
        await told;
      } finally {
        await store.set(null);
      }
    },
    authorization,
    credentials,
    renewals,
    began,
  };
}

const noHeaders: RestOptions["headers"] = () => ({});
const noStore: TokenStore = { get: () => null, set: () => undefined };

/** 401, and 400 for a refresh token that is none: the session is over. Anything else says nothing about the session. */
function isRefused(error: unknown): boolean {
  return error instanceof AuthError && (error.status === 401 || error.status === 400);
}
