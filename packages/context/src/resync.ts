import type { FeedPosition } from "@countersign/tokens";
import type { Log } from "./context.ts";
import type { RevocationPage, RevocationSource } from "./revocation-source.ts";

export type ResyncDeps = {
  readonly source: RevocationSource;
  readonly log: Log;
  /** For how long `soon` waits. */
  readonly patienceMs: number;
  /** Whether something is missing, or may be. */
  readonly isNeeded: () => boolean;
  /** The place up to which nothing is missing; null while nothing is known. */
  readonly after: () => FeedPosition | null;
  readonly apply: (page: RevocationPage) => void;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  /** Told when nothing is missing, with the moment up to which that holds. */
  readonly onComplete: (at: number) => void;
};

/** Asks auth for the revocations that the bus did not bring. */
export type Resync = {
  /** Asks shortly, unless what is missing arrives by itself: replicas of auth may publish out of order. */
  soon(): void;
  /** How often auth was asked because something was missing. */
  count(): number;
  stop(): void;
};

const checkMs = 1_000;
/** Auth is asked this often though nothing seems to be missing: a bus that brings everything late, in order, shows no gap. */
const anywayMs = 10_000;

/** Asks at once, for the beginning, and from then on whenever something is missing or ten seconds have passed; one request at a time. */
export function createResync({ source, log, ...deps }: ResyncDeps): Resync {
  let running = false;
  let stopped = false;
  let count = 0;
  let failures = 0;
  let askedAt = deps.elapsed();
  let timer: NodeJS.Timeout | undefined;

  async function ask(since: NonNullable<RevocationSource["since"]>): Promise<void> {
    const at = deps.elapsed();
    for (let more = true; more; ) {
      const page = await since(deps.after());
      if (stopped) return;
      deps.apply(page);
      more = page.more;
    }
    deps.onComplete(at);
  }

  function start(): void {
    if (source.since === undefined || running || stopped) return;
    running = true;
    askedAt = deps.elapsed();
    ask(source.since)
      .then(() => {
        failures = 0;
        return undefined;
      })
      .catch((error: unknown) => {
        failures += 1;
        if (failures > 1 || stopped) return;
        log.warn({ err: error }, "Auth cannot be asked for revocations right now; it is asked again.");
      })
      .finally(() => {
        running = false;
      });
  }

  function fill(): void {
    timer = undefined;
    if (!deps.isNeeded() || stopped) return;
    count += 1;
    start();
  }

  start();
  const check = setInterval(() => {
    if (deps.isNeeded()) fill();
    else if (deps.elapsed() - askedAt >= anywayMs) start();
  }, checkMs).unref();
  return {
    soon() {
      timer ??= setTimeout(fill, deps.patienceMs).unref();
    },
    count: () => count,
    stop() {
      stopped = true;
      clearInterval(check);
      clearTimeout(timer);
    },
  };
}
