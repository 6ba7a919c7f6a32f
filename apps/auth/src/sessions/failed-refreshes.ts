import type { Log } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, eq, gte, isNull, lte, or } from "drizzle-orm";
import { sessions } from "../schema.ts";
import { clockTolerance, type SessionLife } from "./session-life.ts";

/** A refresh that was answered with a failure of ours: when the token came, and when it failed, in milliseconds. */
export type FailedRefresh = {
  readonly sessionId: string;
  readonly generation: number;
  readonly from: number;
  readonly until: number;
};

/** The refreshes that failed on our side and are not written down yet. */
export type FailedRefreshes = {
  /** Remembers one, and tries to write down what waits. */
  add(failed: FailedRefresh): void;
  /** Writes down what waits of this session, before anything is decided about it. Rejects when that is not possible. */
  write(sessionId: string): Promise<void>;
  /** Writes down all that waits. Never rejects: what cannot be written is kept for the next time. */
  flush(): Promise<void>;
};

export type FailedRefreshesDeps = { readonly db: Database; readonly sessionLife: SessionLife; readonly log: Log };

/** A hundred bytes each; beyond that, the oldest is forgotten, and its token has the ordinary grace. */
const most = 10_000;

/**
 * Remembers refreshes that failed on our side, also while the database cannot be written to. A token that came in time and
 * was answered with a failure may have been rotated all the same, by this request (its answer could not be signed, its
 * commit could not be told of) or by another one. The row then says that the answer failed, and the token goes on to
 * count: what nobody received, nobody can have stolen. Only tokens of ours come here, and no client can cause a failure by
 * going away, so that none can stretch the grace at will.
 */
export function createFailedRefreshes({ db, sessionLife, log }: FailedRefreshesDeps): FailedRefreshes {
  const waiting = new Map<string, FailedRefresh>();
  let running: Promise<void> | null = null;

  async function write(sessionId: string): Promise<void> {
    const failed = waiting.get(sessionId);
    if (failed === undefined) return;
    await db.update(sessions).set({ answerFailed: true }).where(isOvertaken(failed, sessionLife));
    if (waiting.get(sessionId) === failed) waiting.delete(sessionId);
  }

  async function writeAll(): Promise<void> {
    try {
      for (const sessionId of waiting.keys()) await write(sessionId);
    } catch (error) {
      log.warn({ err: error, waiting: waiting.size }, "Failed refreshes could not be written down yet.");
    } finally {
      running = null;
    }
  }

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    running ??= writeAll();
    await running;
  }

  return {
    add(failed) {
      waiting.set(failed.sessionId, merge(waiting.get(failed.sessionId), failed));
      const [oldest] = waiting.keys();
      if (waiting.size > most && oldest !== undefined) waiting.delete(oldest);
      running ??= writeAll();
    },
    write,
    flush,
  };
}

/** Of several failures with one token the first one counts, and every moment until the last. */
function merge(known: FailedRefresh | undefined, failed: FailedRefresh): FailedRefresh {
  if (known === undefined || known.generation < failed.generation) return failed;
  return known.generation === failed.generation ? { ...known, until: failed.until } : known;
}

/** The session was rotated so shortly before the token came that it was in time, or while it was being decided about. */
function isOvertaken({ sessionId, generation, from, until }: FailedRefresh, { grace, bearerGrace }: SessionLife) {
  const since = (wanted: number) => gte(sessions.rotatedAt, new Date(from - wanted - clockTolerance));
  return and(
    eq(sessions.id, sessionId),
    eq(sessions.generation, generation + 1),
    isNull(sessions.endedAt),
    or(and(eq(sessions.isBearer, true), since(bearerGrace)), since(grace)),
    lte(sessions.rotatedAt, new Date(until + clockTolerance)),
  );
}
