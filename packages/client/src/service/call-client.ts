import { createTRPCUntypedClient, httpLink, type Operation, splitLink } from "@trpc/client";

import { type Fetch, toLinkFetch } from "../fetch.ts";

/** Sends one call to one service, with these headers, and gives the output. @throws TRPCClientError, or as `fetch` does */
export type CallClient = (
  request: { readonly path: string; readonly input: unknown },
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<unknown>;

/**
 * Calls the service at this origin, every procedure of it by POST. A call without an input goes as a batch of one, for
 * the body of a POST is read as JSON, and JSON has no `undefined` but by leaving it out. Not by the link that batches:
 * it waits for others to come along.
 */
export function createCallClient(origin: string, fetch: Fetch): CallClient {
  const url = new URL("/trpc", origin);
  const headers = ({ op }: { op: Operation }) => headersOf(op.context);
  const fixed: RequestInit = { redirect: "error" }; // a redirect would carry the token elsewhere
  const link = splitLink({
    condition: ({ input }) => input === undefined,
    true: httpLink({ url, fetch: toLinkFetch(asBatchOfOne(fetch), fixed), headers }),
    false: httpLink({ url, fetch: toLinkFetch(fetch, fixed), headers }),
  });
  const client = createTRPCUntypedClient({ links: [link] });
  return ({ path, input }, given, signal) =>
    client.mutation(path, input, { context: { headers: given }, ...(signal === undefined ? {} : { signal }) });
}

/** Asks for a batch that holds no input, and answers with what came for its one call. */
function asBatchOfOne(fetch: Fetch): Fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    url.searchParams.set("batch", "1");
    const answer = await fetch(url, { ...init, body: "{}" });
    const body: unknown = await answer.json();
    const only: unknown = Array.isArray(body) ? body[0] : body;
    const headers = [...answer.headers].filter(([name]) => !ofBody.has(name));
    return Response.json(only, { status: answer.status, headers });
  };
}

/** What the answer said of a body that is now another one. */
const ofBody: ReadonlySet<string> = new Set(["content-length", "content-encoding", "transfer-encoding"]);

function headersOf(context: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers = context["headers"];
  return typeof headers === "object" && headers !== null ? Object.fromEntries(Object.entries(headers)) : {};
}
