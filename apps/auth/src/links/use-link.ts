import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, eq, gt, isNull } from "drizzle-orm";
import { type AuditAction, record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { type LinkPurpose, links } from "../schema-links.ts";

/** A link that was still good when it was looked at. */
export type OpenLink = Pick<typeof links.$inferSelect, "id" | "userId" | "email" | "passwordHash" | "userVersion">;

/** One that belongs to an account. */
export type AccountLink = OpenLink & { readonly userId: string };

/** A presented token, and what its use is called in the audit log. */
export type PresentedLink = { readonly token: string; readonly purpose: LinkPurpose; readonly action: AuditAction };

/** The link of a token, or null when it was not issued here, was used, or has expired. Uses nothing up. */
export async function lookAtLink(
  { db, linkTokens, now }: Pick<AuthDeps, "db" | "linkTokens" | "now">,
  { token, purpose }: Omit<PresentedLink, "action">,
): Promise<OpenLink | null> {
  const id = linkTokens.read(token, purpose);
  if (id === null) return null;
  const columns = {
    id: links.id,
    userId: links.userId,
    email: links.email,
    passwordHash: links.passwordHash,
    userVersion: links.userVersion,
  };
  const isOpen = and(
    eq(links.id, id),
    eq(links.purpose, purpose),
    isNull(links.usedAt),
    gt(links.expiresAt, new Date(now())),
  );
  const [link] = await db.select(columns).from(links).where(isOpen);
  return link ?? null;
}

/**
 * The link of a token. A refusal goes to the audit log, of a flood from one address so much.
 *
 * @throws Refusal NOT_FOUND as `linkRefused`
 */
export async function findLink(deps: AuthDeps, presented: PresentedLink, from: Requester): Promise<OpenLink> {
  const link = await lookAtLink(deps, presented);
  if (link !== null) return link;
  const isIssued = deps.linkTokens.read(presented.token, presented.purpose) !== null;
  const reason = isIssued ? "link_over" : "bad_link";
  if ((await deps.limits.clientFailure(from.address)).allowed)
    await record(deps.db, { action: presented.action, outcome: "refused", reason }, { at: deps.now(), from });
  throw linkRefused(reason);
}

/** Uses a link up, in the transaction of what it does. @returns whether this use is the one that counts */
export async function useLink(tx: Database, { id }: Pick<OpenLink, "id">, at: Date): Promise<boolean> {
  const isOpen = and(eq(links.id, id), isNull(links.usedAt), gt(links.expiresAt, at));
  return (await tx.update(links).set({ usedAt: at }).where(isOpen).returning({ id: links.id })).length > 0;
}

/** The link of an account that is there. @throws Refusal as `findLink` */
export async function findAccountLink(deps: AuthDeps, presented: PresentedLink, from: Requester): Promise<AccountLink> {
  const link = await findLink(deps, presented, from);
  const { userId } = link;
  if (userId === null) throw linkRefused("no_account");
  return { ...link, userId };
}

/** The one refusal of every link that does not count, whatever the reason. */
export function linkRefused(reason: string): Refusal {
  const message = "This link has expired or was used already; ask for a new one.";
  return new Refusal("NOT_FOUND", message, { field: "token", reason });
}
