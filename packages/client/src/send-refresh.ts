import { AuthError, postAuth, type RestOptions } from "./rest.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Timers } from "./timers.ts";

export type RefreshDeps = { readonly rest: RestOptions; readonly surroundings: Pick<Surroundings, "now" | "timers"> };

/** No answer for so long may be none at all; the second request still arrives within auth's grace. */
const silentMs = 4_000;
/** A connection that broke is made anew after a moment. */
const breathMs = 500;
/** Auth gives the successor of a refresh token once more for ten seconds (0017); what comes later is reuse. */
const graceMs = 8_000;

/**
 * Asks auth for new tokens, and once more when the answer is lost: the session has then moved on, and its newest token is
 * nowhere but in that answer. Within auth's grace a second request gets the same token again; after it, it would end the
 * session, so that a machine which slept in between asks no more.
 *
 * @throws {AuthError} what auth said, or status 0 when it said nothing
 */
export async function sendRefresh({ rest, surroundings }: RefreshDeps, input: object): Promise<unknown> {
  const { now, timers } = surroundings;
  const begun = now();
  const send = (): Promise<Outcome> => postAuth(rest, "refresh", input).then(toAnswer, toFailure);
  const first = send();
  const early = await orSilence(first, timers);
  if (early !== null && !isLost(early)) return open(early);
  if (early !== null) await orSilence(new Promise(() => undefined), timers, breathMs);
  if (now() - begun > graceMs) return open(await first);
  const second = send();
  return open(
    await Promise.race([
      first.then((outcome) => (isLost(outcome) ? second : outcome)),
      second.then((outcome) => (isLost(outcome) ? first : outcome)),
    ]),
  );
}

type Outcome = { readonly body: unknown } | { readonly error: unknown };

const toAnswer = (body: unknown): Outcome => ({ body });
const toFailure = (error: unknown): Outcome => ({ error });

function open(outcome: Outcome): unknown {
  if ("error" in outcome) throw outcome.error;
  return outcome.body;
}

function isLost(outcome: Outcome): boolean {
  return "error" in outcome && outcome.error instanceof AuthError && outcome.error.status === 0;
}

/** What `work` gives, or null when that takes too long. */
async function orSilence<T>(work: Promise<T>, timers: Timers, ms = silentMs): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const stop = timers.after(ms, () => resolve(null));
  return await Promise.race([work, promise]).finally(stop);
}
