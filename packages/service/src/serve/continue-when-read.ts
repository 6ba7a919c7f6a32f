import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Answers `Expect: 100-continue` (RFC 9110 §10.1.1) when the application begins to read the body, instead of at once: a
 * request that is refused for its headers gets the final status, and its client need not send what nobody reads. Such an
 * answer ends the connection, since the client may send the body all the same.
 */
export function continueWhenRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { shouldKeepAlive } = outgoing;
  outgoing.shouldKeepAlive = false;
  const onListener = (event: string | symbol) => {
    if (event !== "data" && event !== "readable") return;
    incoming.off("newListener", onListener);
    if (outgoing.headersSent || outgoing.destroyed) return;
    outgoing.shouldKeepAlive = shouldKeepAlive;
    outgoing.writeContinue();
  };
  incoming.on("newListener", onListener);
}
