import { memberOf } from "./rest.ts";
import { createTabChannel, noChannel, type TabChannel } from "./tab-channel.ts";
import { createWebLock, noLock, type TabLock } from "./tab-lock.ts";
import { runtimeTimers, type Timers } from "./timers.ts";

/** Whether somebody looks at the page. */
export type Page = {
  isVisible(): boolean;
  /** Calls `listener` whenever that changes; gives what ends it. */
  onChange(listener: () => void): () => void;
};

/** What a session needs of the place where it runs. Each has the browser's own as its default, and stands still elsewhere. */
export type Surroundings = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** The cookies that scripts may see, as `document.cookie` has them. */
  readonly cookies: () => string;
  /** Lets one page at a time renew what all of them share. */
  readonly lock: TabLock;
  /** Tells the other pages who signed in or out. */
  readonly channel: TabChannel;
  /** Null where there is no page: nothing is then renewed ahead of its end. */
  readonly page: Page | null;
};

/**
 * The surroundings of a session: what is given, else the browser's, else none. Tokens in a store belong to whoever has the
 * store, so that a session of theirs shares nothing with other pages unless it is told how.
 *
 * @param name what pages of the same session have in common
 */
export function surroundingsOf(given: Partial<Surroundings>, name: string, isShared: boolean): Surroundings {
  const timers = given.timers ?? runtimeTimers;
  const document: unknown = memberOf(globalThis, "document");
  const inPage = typeof document === "object" && document !== null;
  const shares = isShared && inPage;
  return {
    now: () => Date.now(),
    cookies: () => (shares ? cookiesOf(document) : ""),
    lock: shares ? createWebLock({ name, timers }) : noLock,
    channel: shares ? createTabChannel(name) : noChannel,
    page: inPage ? pageOf(document) : null,
    ...given,
    timers,
  };
}

function cookiesOf(document: object): string {
  const cookies = memberOf(document, "cookie");
  return typeof cookies === "string" ? cookies : "";
}

function pageOf(document: object): Page {
  const target = document as EventTarget; // every document is one (DOM §4.5)
  return {
    isVisible: () => memberOf(document, "visibilityState") !== "hidden",
    onChange: (listener) => {
      target.addEventListener("visibilitychange", listener);
      return () => target.removeEventListener("visibilitychange", listener);
    },
  };
}
