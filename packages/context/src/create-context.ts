import type { Subject, Trace } from "./call-port.ts";
import type { Context, Gate, Log } from "./context.ts";
import type { Identity } from "./identity.ts";
import type { Verifier } from "./verifier.ts";

/** What the chassis knows of a request before anyone is identified. */
export type Arrival = {
  readonly request: Request;
  readonly responseHeaders: Headers;
  readonly requestId: string;
  readonly trace: Trace;
  readonly deadline: number | null;
  readonly isRepeat: boolean;
  readonly address: string;
  readonly log: Log;
};

/**
 * Builds the context of one request: the credential, if there is one, is verified here, by this service itself, and
 * nothing else in the request is ever taken for an identity.
 *
 * @throws Refusal as `Verifier.read` and `Verifier.verify` say.
 */
export async function createContext(arrival: Arrival, deps: { verifier: Verifier; gate: Gate }): Promise<Context> {
  const { verifier } = deps;
  const credential = verifier.read(arrival.request.headers);
  const identity = credential === null ? null : await verifier.verify(credential);
  return {
    user: identity?.user ?? null,
    service: identity?.service ?? null,
    token: identity?.token ?? null,
    subject: credential === null || identity === null ? null : subjectOf(verifier.tokenIn(credential), identity),
    request: arrival.request,
    responseHeaders: arrival.responseHeaders,
    watchCredential: (ended) => (identity === null ? () => undefined : verifier.watch(identity, ended)),
    requestId: arrival.requestId,
    trace: arrival.trace,
    deadline: arrival.deadline,
    isRepeat: arrival.isRepeat,
    address: arrival.address,
    log: arrival.log,
    gate: deps.gate,
  };
}

function subjectOf(token: string, { user, token: { id, expiresAt } }: Identity): Subject | null {
  return user === null ? null : { token, tokenId: id, userId: user.id, sessionId: user.sessionId, expiresAt };
}
