import type { Database } from "@countersign/database";
import type { AccessClaims, Actor } from "@countersign/tokens";
import { and, eq, gte, inArray, isNull, or, type SQL } from "drizzle-orm";
import { outbox, type RevocationKind } from "../schema.ts";

/** Whether the outbox holds a revocation that covers this token. Rows outlive every token that they could match. */
export async function isRevoked(db: Database, claims: AccessClaims): Promise<boolean> {
  const matches = [covers("token", claims.tokenId)];
  if (claims.class !== "service") matches.push(covers("user", claims.subject), covers("session", claims.sessionId));
  if (claims.class === "service") matches.push(covers("service", claims.subject));
  if (claims.class === "delegated")
    matches.push(covers("service", ...chainOf(claims.actor)), covers("token", ...claims.exchangedFrom));
  const inTime = or(isNull(outbox.issuedBefore), gte(outbox.issuedBefore, claims.issuedAt));
  const [found] = await db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(or(...matches), inTime))
    .limit(1);
  return found !== undefined;
}

function chainOf(actor: Actor | undefined): readonly string[] {
  return actor === undefined ? [] : [actor.subject, ...chainOf(actor.actor)];
}

function covers(kind: RevocationKind, ...subjects: readonly string[]): SQL | undefined {
  return and(eq(outbox.kind, kind), inArray(outbox.subject, [...subjects]));
}
