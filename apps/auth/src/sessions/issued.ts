import type { Role } from "@countersign/access";

/** A session at one of its generations, with its user as the database has it now. */
export type LiveSession = {
  readonly sessionId: string;
  readonly generation: number;
  readonly authenticatedAt: Date;
  readonly idleExpiresAt: Date;
  readonly absoluteExpiresAt: Date;
  readonly user: {
    readonly id: string;
    readonly email: string;
    readonly roles: readonly Role[];
    /** The version of the account that its tokens say. */
    readonly tokenVersion: number;
  };
};

/** A user as answers show them. */
export type PublicUser = { id: string; email: string; roles: Role[] };

/** What a sign-in or a refresh gives; lives in seconds from now. */
export type Issued = {
  readonly user: PublicUser;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
  readonly refreshExpiresIn: number;
  /** After a sign-in: what the client is known by from now on; see `KnownDevices`. */
  readonly deviceTokens?: string;
  /** Whose tokens these are, and when the access token ends, in epoch seconds: what a page may know of its session. */
  readonly of: { readonly sessionId: string; readonly generation: number; readonly expiresAt: number };
};
