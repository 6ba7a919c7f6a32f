import type { CookieUse } from "./fetch.ts";
import { followTabs } from "./follow-tabs.ts";
import { logOut } from "./log-out.ts";
import { renewAhead } from "./renew-ahead.ts";
import { createRenewals, type Renewals } from "./renewals.ts";
import { postAuth } from "./rest.ts";
import { authorizationOf, createCore, endsAt, hasEnded, learn, renew } from "./session-core.ts";
import type { SessionOptions } from "./session-options.ts";
import { readBearerTokens, readSignedIn, type SignedIn } from "./signed-in.ts";
import type { TabLock } from "./tab-lock.ts";
import type { Timers } from "./timers.ts";

export type Credentials = { readonly email: string; readonly password: string };

/** A user's session as a client sees it, over auth's REST face. Every method rejects with `AuthError` when it fails. */
export type Session = {
  register(credentials: Credentials): Promise<SignedIn>;
  login(credentials: Credentials): Promise<SignedIn>;
  /** Gets new tokens, one request at a time in all tabs. False: the session is over, and `onSignedOut` was told. */
  refresh(): Promise<boolean>;
  /** Ends the session, here and in other tabs. Tokens kept here are forgotten even when auth cannot be told. */
  logout(): Promise<void>;
  /** The headers that prove the user: `authorization` in bearer mode when signed in, otherwise none. */
  authorization(): Promise<Record<string, string>>;
  /** Whether cookies travel with a request: they do not beside a Bearer token, which they might contradict. */
  readonly credentials: CookieUse;
  /** For links that renew the session when a call is refused. */
  readonly renewals: Renewals;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Whether the cookie of the access token has gone with it and may be had again; false in bearer mode. */
  hasEnded(): boolean;
  /** Says that a call is made: a session that is used is renewed before its access token ends. */
  used(): void;
  /**
   * Does what changes who is signed in while no tab renews a session: an answer that is still on its way would set the
   * cookies of who was there before.
   */
  readonly alone: TabLock;
  /** Says that somebody signed in by another way than `register` and `login`. */
  began(): void;
  /** Stops timers and following other tabs. A page that lives as long as its session need not call it. */
  close(): void;
};

/** Makes a session; nothing is sent before the first call. */
export function createSession(options: SessionOptions): Session {
  const core = createCore(options);
  const { now, timers, page, lock: alone } = core.surroundings;
  const renewals = createRenewals((renewal) => renew(core, renewal), core.readHint);
  const refresh = (): Promise<boolean> => renewals.since(renewals.mark());
  const ahead = renewAhead({ now, timers, page, expiry: () => endsAt(core), renew: refresh });
  const tabs = followTabs(core, renewals);

  const began = (): void => {
    renewals.interrupt();
    core.isOver = false;
    core.known = core.readHint()?.session ?? null;
    core.surroundings.channel.tell({ kind: "began", session: core.known });
  };

  const signIn = async (name: string, { email, password }: Credentials): Promise<SignedIn> => {
    const body = await alone(() => postAuth(core.rest, name, { email, password, mode: core.mode }));
    began();
    if (core.mode === "bearer") await core.store.set(readBearerTokens(body));
    learn(core, body);
    return readSignedIn(body);
  };

  return {
    register: (who) => signIn("register", who),
    login: (who) => signIn("login", who),
    refresh,
    logout: () => logOut(core, renewals),
    authorization: () => authorizationOf(core.store),
    credentials: core.rest.credentials,
    renewals,
    now,
    timers,
    hasEnded: () => hasEnded(core),
    alone,
    used: () => {
      tabs.look();
      ahead.used();
    },
    began,
    close: () => {
      ahead.stop();
      tabs.stop();
    },
  };
}
