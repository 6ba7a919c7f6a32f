import { supportedEvents } from "./event-types.ts";
import { deliveryMethods, ssfPaths } from "./metadata.ts";
import type { Receiver } from "./receivers.ts";
import { SsfError } from "./ssf-error.ts";

/** A receiver that has a stream. */
export type Stream = Receiver & { readonly streamId: string };

/** How long a receiver should wait between two verifications, in seconds. */
const verificationInterval = 10;

/**
 * The stream of a receiver, if this is its id.
 *
 * @throws SsfError 404: another's stream looks like none
 */
export function streamOf(receiver: Receiver, id: string | null): Stream {
  const { streamId } = receiver;
  if (streamId === null || id !== streamId) throw new SsfError(404, "There is no such stream.");
  return { ...receiver, streamId };
}

/** The types of events that a stream carries. */
export function deliveredOf({ requested }: Pick<Receiver, "requested">): readonly string[] {
  return supportedEvents.filter((type) => requested.includes(type));
}

/** A stream as its receiver reads it (Shared Signals Framework 1.0 §8.1.1). The header that it chose is not repeated. */
export function toConfiguration(stream: Stream, issuer: string) {
  const { streamId, audience, requested, description, method, endpoint } = stream;
  const url = method === "push" ? endpoint : issuer + ssfPaths.poll;
  return {
    stream_id: streamId,
    iss: issuer,
    aud: audience,
    delivery: { method: deliveryMethods[method], endpoint_url: url },
    events_supported: supportedEvents,
    events_requested: requested,
    events_delivered: deliveredOf(stream),
    min_verification_interval: verificationInterval,
    ...(description === null ? {} : { description }),
  };
}

/** The status of a stream as its receiver reads it (§8.1.2). */
export function toStatus({ streamId, status, statusReason }: Stream) {
  return { stream_id: streamId, status, ...(statusReason === null ? {} : { reason: statusReason }) };
}
