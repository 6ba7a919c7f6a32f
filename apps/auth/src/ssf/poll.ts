import type { RouterDeps } from "../deps.ts";
import { acknowledge } from "./acknowledge.ts";
import type { LongPolls } from "./long-polls.ts";
import { readReceiver } from "./receivers.ts";
import type { Stream } from "./stream.ts";
import type { PollInput } from "./stream-input.ts";
import { readWaitingSets, type WaitingSets } from "./waiting-sets.ts";

/** Events in one answer, at most and unless told. */
const mostEvents = 100;
const nothing = (): WaitingSets => ({ sets: new Map(), more: false });

export type PollDeps = RouterDeps & { readonly longPolls: LongPolls };

/**
 * Takes what a receiver acknowledges, or could not use, and answers with what waits (RFC 8936 §2.4). Where nothing does, the
 * answer waits for it up to 20 seconds unless the receiver wants it now. What is not acknowledged comes again.
 *
 * @param gone ends the wait
 */
export async function poll(deps: PollDeps, stream: Stream, { input, gone }: { input: PollInput; gone: AbortSignal }) {
  for (const [id, { err }] of Object.entries(input.setErrs)) {
    deps.log.warn({ receiver: stream.name, event: id, err }, "A receiver of security events could not use one.");
  }
  await acknowledge(deps.db, stream, new Set([...input.ack, ...Object.keys(input.setErrs)]));
  const limit = Math.min(input.maxEvents ?? mostEvents, mostEvents);
  const { sets, more } = limit === 0 ? nothing() : await waitForSets(deps, stream, { limit, input, gone });
  return { sets: Object.fromEntries(sets), ...(more ? { moreAvailable: true } : {}) };
}

type Wait = { readonly limit: number; readonly input: PollInput; readonly gone: AbortSignal };

async function waitForSets(deps: PollDeps, stream: Stream, { limit, input, gone }: Wait): Promise<WaitingSets> {
  const look = async () => {
    const { streamId } = stream;
    const receiver = await readReceiver(deps.db, stream.name); // anew: it may have been paused or removed meanwhile
    return receiver?.streamId === streamId ? await readWaitingSets(deps, { ...receiver, streamId }, limit) : null;
  };
  const first = await look();
  if (first === null || first.sets.size > 0 || input.returnImmediately) return first ?? nothing();
  const later = await deps.longPolls.wait(stream.name, gone, async () => {
    const found = await look();
    return found === null || found.sets.size > 0 ? (found ?? nothing()) : null;
  });
  return later ?? nothing();
}
