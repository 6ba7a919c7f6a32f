import type { ServiceName } from "@countersign/access";

import type { CallSubject } from "./exchanged-tokens.ts";

/** One call to another service. */
export type ServiceCall = {
  readonly callee: ServiceName;
  /** The procedure's path in the callee's router, such as `reserve` or `sessions.list`. */
  readonly path: string;
  readonly input: unknown;
  /** Passed on as `x-request-id`. */
  readonly requestId: string;
  /** W3C Trace Context, passed on as it is. */
  readonly trace?: { readonly traceparent: string; readonly tracestate: string | null } | undefined;
  /** The user for whom the caller calls; without one it calls for itself. */
  readonly subject?: CallSubject | null | undefined;
  /** Whether the request for which it is made is a repeat: then it is not repeated itself, and says so. */
  readonly isRepeat?: boolean | undefined;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
  /** When whoever waits gives up, in milliseconds since the epoch; a call never outlives it. */
  readonly deadline?: number | null | undefined;
};
