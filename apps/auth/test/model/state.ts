import type { Role } from "@countersign/access";
import type { ReplicaName } from "./platform.ts";

/** What must be true, kept without any version, number or row: who may do what follows from what was done, in order. */
export type ModelState = {
  readonly subject: ModelUser;
  readonly administrators: readonly ModelUser[];
  readonly sessions: ModelSession[];
  readonly tokens: ModelToken[];
  isServiceEnabled: boolean;
  /** Whether an event may be missing at a service that only has the bus. */
  wasLost: boolean;
};

export type ModelUser = {
  readonly id: string;
  readonly email: string;
  password: string;
  isActive: boolean;
  roles: readonly Role[];
};

export type ModelSession = {
  readonly id: string;
  /** Why it is over. */
  ended: string | null;
  /** The refresh tokens that a client has received, oldest first. */
  readonly received: string[];
  /** When the newest was received for the first time, true time, and from which replica; milliseconds. */
  rotatedAt: number;
  rotatedBy: ReplicaName;
  /** A refresh token whose presentation failed on our side, which counts whenever it comes again. */
  failed: string | null;
};

export type ModelToken = {
  readonly text: string;
  readonly id: string;
  readonly kind: "user" | "delegated" | "service";
  /** Null for a service's own. */
  readonly session: ModelSession | null;
  /** The token that it was exchanged for. */
  readonly from: ModelToken | null;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** Why its rights are over, the number of the revocation that says so, and whether the bus brought that at once. */
  ended: { readonly why: string; readonly number: number; readonly isTold: boolean } | null;
};

/** Whoever loses this loses the right to it by `why`. */
export type Ending = { readonly why: string; readonly covers: (token: ModelToken) => boolean };

/** The number of a revocation, and whether the bus brought it at once. */
export type Told = { readonly number: number; readonly isTold: boolean };

/** Ends the tokens that something covers, as of this revocation. */
export function endTokens(state: ModelState, { why, covers }: Ending, told: Told): void {
  for (const token of state.tokens) if (token.ended === null && covers(token)) token.ended = { why, ...told };
}

export function endSessions(state: ModelState, why: string, kept: ModelSession | null = null): void {
  for (const session of state.sessions) if (session !== kept) session.ended ??= why;
}

/** Whether a token is of a user, and so ends with what ends the user's rights. */
export const isOfUser = (token: ModelToken): boolean => token.session !== null;

export function isAdministrator({ isActive, roles }: ModelUser): boolean {
  return isActive && roles.includes("admin");
}

/** Whether somebody else can administer, so that this user may lose the right to it or be disabled. */
export function mayGo({ subject, administrators }: ModelState, user: ModelUser): boolean {
  return (
    !isAdministrator(user) || [subject, ...administrators].some((other) => other !== user && isAdministrator(other))
  );
}
