import { lte } from "drizzle-orm";
import { expireAudit } from "./audit/expire.ts";
import { rotateKeys } from "./keys/rotate-keys.ts";
import type { Auth } from "./open-auth.ts";
import { clientAssertions, pendingSignIns, sessions, signInCodes } from "./schema.ts";
import { links } from "./schema-links.ts";

/** How often auth looks after itself, in milliseconds. */
export type Pace = {
  /** Looks for revocations that nobody has published: a command wrote them, or a replica before it died. */
  readonly outbox: number;
  /** Seals what this process has written to the audit log, if anything. */
  readonly seal: number;
  /** Publishes a heartbeat on the feed of revocations. */
  readonly beat: number;
  /** Seals what any process has written to the audit log; writes down refreshes that failed. */
  readonly flush: number;
  /** Reads the signing keys, rotates when it is time, and removes what has expired. */
  readonly tidy: number;
};

const standardPace: Pace = { outbox: 500, seal: 250, beat: 1_000, flush: 5_000, tidy: 60_000 };

/**
 * Starts the care that auth needs while it runs, and gives the function that ends it and waits for what is under way.
 * What fails is logged and tried again at the next turn.
 */
export function keepUp(auth: Auth, pace: Pace = standardPace): () => Promise<void> {
  const { deps } = auth;
  const { waiting, seal, checkpoint } = deps.auditWork;
  const stops = [
    repeat(auth, { name: "publish", every: pace.outbox, work: () => deps.relay.flush() }),
    repeat(auth, { name: "push", every: pace.outbox, work: deps.pusher.turn }),
    repeat(auth, { name: "mail", every: pace.outbox, work: async () => deps.mailSender?.turn() }),
    repeat(auth, { name: "beat", every: pace.beat, work: () => deps.relay.beat() }),
    repeat(auth, { name: "failed_refreshes", every: pace.flush, work: () => deps.failedRefreshes.flush() }),
    repeat(auth, { name: "seal_audit", every: pace.flush, work: seal }),
    repeat(auth, { name: "seal_audit", every: pace.seal, work: async () => (waiting() > 0 ? seal() : undefined) }),
    repeat(auth, { name: "tidy", every: pace.tidy, work: () => tidy(auth) }),
    repeat(auth, {
      name: "expire_audit",
      every: pace.tidy,
      work: () => expireAudit(deps, expiryBatches).then(() => undefined),
    }),
    repeat(auth, { name: "checkpoint", every: pace.tidy, work: checkpoint }),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    await Promise.all([deps.pusher.idle(), deps.mailSender?.close()]);
  };
}

/** One turn of the slower care. */
export async function tidy({ deps }: Auth): Promise<void> {
  await deps.keys.reload();
  await rotateKeys(deps);
  await deps.relay.sweep();
  const moment = new Date(deps.now());
  await deps.mailSender?.sweep();
  await deps.db.delete(links).where(lte(links.expiresAt, moment));
  await deps.db.delete(sessions).where(lte(sessions.absoluteExpiresAt, moment)); // an ended one stays known until here
  await deps.db.delete(pendingSignIns).where(lte(pendingSignIns.expiresAt, moment));
  await deps.db.delete(signInCodes).where(lte(signInCodes.expiresAt, moment));
  // A clock that was set ahead, and back, must not make an assertion good again that was used
  const longAgo = new Date(deps.now() - 2 * 60 * 60_000);
  await deps.db.delete(clientAssertions).where(lte(clientAssertions.expiresAt, longAgo));
}

/** How many batches of old audit rows one turn removes: a backlog takes several turns, and a stop waits for one. */
const expiryBatches = 50;

type Repeated = { readonly name: string; readonly every: number; readonly work: () => Promise<void> };

function repeat({ deps }: Auth, { name, every, work }: Repeated): () => Promise<void> {
  let running = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = work()
      .catch((error: unknown) => {
        deps.careFailed(name, error);
        deps.log.warn({ err: error, work: name }, "Looking after auth failed; the next turn tries again.");
      })
      .finally(() => {
        isBusy = false;
      });
  }, every);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
