import { retryDelay } from "../retry.ts";
import type { NatsLink } from "./link.ts";

/** Opens links one after the other, for as long as it is not closed. */
export type NatsLinks = {
  /** The link, or the one being opened. Rejects at once while there is none, with why. */
  readonly current: () => Promise<NatsLink>;
  readonly close: () => Promise<void>;
};

/** Is told of each link when it is there, and of its loss or of what kept one from opening. */
export type LinkListener = { readonly onLink: (link: NatsLink) => void; readonly onLoss: (cause: unknown) => void };

/** Starts to connect. */
export function createNatsLinks(open: () => Promise<NatsLink>, { onLink, onLoss }: LinkListener): NatsLinks {
  let closed = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let current = start();

  function start(): Promise<NatsLink> {
    const opening = open();
    opening.then(established, lost);
    return opening;
  }

  function established(link: NatsLink): void {
    if (closed) return;
    failures = 0;
    link.closed.then(() => lost(new Error("The connection to the broker was lost.")), lost);
    onLink(link);
  }

  function lost(cause: unknown): void {
    if (closed) return;
    current = Promise.reject(cause instanceof Error ? cause : new Error("The broker cannot be reached.", { cause }));
    current.catch(() => undefined); // for those who ask; the subscribers are told here
    onLoss(cause);
    retry = setTimeout(() => {
      current = start();
    }, retryDelay(failures++));
  }

  return {
    current: () => current,
    async close() {
      closed = true;
      clearTimeout(retry);
      const link = await current.catch(() => null); // there is none to close
      await link?.close();
    },
  };
}
