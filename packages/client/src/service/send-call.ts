import { codeOf } from "../code-of.ts";
import type { CallClient } from "./call-client.ts";
import { callHeaders, tracingHeaders } from "./call-headers.ts";
import type { Circuits, Verdict } from "./circuits.ts";
import type { ExchangedTokens } from "./exchanged-tokens.ts";
import type { ServiceCall } from "./service-call.ts";
import type { ServiceTokens } from "./tokens.ts";
import { within } from "./within.ts";

/** By what a call goes out. */
export type Way = {
  readonly client: CallClient;
  readonly tokens: ServiceTokens;
  readonly exchanged: Pick<ExchangedTokens, "tokenFor" | "drop">;
  readonly circuits: Circuits;
  readonly judge: (error: unknown) => Verdict;
  readonly now: () => number;
};

/**
 * Sends a call, unless the callee's circuit is open. A token that the callee refuses is replaced and the call sent once
 * more: a refused one has done nothing.
 *
 * @param endsAt when it is given up, in milliseconds since the epoch
 */
export async function sendCall(way: Way, call: ServiceCall, endsAt: number): Promise<unknown> {
  const tokens = tokensFor(way, call);
  const inTime = <T>(work: (signal: AbortSignal) => Promise<T>, signal = call.signal): Promise<T> =>
    within({ ms: endsAt - way.now(), signal }, work);
  const send = (token: string): Promise<unknown> => {
    const post = (signal: AbortSignal): Promise<unknown> => {
      const sent = { token, msLeft: endsAt - way.now(), isRepeat: call.isRepeat === true };
      return way.client(call, callHeaders(call, sent), signal);
    };
    // twice, because in a circuit that is half open a call waits for another one before it is sent
    return inTime((waiting) => way.circuits.run(call.callee, () => inTime(post, waiting), way.judge));
  };

  const token = await inTime(tokens.get);
  try {
    return await send(token);
  } catch (error) {
    if (codeOf(error) !== "UNAUTHORIZED") throw error;
    tokens.drop(token);
    const fresh = await inTime(tokens.get);
    if (fresh === token) throw error;
    return await send(fresh);
  }
}

/** For a user only ever the user's: without it a call would have the rights of the service instead. */
function tokensFor({ tokens, exchanged }: Way, call: ServiceCall) {
  const { callee, subject } = call;
  if (subject === null || subject === undefined) {
    return { get: () => tokens.tokenFor(callee), drop: (token: string) => tokens.drop(callee, token) };
  }
  const exchange = { callee, subject, headers: tracingHeaders(call) };
  return { get: () => exchanged.tokenFor(exchange), drop: (token: string) => exchanged.drop(exchange, token) };
}
