import { memberOf } from "./rest.ts";
import type { Timers } from "./timers.ts";

/** Does work while nobody else who has the same lock does theirs. */
export type TabLock = <T>(work: () => Promise<T>) => Promise<T>;

/** Nobody else is waited for. */
export const noLock: TabLock = (work) => work();

export type WebLockOptions = {
  readonly name: string;
  readonly timers: Timers;
  /** How long another page is waited for, in milliseconds; 15 seconds unless told. */
  readonly patienceMs?: number;
  /** `navigator.locks`, unless told. */
  readonly locks?: unknown;
};

/**
 * One page of this origin at a time, by the Web Locks API. Where there is none (http on another machine, old browsers), and
 * when whoever has the lock keeps it too long (a page that the system has put to sleep), the work is done without: auth
 * gives all who renew within seconds the same successor, so that a lock saves requests and keeps nobody's session.
 */
export function createWebLock({ name, timers, patienceMs = 15_000, ...given }: WebLockOptions): TabLock {
  const locks = given.locks ?? memberOf(memberOf(globalThis, "navigator"), "locks");
  if (!isLockManager(locks)) return noLock;
  return async (work) => {
    const waiting = new AbortController();
    const stopWaiting = timers.after(patienceMs, () => waiting.abort());
    let begun = false;
    const begin = (): ReturnType<typeof work> => {
      begun = true;
      stopWaiting();
      return work();
    };
    try {
      return await locks.request(name, { signal: waiting.signal }, begin);
    } catch (error) {
      if (begun || !waiting.signal.aborted) throw error;
      return await work();
    } finally {
      stopWaiting();
    }
  };
}

/** The part of the standard's LockManager that is used here. */
type Locks = {
  request<T>(name: string, options: { readonly signal: AbortSignal }, work: () => Promise<T>): Promise<T>;
};

function isLockManager(value: unknown): value is Locks {
  return typeof memberOf(value, "request") === "function";
}
