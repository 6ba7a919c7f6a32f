import type { Renewals } from "./renewals.ts";
import { type Core, leave } from "./session-core.ts";

/** Keeps this page in step with the others of its browser. */
export type Following = {
  /** Looks whether the browser's cookies are still of the session that this page knows. */
  look(): void;
  stop(): void;
};

/**
 * Follows what other tabs do. Messages are for speed, and cookies for truth: a page that slept through a message sees, when
 * it wakes up or makes a call, that its session is gone or that somebody else's has taken its place.
 */
export function followTabs(core: Core, renewals: Renewals): Following {
  const { channel, page } = core.surroundings;

  const lose = (): void => {
    if (core.isOver) return;
    renewals.interrupt();
    leave(core);
  };

  const look = (): void => {
    const session = core.readHint()?.session ?? null;
    if (core.known !== null && session !== core.known) lose();
    if (session !== null && session !== core.known) core.isOver = false;
    core.known = session;
  };

  const unlisten = channel.listen(({ kind, session }) => {
    if (kind === "began") {
      look();
      renewals.interrupt();
      core.isOver = false;
    } else if (session === null || core.known === null || session === core.known) lose();
  });
  const unwatch = page?.onChange(() => (page.isVisible() ? look() : undefined));
  return {
    look,
    stop: () => {
      unlisten();
      unwatch?.();
    },
  };
}
