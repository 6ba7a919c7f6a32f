import { and, eq, gt, isNotNull, isNull, lte, or } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { ssfReceivers } from "../schema.ts";
import type { SealingKey } from "../secrets/derive-secrets.ts";
import { unseal } from "../secrets/seal.ts";
import { acknowledge } from "./acknowledge.ts";
import { streamEvents } from "./event-types.ts";
import { lockReceiver } from "./lock-receiver.ts";
import { pushAnew } from "./manage-stream.ts";
import { addNotice } from "./notices.ts";
import { labelOf } from "./receivers.ts";
import { type PushFetch, sendSet } from "./send-set.ts";
import type { Stream } from "./stream.ts";
import { readWaitingSets } from "./waiting-sets.ts";

export type PushDeps = Omit<RouterDeps, "pusher" | "mailSender"> & {
  /** Those that a stored header may be sealed with. */
  readonly sealingKeys: readonly SealingKey[];
  readonly fetch: PushFetch;
};

const batch = 20;
/** How long one replica has a stream for itself, and how long it goes on sending, in milliseconds. */
const lease = 30_000;
const sendsFor = 20_000;
const longestPause = 60_000;
/** A stream that fails for as long as events are kept is paused: what it would get next has gaps, and its owner is told. */
const failsFor = 20 * 60_000;

/** The streams that are pushed, and are not waiting after a failure or being sent by another replica. */
export async function readDueStreams({ db, now }: PushDeps): Promise<readonly Stream[]> {
  const rows = await db.select().from(ssfReceivers).where(isDue(now()));
  return rows.flatMap((row) => (row.streamId === null ? [] : [{ ...row, streamId: row.streamId }]));
}

/** Sends what waits in a stream, in order, until all of it is out or one event was not taken. */
export async function pushStream(deps: PushDeps, stream: Stream): Promise<void> {
  const { sets } = await readWaitingSets(deps, stream, batch);
  if (sets.size === 0 || stream.endpoint === null) return;
  if (!(await claim(deps, stream))) return;
  const { sealedAuthorization: sealed } = stream;
  const authorization = sealed === null ? null : unseal(sealed, labelOf(stream.name), deps.sealingKeys);
  const target = { endpoint: stream.endpoint, authorization };
  const begun = performance.now();
  let { failures } = stream;
  for (const [id, token] of sets) {
    const outcome = await sendSet(token, target, { fetch: deps.fetch, closing: deps.revocationFeed.closing });
    if (outcome.result === "failed") return await fail(deps, stream, { reason: outcome.reason, failures });
    if (outcome.result === "refused") {
      const said = { receiver: stream.name, event: id, err: outcome.reason };
      deps.log.warn(said, "A receiver of security events could not use one.");
    }
    await acknowledge(deps.db, stream, new Set([id]));
    failures = 0;
    if (performance.now() - begun > sendsFor) break;
  }
  await settle(deps, stream, pushAnew);
}

/** A moment far ahead was written by a clock that has been set back since. */
function isDue(now: number) {
  const { streamId, method, status, pushAfter } = ssfReceivers;
  const due = or(isNull(pushAfter), lte(pushAfter, new Date(now)), gt(pushAfter, new Date(now + 2 * longestPause)));
  return and(isNotNull(streamId), eq(method, "push"), eq(status, "enabled"), due);
}

/** Whether this replica has the stream now. */
async function claim({ db, now }: PushDeps, { name, streamId }: Stream): Promise<boolean> {
  const claimed = await db
    .update(ssfReceivers)
    .set({ pushAfter: new Date(now() + lease) })
    .where(and(isDue(now()), eq(ssfReceivers.name, name), eq(ssfReceivers.streamId, streamId)))
    .returning({ name: ssfReceivers.name });
  return claimed.length > 0;
}

type Failed = { readonly reason: string; readonly failures: number };

async function fail(deps: PushDeps, stream: Stream, { reason, failures }: Failed): Promise<void> {
  const { now } = deps;
  const failingSince = failures === 0 ? new Date(now()) : (stream.failingSince ?? new Date(now()));
  if (now() - failingSince.getTime() >= failsFor) return await pause(deps, stream, reason);
  const wait = Math.min(1_000 * 2 ** Math.min(failures, 10), longestPause) * (1 + deps.random() / 4);
  await settle(deps, stream, { failures: failures + 1, failingSince, pushAfter: new Date(now() + wait) });
  deps.log.debug({ receiver: stream.name, reason }, "A security event could not be pushed; it is tried again.");
}

/** The receiver reads why, and sets the stream going again itself. */
async function pause(deps: PushDeps, { name, streamId }: Stream, reason: string): Promise<void> {
  const statusReason = `Pushing failed for 20 minutes: ${reason}.`;
  await deps.db.transaction(async (tx) => {
    const locked = await lockReceiver(tx, name);
    if (locked.streamId !== streamId || locked.status !== "enabled") return;
    const said = { type: streamEvents.updated, event: { status: "paused", reason: statusReason } };
    const notices = addNotice(locked.notices, said, deps);
    const paused = { ...pushAnew, status: "paused" as const, statusReason, notices };
    await tx.update(ssfReceivers).set(paused).where(eq(ssfReceivers.name, name));
    const entry = { action: "stream.status_changed", outcome: "allowed", actor: "system", subject: name } as const;
    await record(tx, { ...entry, detail: { status: "paused", reason } }, { at: deps.now(), from: null });
  });
  deps.log.warn({ receiver: name, reason }, "A stream of security events is paused: its receiver has taken nothing.");
}

/** Lets go of the stream, unless its receiver has changed it meanwhile and it is to begin anew. */
async function settle(
  { db }: PushDeps,
  { name, streamId }: Stream,
  columns: Partial<typeof ssfReceivers.$inferInsert>,
): Promise<void> {
  const isOurs = and(
    eq(ssfReceivers.name, name),
    eq(ssfReceivers.streamId, streamId),
    isNotNull(ssfReceivers.pushAfter),
  );
  await db.update(ssfReceivers).set(columns).where(isOurs);
}
