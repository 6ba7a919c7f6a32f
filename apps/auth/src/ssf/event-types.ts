import { eventTypes } from "@countersign/context";

/** The events that a receiver can ask for: those of the feed that are of CAEP 1.0. */
export const supportedEvents = [eventTypes.sessionRevoked, eventTypes.claimsChanged] as const;

const ssf = "https://schemas.openid.net/secevent/ssf/event-type/";

/** The events about a stream itself, which every receiver gets (Shared Signals Framework 1.0 §8.1.4, §8.1.5). */
export const streamEvents = { verification: `${ssf}verification`, updated: `${ssf}stream-updated` } as const;
