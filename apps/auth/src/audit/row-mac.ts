import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { type AuditRow, canonicalJson } from "./chain.ts";

/** A row as it is about to be written, with everything filled in but what the database and the sealer add. */
export type NewAuditRow = Omit<AuditRow, "id" | "stamp" | "mac" | "position" | "hash">;

/**
 * A UUID of version 7 (RFC 9562 §5.7): it names one row for ever, and begins with the time, so that the index over all of
 * them grows at its end.
 */
export function newStamp(at: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.min(Math.max(at, 0), 2 ** 48 - 1), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * What the MAC of a row is made with: an HMAC over everything that it says but the actor. It is good for this one row, and
 * never stored, so that a statement may take it along that learns the actor from the database (`line-of-statement.ts`).
 */
export function rowSecret(row: NewAuditRow & { readonly stamp: string }, key: Uint8Array): string {
  const { stamp, at, service, action, outcome, reason, subject, requestId, address, detail, eventKey } = row;
  const what = { stamp, at: at.toISOString(), service, action, outcome, reason, subject };
  const content = canonicalJson({ ...what, requestId, address, detail, eventKey });
  return createHmac("sha256", key).update(`audit row\n${content}`).digest("hex");
}

/** The MAC of a row. The secret comes first and has a fixed length; an actor has no control character to extend it by. */
export function rowMac(secret: string, actor: string | null): string {
  return hash("sha256", actor === null ? secret : `${secret}:${actor}`, "hex");
}

/** Whether a holder of one of the keys wrote this row, which is not sealed yet. */
export function isSigned({ stamp, mac, ...row }: AuditRow, keys: readonly Uint8Array[]): boolean {
  if (stamp === null || mac === null) return false;
  const given = Buffer.from(mac, "hex");
  return keys.some((key) => {
    const own = Buffer.from(rowMac(rowSecret({ ...row, stamp }, key), row.actor), "hex");
    return given.length === own.length && timingSafeEqual(given, own);
  });
}
