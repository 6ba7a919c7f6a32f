import type { Fetch } from "./fetch.ts";
import type { RestOptions } from "./rest.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TokenStore } from "./token-store.ts";

/** How a client proves itself: by the browser's cookies, or by tokens that it keeps itself. */
export type SessionMode = { readonly mode: "cookie" } | { readonly mode: "bearer"; readonly tokens: TokenStore };

export type SessionOptions = SessionMode & {
  /** The public origin, such as `http://localhost:4000`; `""` in a page that the gateway itself serves. */
  readonly url: string | URL;
  readonly fetch?: Fetch;
  /** Sent along with every request. */
  readonly headers?: RestOptions["headers"];
  /**
   * Called once when the session of this page ends without `logout` here: a refresh was refused, another tab signed out, or
   * somebody else signed in there. The store was cleared before. Never called when auth is merely down.
   */
  readonly onSignedOut?: () => void;
  /** Clock, timers, cookies, lock and channel between tabs, and visibility; the browser's own where not told. */
  readonly surroundings?: Partial<Surroundings>;
};
