import type { InProcessApp } from "@countersign/testing";
import { createParser } from "eventsource-parser";

/** One thing that a stream said: an order with its id, or what tRPC says by a name. */
export type Told = { readonly event?: string | undefined; readonly id?: string | undefined; readonly data: unknown };

/** Opens `orders.watch` as a browser would, and gives what it says one after another. */
export async function watchOrders(
  app: InProcessApp,
  { token, lastEventId }: { readonly token: string; readonly lastEventId?: string },
) {
  const leaving = new AbortController();
  const response = await app.request(
    new Request("http://orders.test/trpc/watch", {
      signal: leaving.signal,
      headers: {
        accept: "text/event-stream",
        authorization: `Bearer ${token}`,
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
    }),
  );
  const events = readEvents(response);
  return {
    status: response.status,
    async next(): Promise<Told> {
      const { value } = await events.next();
      if (value === undefined) throw new Error("The stream has ended.");
      return value;
    },
    leave: () => leaving.abort(),
  };
}

async function* readEvents(response: Response): AsyncGenerator<Told, undefined> {
  const told: Told[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) =>
      void (event === "connected" || event === "ping" || told.push({ event, id, data: data && JSON.parse(data) })),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* told.splice(0);
  }
  return undefined;
}
