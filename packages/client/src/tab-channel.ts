import { memberOf } from "./rest.ts";

/** What pages of one browser tell each other: a session ended, or somebody signed in. */
export type TabMessage = { readonly kind: "ended" | "began"; readonly session: string | null };

/** A way to the other pages; what is told does not come back to the one who told it. */
export type TabChannel = {
  tell(message: TabMessage): void;
  /** Gives what ends it. */
  listen(listener: (message: TabMessage) => void): () => void;
};

/** There are no other pages. */
export const noChannel: TabChannel = { tell: () => undefined, listen: () => () => undefined };

/** A BroadcastChannel; it is opened by the first who listens, and nobody listens where there is none. */
export function createTabChannel(name: string): TabChannel {
  if (typeof memberOf(globalThis, "BroadcastChannel") !== "function") return noChannel;
  let channel: BroadcastChannel | null = null;
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is no window: it has no such argument
    tell: (message) => channel?.postMessage(message),
    listen: (listener) => {
      const opened = new BroadcastChannel(name);
      channel = opened;
      opened.addEventListener("message", ({ data }: { readonly data?: unknown }) => {
        const message = readMessage(data);
        if (message !== null) listener(message);
      });
      return () => {
        channel = null;
        opened.close();
      };
    },
  };
}

/** A page of another version of this code may say something else. */
function readMessage(data: unknown): TabMessage | null {
  const [kind, session] = [memberOf(data, "kind"), memberOf(data, "session")];
  if (kind !== "ended" && kind !== "began") return null;
  return { kind, session: typeof session === "string" ? session : null };
}
