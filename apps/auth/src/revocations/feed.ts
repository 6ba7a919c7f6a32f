import { invalidCredential, readBearer, revocationTopic, type Verifier } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { type StreamedFeed, streamTopic } from "@countersign/service";

/** The revocations for services that share neither a database nor a broker with auth. */
export type RevocationFeed = {
  /**
   * Everything that is retained after a position, then each as it comes; ends in good order with the token that it was
   * asked for with, or when that is revoked.
   */
  follow(
    request: Request,
    options: { readonly after?: string | undefined; readonly signal: AbortSignal },
  ): StreamedFeed;
  /** Aborted by `close`, for what else waits long. */
  readonly closing: AbortSignal;
  /** Ends every stream in good order, so that a stop need not wait for those who would follow for ever. */
  close(): void;
};

export type RevocationFeedDeps = {
  readonly bus: EventBus;
  readonly verifier: Verifier;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export function createRevocationFeed({ bus, verifier, now }: RevocationFeedDeps): RevocationFeed {
  const closing = new AbortController();
  return {
    closing: closing.signal,
    async *follow({ headers }, { after, signal }) {
      const token = readBearer(headers);
      if (token === null) throw invalidCredential("no_token");
      const { expiresAt } = (await verifier.verify(token)).token;
      yield* streamTopic(bus, revocationTopic, {
        after,
        signal: AbortSignal.any([signal, closing.signal]),
        lifeMs: expiresAt * 1000 - now(),
        stands: () =>
          verifier.verify(token).then(
            () => true,
            () => false, // whatever the reason: who follows asks again, and is told
          ),
      });
    },
    close: () => closing.abort(),
  };
}
