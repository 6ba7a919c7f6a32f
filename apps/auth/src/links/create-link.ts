import type { Database } from "@countersign/database";
import { type LinkPurpose, links } from "../schema-links.ts";

/** A link that a mail will hold; times in milliseconds. */
export type NewLink = {
  /** The id of the mail: an attempt to send it again finds the link there already. */
  readonly id: string;
  readonly purpose: LinkPurpose;
  readonly userId: string | null;
  readonly email: string;
  readonly passwordHash?: string;
  readonly userVersion?: number;
  readonly createdAt: Date;
  readonly life: number;
};

/** Makes a link, once. @returns whether it was not there yet */
export async function createLink(tx: Database, { life, ...link }: NewLink): Promise<boolean> {
  const expiresAt = new Date(link.createdAt.getTime() + life);
  const insert = tx.insert(links).values({ ...link, expiresAt });
  return (await insert.onConflictDoNothing({ target: links.id }).returning({ id: links.id })).length > 0;
}
