import { createTRPCUntypedClient, httpBatchLink, httpLink, splitLink } from "@trpc/client";

import { type Fetch, toLinkFetch } from "../fetch.ts";

/** Sends one call to one service, with these headers, and gives the output. @throws TRPCClientError, or as `fetch` does */
export type CallClient = (
  request: { readonly path: string; readonly input: unknown },
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<unknown>;

/**
 * Calls the service at this origin, every procedure of it by POST. A call without an input goes as a batch of one, for
 * the body of a POST is read as JSON, and JSON has no `undefined` but by leaving it out.
 */
export function createCallClient(origin: string, fetch: Fetch): CallClient {
  const url = new URL("/trpc", origin);
  const target = { url, fetch: toLinkFetch(fetch, { redirect: "error" }) }; // a redirect would carry the token elsewhere
  const link = splitLink({
    condition: ({ input }) => input === undefined,
    true: httpBatchLink({ ...target, maxItems: 1, headers: ({ opList: [op] }) => headersOf(op.context) }),
    false: httpLink({ ...target, headers: ({ op }) => headersOf(op.context) }),
  });
  const client = createTRPCUntypedClient({ links: [link] });
  return ({ path, input }, headers, signal) =>
    client.mutation(path, input, { context: { headers }, ...(signal === undefined ? {} : { signal }) });
}

function headersOf(context: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers = context["headers"];
  return typeof headers === "object" && headers !== null ? Object.fromEntries(Object.entries(headers)) : {};
}
