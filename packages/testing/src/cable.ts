import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that can be cut like a cable. */
export type Cable = {
  /** Where to connect to instead of the server; on 127.0.0.1. */
  readonly port: number;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Lets through again. */
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** Passes bytes to and from a server on 127.0.0.1, for tests of what happens when it cannot be reached. */
export async function createCable(serverPort: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(serverPort, "127.0.0.1");
    const pair: readonly Socket[] = [near, far];
    for (const [index, socket] of pair.entries()) {
      sockets.add(socket);
      socket.on("close", () => {
        sockets.delete(socket);
        pair[1 - index]?.destroy();
      });
      socket.on("error", () => socket.destroy()); // both ends learn of it by the close
    }
    near.pipe(far).pipe(near);
  });

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", () => resolve());
    });
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo; // it listens on a port, hence not on a path
  return { port, cut, mend: () => listen(port), close: () => (server.listening ? cut() : Promise.resolve()) };
}
