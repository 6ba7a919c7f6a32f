import type { ServiceName } from "@countersign/access";

/** One call to another service, as the port that the chassis fills carries it out. */
export type OutgoingCall = {
  readonly callee: ServiceName;
  readonly path: string;
  readonly input: unknown;
  /** Passed on, so that one request can be followed through every service. */
  readonly requestId: string;
  /** Ends the call when the caller has gone. */
  readonly signal: AbortSignal | undefined;
};

/** Carries a call out with this service's own identity; rejects with a Refusal. */
export type CallPort = (call: OutgoingCall) => Promise<unknown>;
