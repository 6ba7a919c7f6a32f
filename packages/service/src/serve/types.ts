/** What is known of the other end of the connection: its IP address as text, empty when it is already gone. */
export type Peer = { address: string };

/** An application: a request and its peer in, a response out. */
export type Fetch = (request: Request, peer: Peer) => Response | Promise<Response>;

/** The part of a logger that a listener needs; a pino logger fits. */
export type ServeLog = { error: (details: object, message: string) => void };

export type ServeOptions = {
  /** 0 asks for any free port. */
  port: number;
  hostname: string;
  log?: ServeLog | undefined;
  /** How long `stop()` waits for requests in flight, in milliseconds. */
  drainMs?: number | undefined;
};

/** A bound listener. */
export type Served = { url: string; port: number; stop(): Promise<void> };
