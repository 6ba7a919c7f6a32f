import type { Trace } from "@countersign/context";
import type { Credentials } from "./credentials.ts";
import type { PassingRoute } from "./routes.ts";
import type { Identified } from "./trust/identify.ts";
import type { Caller } from "./trusted-proxies.ts";

/** What is settled about a request by the time it is passed on. */
export type Passage = {
  readonly route: PassingRoute;
  readonly credentials: Credentials;
  readonly caller: Caller;
  readonly requestId: string;
  /** What the service is told of the trace that this request belongs to. */
  readonly trace: Trace;
  /** The user for an upstream that is told by the gateway who is calling. */
  readonly identified: Identified | null;
};
