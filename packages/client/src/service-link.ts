import {
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  isNonJsonSerializable,
  type Operation,
  type OperationLink,
  type TRPCLink,
} from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { EventSource } from "eventsource";

import { type EventFetchOptions, toEventFetch } from "./event-fetch.ts";
import { toLinkFetch } from "./fetch.ts";

export type ServiceLinkOptions = EventFetchOptions & {
  /** Where the service's procedures are, such as `http://localhost:4000/trpc/orders`. */
  readonly url: string;
  /** Not for a service that sets cookies per answer and refuses batches. */
  readonly isBatched: boolean;
};

/** What the platform answers at most in one HTTP request; a server refuses more. */
const maxItems = 20;
/** Servers and proxies commonly refuse a request line from 8 KiB on. */
const maxURLLength = 8_000;

/**
 * The stock links to one service, each call by the one that fits it:
 *
 * - a subscription by Server-Sent Events, resumed after the last tracked item when the connection breaks;
 * - a call with `{ context: { stream: true } }` by a streamed batch, for outputs that are async iterables or hold promises;
 *   such an answer begins with status 200 before anything is known, so that it is asked for and never the rule;
 * - an input that is no JSON (FormData, a file, bytes) alone;
 * - everything else in batches.
 */
export function serviceLink(options: ServiceLinkOptions): TRPCLink<AnyTRPCRouter> {
  const { url, headers, credentials, isBatched } = options;
  const single = { url, headers, fetch: toLinkFetch(options.fetch, { credentials }) };
  const batch = { ...single, maxItems, maxURLLength };
  const eventSourceOptions = { fetch: toEventFetch(options) };
  return (runtime) => {
    const alone = httpLink(single)(runtime);
    const batched = httpBatchLink(batch)(runtime);
    const streamed = httpBatchStreamLink(batch)(runtime);
    const subscribed = httpSubscriptionLink({ url, EventSource, eventSourceOptions })(runtime);
    const choose = ({ type, input, context }: Operation): OperationLink<AnyTRPCRouter> => {
      if (type === "subscription") return subscribed;
      if (!isBatched || isNonJsonSerializable(input)) return alone;
      return context["stream"] === true ? streamed : batched;
    };
    return (call) => choose(call.op)(call);
  };
}
