import { type PushDeps, pushStream, readDueStreams } from "./push-turn.ts";
import type { Pusher } from "./pusher-type.ts";

/** Makes the pusher; one turn at a time for each stream. */
export function createPusher(deps: PushDeps): Pusher {
  const running = new Map<string, Promise<void>>();
  return {
    async turn() {
      for (const stream of await readDueStreams(deps)) {
        const { name } = stream;
        if (running.has(name)) continue;
        const pushed = pushStream(deps, stream)
          .catch((error: unknown) => {
            deps.careFailed("push", error);
            deps.log.warn({ err: error, receiver: name }, "Pushing security events failed; the next turn tries again.");
          })
          .finally(() => running.delete(name));
        running.set(name, pushed);
      }
    },
    async idle() {
      await Promise.all(running.values());
    },
  };
}
