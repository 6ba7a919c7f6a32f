import type { Permission, Role, ServiceName } from "@countersign/access";

/** The signed-in user on whose behalf a request runs, read from a verified token and from nothing else. */
export type User = {
  readonly id: string;
  readonly email?: string;
  readonly roles: readonly Role[];
  /** What the roles grant; for a delegated call only what the calling service may pass on as well. */
  readonly permissions: readonly Permission[];
  readonly sessionId: string;
  /** When the user proved a credential, in epoch seconds (OpenID Connect Core §2, `auth_time`). */
  readonly authenticatedAt: number;
};

/** The service that made the request, proved by its own token. */
export type CallingService = {
  readonly name: ServiceName;
  /** The services behind it, nearest first, for a call that was delegated more than once (RFC 8693 §4.1). */
  readonly chain: readonly ServiceName[];
};

/** A service and how often it had been disabled when a token was issued to it. */
export type ServiceVersion = { readonly name: ServiceName; readonly version: number };

/** What one verified token says: who calls, and the few claims that revocation is decided by. */
export type Identity = {
  readonly user: User | null;
  readonly service: CallingService | null;
  readonly token: {
    readonly id: string;
    /** The tokens that it was exchanged for, by id; none for one that was not. */
    readonly exchangedFrom: readonly string[];
    /** The version of the user's account that it was issued for; null for a token without a user. */
    readonly userVersion: number | null;
    /** Every service that it speaks for, the caller first, with the version of its registration. */
    readonly services: readonly ServiceVersion[];
    /** Epoch seconds. */
    readonly issuedAt: number;
    /** Epoch seconds. */
    readonly expiresAt: number;
  };
};
