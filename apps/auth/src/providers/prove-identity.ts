import type { Database } from "@countersign/database";
import { tooMany } from "@countersign/service";
import { and, eq, isNotNull } from "drizzle-orm";
import { isAddressFree } from "../accounts/address-free.ts";
import { rolesOfNewUsers } from "../accounts/make-account.ts";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { identities, users } from "../schema.ts";
import type { ProviderIdentity } from "./identity.ts";
import { SignInProblem } from "./problem.ts";

/** An identity that we know, and whose account it is. */
export type KnownIdentity = {
  readonly identityId: string;
  readonly userId: string;
  /** Whether the account was made just now. */
  readonly isNewUser?: boolean;
};

/**
 * Finds the account of a person whom a provider has proved. A new one with a confirmed address gets the account whose owner
 * has proved the same address, or an account of its own where the address is free. An account whose address nobody has proved
 * is not taken over by it, and an unconfirmed address opens and makes none: its real owner would register, or reset the
 * password, into an account that somebody else can enter.
 *
 * @throws SignInProblem `not_confirmed`, `account_exists`; Refusal TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function proveIdentity(
  deps: AuthDeps,
  identity: ProviderIdentity,
  from: Requester,
): Promise<KnownIdentity> {
  const known = await useIdentity(deps, identity);
  if (known !== null) return known;
  const { confirmedEmail: email } = identity;
  if (email === null) throw new SignInProblem("not_confirmed");
  const taken = await deps.limits.registration(email, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  const made = await makeUser(deps, { identity, email }, from);
  if (made !== null) return made;
  const meanwhile = await useIdentity(deps, identity); // two callbacks of one person at once
  if (meanwhile === null) throw new SignInProblem("account_exists");
  return meanwhile;
}

/** Notes the use of an identity; null for an unknown one. */
async function useIdentity(
  { db, now }: Pick<AuthDeps, "db" | "now">,
  { issuer, subject, email }: ProviderIdentity,
): Promise<KnownIdentity | null> {
  const [known] = await db
    .update(identities)
    .set({ lastUsedAt: new Date(now()), email })
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
    .returning({ identityId: identities.id, userId: identities.userId });
  return known ?? null;
}

type NewUser = { readonly identity: ProviderIdentity; readonly email: string };

/** Null when there is an account with the address that nobody has proved to be theirs, or it is disabled. */
async function makeUser(deps: AuthDeps, { identity, email }: NewUser, from: Requester): Promise<KnownIdentity | null> {
  const at = deps.now();
  const moment = new Date(at);
  return await deps.db.transaction(async (tx) => {
    const own = { id: deps.newId(), email, verifiedAt: moment, passwordHash: null, roles: [...rolesOfNewUsers] };
    const isFree = await isAddressFree(tx, { email, userId: null, at: moment });
    const [made] = isFree
      ? await tx
          .insert(users)
          .values({ ...own, status: "active", createdAt: moment, updatedAt: moment })
          .onConflictDoNothing({ target: users.email })
          .returning({ id: users.id })
      : [];
    const userId = made?.id ?? (await findProved(tx, email, identity));
    if (userId === null) return null;
    if (made !== undefined) {
      const detail = { provider: identity.provider, issuer: identity.issuer };
      const entry = { action: "account.registered", outcome: "allowed", actor: userId, subject: userId } as const;
      await record(tx, { ...entry, detail }, { at, from });
    }
    const identityId = await addIdentity(tx, deps, { identity, userId, at, from });
    return identityId === null ? null : { identityId, userId, isNewUser: made !== undefined };
  });
}

/**
 * The active account whose owner has proved the mailbox: whom the provider names is the same person. Not so where the account
 * has another person of the same provider already, since the address has changed hands there.
 */
async function findProved(tx: Database, email: string, { issuer }: ProviderIdentity): Promise<string | null> {
  const proved = and(eq(users.email, email), eq(users.status, "active"), isNotNull(users.verifiedAt));
  const [user] = await tx.select({ id: users.id }).from(users).where(proved).for("update");
  if (user === undefined) return null;
  const ofIssuer = and(eq(identities.userId, user.id), eq(identities.issuer, issuer));
  const [other] = await tx.select({ id: identities.id }).from(identities).where(ofIssuer).limit(1);
  return other === undefined ? user.id : null;
}

/** An identity that becomes a user's. */
export type NewIdentity = {
  readonly identity: ProviderIdentity;
  readonly userId: string;
  readonly at: number;
  readonly from: Requester;
};

/** Links an identity to a user, with its line in the audit log. Null when it is linked already, whoever has it. */
export async function addIdentity(
  tx: Database,
  { newId }: Pick<AuthDeps, "newId">,
  { identity, userId, at, from }: NewIdentity,
): Promise<string | null> {
  const { provider, issuer, subject, email } = identity;
  const moment = new Date(at);
  const [added] = await tx
    .insert(identities)
    .values({ id: newId(), userId, provider, issuer, subject, email, linkedAt: moment, lastUsedAt: moment })
    .onConflictDoNothing({ target: [identities.issuer, identities.subject] })
    .returning({ id: identities.id });
  if (added === undefined) return null;
  const detail = { provider, issuer, identity: added.id };
  const entry = { action: "identity.linked", outcome: "allowed", actor: userId, subject: userId, detail } as const;
  await record(tx, entry, { at, from });
  return added.id;
}
