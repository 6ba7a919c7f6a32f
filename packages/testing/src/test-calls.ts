import type { ServiceName } from "@countersign/access";
import { createServiceCalls, type ServiceCalls } from "@countersign/client/service";
import { localOrigins } from "@countersign/service";
import { type InProcessApp, inProcessFetch } from "./in-process-fetch.ts";
import type { TestIssuer } from "./test-issuer.ts";

export type TestCallsOptions = {
  readonly issuer: TestIssuer;
  /** The services that can be called; any other is down. Read at each call, so that a test may replace one. */
  readonly apps: Readonly<Partial<Record<ServiceName, InProcessApp>>>;
  readonly now?: () => number;
  /** How long a call may take altogether, in milliseconds. */
  readonly limitMs?: number;
};

/**
 * How `caller` calls other services in a test, for `createTestChassis`: as in production, with tokens for one callee, and
 * users' tokens exchanged, but of the test issuer and without a network.
 */
export function createTestCalls(caller: ServiceName, options: TestCallsOptions): ServiceCalls {
  const { issuer, apps, now = Date.now, limitMs } = options;
  const drop = () => undefined; // each call has a new one
  return createServiceCalls({
    caller,
    origins: localOrigins(),
    tokens: { tokenFor: (callee) => issuer.serviceToken(caller, callee), drop },
    exchanged: { tokenFor: ({ callee, subject }) => issuer.exchange(caller, callee, subject.token), drop },
    fetch: (input, init) => inProcessFetch(byOrigin(apps))(input, init),
    now,
    ...(limitMs === undefined ? {} : { limitMs }),
  });
}

function byOrigin(apps: TestCallsOptions["apps"]): Record<string, InProcessApp> {
  const origins: Readonly<Record<string, string>> = localOrigins();
  return Object.fromEntries(Object.entries(apps).map(([name, app]) => [origins[name] ?? "", app]));
}
