import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Upstream = {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
};

/** A bare HTTP server on this port of this machine, a free one unless told, for answers that no well-behaved service gives. */
export async function startUpstream(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  wanted = 0,
): Promise<Upstream> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP listener has one
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits until something has become true; fails after three seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition never became true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
