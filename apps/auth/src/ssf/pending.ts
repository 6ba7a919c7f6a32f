import { eventTypes, rolesChanged } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, asc, eq, gt, inArray, isNull, ne, notInArray, or } from "drizzle-orm";
import { outbox, sessions } from "../schema.ts";
import type { OutsideRow } from "./outside-event.ts";
import { deliveredOf, type Stream } from "./stream.ts";

type Wanted = Pick<Stream, "position" | "acknowledged" | "requested">;

/** The first revocations that a stream carries and its receiver has not acknowledged, in their order. */
export async function readPending(db: Database, stream: Wanted, limit: number): Promise<readonly OutsideRow[]> {
  const ofUser = eq(outbox.kind, "user");
  const kinds = {
    [eventTypes.sessionRevoked]: or(
      eq(outbox.kind, "session"),
      and(ofUser, or(isNull(outbox.reason), ne(outbox.reason, rolesChanged))),
    ),
    [eventTypes.claimsChanged]: and(ofUser, eq(outbox.reason, rolesChanged)),
  };
  const types = Object.entries(kinds).filter(([type]) => deliveredOf(stream).includes(type));
  if (types.length === 0) return [];
  const done = stream.acknowledged.length === 0 ? [] : [notInArray(outbox.number, stream.acknowledged)];
  const isWanted = and(gt(outbox.number, stream.position), or(...types.map(([, condition]) => condition)), ...done);
  const rows = await db.select().from(outbox).where(isWanted).orderBy(asc(outbox.number)).limit(limit);
  const owners = await readOwners(
    db,
    rows.flatMap(({ kind, subject }) => (kind === "session" ? [subject] : [])),
  );
  return rows.flatMap((row) =>
    row.number === null ? [] : [{ ...row, number: row.number, userId: owners.get(row.subject) ?? null }],
  );
}

/** Whose these sessions are. One of a deleted user is nobody's any more. */
async function readOwners(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const owned = { id: sessions.id, userId: sessions.userId };
  const rows = await db
    .select(owned)
    .from(sessions)
    .where(inArray(sessions.id, [...ids]));
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}
