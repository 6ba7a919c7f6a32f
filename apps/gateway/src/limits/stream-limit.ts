import {
  type Answer,
  addressKey,
  createOpenCount,
  isEventStream,
  tooManyStreams,
  unknownClient,
  watchEnd,
} from "@countersign/service";

/**
 * Passes an answer on; a stream of events counts for its client's address until it has ended in whichever way. A client
 * that a trusted proxy does not name has no address to count.
 *
 * @throws Refusal TOO_MANY_REQUESTS for one stream too many of this address
 */
export type StreamLimit = (answer: Answer, address: string) => Answer;

/** @param most how many streams one address may have open at once */
export function createStreamLimit(most: number): StreamLimit {
  const open = createOpenCount(most);
  return (answer, address) => {
    const { body, headers } = answer;
    if (address === unknownClient || !(body instanceof ReadableStream) || !isEventStream(headers)) return answer;
    const key = addressKey(address);
    if (!open.hasRoom(key)) {
      void body.cancel().catch(() => undefined); // refused in any case, however the upstream takes it
      throw tooManyStreams(most);
    }
    open.add(key);
    return { ...answer, body: watchEnd(body, () => open.remove(key)) };
  };
}
