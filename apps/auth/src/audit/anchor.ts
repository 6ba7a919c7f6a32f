import { createHmac, timingSafeEqual } from "node:crypto";
import type { Database } from "@countersign/database";
import { auditAnchor } from "../schema.ts";
import { genesis, type Link } from "./chain.ts";

/** Where the stored chain begins (all before it has expired) and where it ends, kept apart from its rows. */
export type Anchor = { readonly base: Link; readonly head: Link; readonly mac: string };

/**
 * Reads the anchor, and with a lock holds it until the transaction ends: one at a time seals or expires.
 *
 * @returns null when another transaction holds it and `lock` is `skip`
 * @throws AnchorError `anchor_missing`
 */
export async function readAnchor(tx: Database, lock?: "wait" | "skip"): Promise<Anchor | null> {
  const read = tx.select().from(auditAnchor);
  const locked = lock === "skip" ? read.for("update", { skipLocked: true }) : read.for("update");
  const [row] = await (lock === undefined ? tx.select().from(auditAnchor) : locked);
  if (row === undefined) {
    if (lock === "skip") return null;
    throw new AnchorError("anchor_missing", "The anchor of the audit log is gone.");
  }
  const { basePosition, baseHash, headPosition, headHash, mac } = row;
  return { base: { position: basePosition, hash: baseHash }, head: { position: headPosition, hash: headHash }, mac };
}

/** Moves the anchor, under a MAC of the newest key. */
export async function moveAnchor(
  tx: Database,
  links: { readonly base: Link; readonly head: Link },
  keys: readonly Uint8Array[],
): Promise<void> {
  const [newest] = keys;
  if (newest === undefined) throw new RangeError("At least one key is needed.");
  const { base, head } = links;
  await tx.update(auditAnchor).set({
    basePosition: base.position,
    baseHash: base.hash,
    headPosition: head.position,
    headHash: head.hash,
    mac: macOf(links, "rows signed", newest).toString("hex"),
  });
}

/** Who wrote an anchor: an auth that signs every row, or one of a version before that. */
export type AnchorKind = "rows signed" | "rows unsigned";

/**
 * Throws unless the anchor was written by a holder of one of the keys, or never yet: whoever has the database alone can
 * rewrite the chain, and cannot make an anchor to match.
 *
 * @throws AnchorError `anchor_forged`
 */
export function assertOurs(anchor: Anchor, keys: readonly Uint8Array[]): AnchorKind {
  const { base, head, mac } = anchor;
  const isNew = mac === "" && [base, head].every((link) => link.position === 0 && link.hash === genesis.hash);
  if (isNew) return "rows signed";
  const given = Buffer.from(mac, "hex");
  const isMade = (kind: AnchorKind) =>
    keys.some((key) => given.length === 32 && timingSafeEqual(given, macOf(anchor, kind, key)));
  if (isMade("rows signed")) return "rows signed";
  if (isMade("rows unsigned")) return "rows unsigned";
  throw new AnchorError("anchor_forged", "The anchor of the audit log was not written by auth.");
}

/** The anchor says that something else than auth has written to the audit log. */
export class AnchorError extends Error {
  override readonly name = "AnchorError";
  readonly code: "anchor_missing" | "anchor_forged";

  constructor(code: AnchorError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

function macOf(
  { base, head }: { readonly base: Link; readonly head: Link },
  kind: AnchorKind,
  key: Uint8Array,
): Buffer {
  const name = kind === "rows signed" ? "audit anchor 2" : "audit anchor";
  const text = JSON.stringify([name, base.position, base.hash, head.position, head.hash]);
  return createHmac("sha256", key).update(text).digest();
}
