import { hash } from "node:crypto";
import type { audit } from "../schema.ts";

/** One row of the audit log as the database gives it. */
export type AuditRow = typeof audit.$inferSelect;

/** A place in the chain: how many rows there have ever been up to it, and the hash of the last one. */
export type Link = { readonly position: number; readonly hash: string };

/** Where the chain begins. */
export const genesis: Link = { position: 0, hash: "0".repeat(64) };

/**
 * The link that a row makes when it follows another: SHA-256 over the hash before and everything that the row says. Its
 * MAC is left out, which a row has only until it is sealed.
 */
export function linkAfter(previous: Link, row: AuditRow): Link {
  const position = previous.position + 1;
  const content = canonicalJson({ ...row, at: row.at.toISOString(), position, hash: null, mac: null });
  return { position, hash: hash("sha256", `${previous.hash}\n${content}`, "hex") };
}

/** What is wrong with a row of the chain. */
export type ChainProblem = "missing" | "changed";

/** The chain up to where it was found whole, and what is wrong with the row after it, if anything. */
export type Followed = { readonly link: Link; readonly problem: ChainProblem | null };

/** Follows the chain over sealed rows in the order of their positions. */
export function followChain(from: Link, rows: readonly AuditRow[]): Followed {
  let link = from;
  for (const row of rows) {
    if (row.position !== link.position + 1) return { link, problem: "missing" };
    const next = linkAfter(link, row);
    if (row.hash !== next.hash) return { link, problem: "changed" };
    link = next;
  }
  return { link, problem: null };
}

/**
 * JSON with one spelling for one value (RFC 8785: members sorted by their UTF-16 code units, numbers and strings as
 * ECMAScript writes them). Members that are null are left out, so that a column that is added later changes no hash.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members: Readonly<Record<string, unknown>> = { ...value };
  let text = "";
  for (const name of Object.keys(members).toSorted()) {
    const member = members[name];
    if (member === null || member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
