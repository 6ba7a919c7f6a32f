/** What is known of the other end of the connection: its IP address as text, empty when it is already gone. */
export type Peer = { address: string };

/** An application: a request and its peer in, a response out. */
export type Fetch = (request: Request, peer: Peer) => Response | Promise<Response>;

/** The part of a logger that a listener needs; a pino logger fits. */
export type ServeLog = { error: (details: object, message: string) => void };

/** How long a peer may take, and how much of a listener it may hold. Times are in milliseconds. */
export type ListenerLimits = {
  /** Until the headers of a request are there. */
  readonly headersTimeoutMs: number;
  /** Until a request is there with its body. */
  readonly requestTimeoutMs: number;
  /** From the end of an answer to the next request. */
  readonly keepAliveTimeoutMs: number;
  /** How long bytes of an answer may lie here because the peer does not take them. */
  readonly stallTimeoutMs: number;
  /** From the headers of a request to the end of its answer, unless that is a stream of events. */
  readonly exchangeTimeoutMs: number;
  readonly maxHeaderBytes: number;
  /** Connections at once, of everyone; on Bun what it takes. */
  readonly connections: number;
  /**
   * Connections at once of one address, or one /64 of IPv6; on Bun requests at once, since its listener shows no
   * connection before it has a request.
   */
  readonly connectionsPerAddress: number;
};

export type ServeOptions = {
  /** 0 asks for any free port. */
  port: number;
  hostname: string;
  /** The setting that the port comes from, for errors; PORT by default. */
  portSetting?: "PORT" | "METRICS_PORT" | undefined;
  log?: ServeLog | undefined;
  /** How long `stop()` waits for requests in flight, in milliseconds. */
  drainMs?: number | undefined;
  /** What differs from the standard limits. */
  limits?: Partial<ListenerLimits> | undefined;
  /** Whether a peer is a proxy of ours, whose connections are those of many: it may hold any number. */
  isProxy?: ((address: string) => boolean) | undefined;
};

/** A bound listener. */
export type Served = {
  url: string;
  port: number;
  /** From here on every answer says `connection: close`; connections and requests are still taken. */
  announceStop: () => void;
  stop(): Promise<void>;
};
