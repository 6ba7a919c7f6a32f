import { type Outgoing, TransportError } from "../port.ts";
import type { Address } from "./names.ts";

/** How long a request waits for the addresses of a name, in milliseconds; the look-up goes on for those that follow. */
const waitMs = 5_000;

/** Requests that wait for a name to be looked up. */
export type AddressWaits = {
  /** @throws {TransportError} when there are none, they take too long, or nobody waits for the answer any more */
  waitFor(addresses: Promise<readonly Address[]>, outgoing: Outgoing): Promise<readonly Address[]>;
  /** Ends what has waited too long at this moment of `performance.now()`, or has nobody who waits for it. */
  check(at: number): void;
  close(): void;
};

export function createAddressWaits(): AddressWaits {
  type Wait = { readonly check: (at: number) => void; readonly end: (error: TransportError) => void };
  const waits = new Set<Wait>();
  const failed = (code: TransportError["code"], cause?: unknown) => new TransportError(code, cause, { isUnsent: true });

  return {
    waitFor(addresses, { isGone, timeoutMs }) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Address[]>();
      const dueAt = performance.now() + Math.min(waitMs, timeoutMs);
      const wait: Wait = {
        check(at) {
          if (isGone()) reject(failed("aborted"));
          else if (at > dueAt) reject(failed("timed_out"));
        },
        end: reject,
      };
      waits.add(wait);
      addresses.then(resolve, (cause: unknown) => reject(failed("unreachable", cause)));
      return promise.finally(() => waits.delete(wait));
    },
    check(at) {
      for (const wait of waits) wait.check(at);
    },
    close() {
      for (const wait of waits) wait.end(failed("aborted"));
    },
  };
}
