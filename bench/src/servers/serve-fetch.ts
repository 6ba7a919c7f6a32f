import { serve } from "@hono/node-server";

type Fetch = (request: Request) => Response | Promise<Response>;
type BunRuntime = { Bun?: { serve(options: object): { port: number } } };

/** Listens with what the runtime has for fetch handlers, without anything of ours in between; gives the port. */
export async function serveFetch(fetch: Fetch): Promise<number> {
  const { Bun } = globalThis as BunRuntime; // there on Bun alone
  if (Bun !== undefined) return Bun.serve({ port: 0, hostname: "127.0.0.1", development: false, fetch }).port;
  return await new Promise((resolve) => {
    serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port));
  });
}
