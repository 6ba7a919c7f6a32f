import type { ServiceName } from "@countersign/access";

/** On whose behalf a call goes out: the token that the request came with, and what it ends with. */
export type Subject = {
  /** The user's access token, or one that was delegated to the service that called; never logged, never passed on. */
  readonly token: string;
  /** The token's own id, by which it can be revoked. */
  readonly tokenId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

/** W3C Trace Context of a request: the two headers, the first of them always there and well-formed. */
export type Trace = { readonly traceparent: string; readonly tracestate: string | null };

/** One call to another service, as the port that the chassis fills carries it out. */
export type OutgoingCall = {
  readonly callee: ServiceName;
  readonly path: string;
  readonly input: unknown;
  /** Passed on, so that one request can be followed through every service. */
  readonly requestId: string;
  readonly trace?: Trace | undefined;
  /** The user for whom the service calls; without one it calls for itself. */
  readonly subject?: Subject | null;
  /** Whether the request is a repeat: what is called because of it is then not repeated any further down. */
  readonly isRepeat?: boolean;
  /** When whoever waits gives up, in epoch milliseconds. */
  readonly deadline?: number | null;
  /** Ends the call when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
};

/** Carries a call out with this service's own identity; rejects with a Refusal. */
export type CallPort = (call: OutgoingCall) => Promise<unknown>;
