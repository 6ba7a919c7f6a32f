import { createPlatformClient, createSession } from "@countersign/client";
import type { Routers } from "./ssr-site.ts";

/** What a page of the browser tests offers to the test. It is bundled and runs in a real browser. */
export type TestPage = ReturnType<typeof openPage>;

function openPage() {
  let signedOut = 0;
  const onSignedOut = (): void => {
    signedOut += 1;
  };
  const session = createSession({ url: "", mode: "cookie", onSignedOut });
  const client = createPlatformClient<Routers>({ url: "", session });
  const items: string[] = [];
  return {
    session,
    signedOut: () => signedOut,
    /** Several calls at once, to more than one service; gives the user's address once for each. */
    use: async (): Promise<string[]> => {
      const [mine, me, again] = await Promise.all([
        client.orders.list.query({}),
        client.auth.me.query(),
        client.auth.me.query(),
      ]);
      return [me.email, again.email, ...mine.items.map(({ id }) => id)];
    },
    /** Follows the caller's orders. */
    watch: () =>
      client.orders.watch.subscribe(undefined, { onData: ({ data }) => void items.push(JSON.stringify(data)) }),
    items: () => items,
  };
}

Object.assign(globalThis, { shop: openPage() });
