import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Route = (response: ServerResponse, origin: string) => void;

/** A server that a provider might be in the worst case. A path without a route is left without an answer. */
export async function startHostileProvider() {
  const routes = new Map<string, Route>();
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    seen.push(path);
    routes.get(path)?.(response, origin);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    routes,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(body: object): Route {
  return (response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  };
}
