import type { AsymmetricAlgorithm, PublicJwk } from "@countersign/tokens";
import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, moment } from "./schema-base.ts";
import { users } from "./schema-users.ts";

export { type AuditOutcome, audit, auditAnchor } from "./schema-audit.ts";
export { auth } from "./schema-base.ts";
export { identities, pendingSignIns, signInCodes } from "./schema-identities.ts";
export { type UserStatus, users } from "./schema-users.ts";

/**
 * One session is one family of refresh tokens. Only the generation is stored: the token is an HMAC over it, so that a
 * copy of this table holds nothing that can be presented.
 */
export const sessions = auth.table(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    generation: integer("generation").notNull(),
    rotatedAt: moment("rotated_at").notNull(),
    /** The replica whose clock gave `rotatedAt`; null when none is known. */
    rotatedBy: text("rotated_by"),
    /** The newest token may have reached nobody, by a failure of ours: the one before it counts until the newest is used. */
    answerFailed: boolean("answer_failed").notNull().default(false),
    /** The client holds its tokens itself, and not in cookies. */
    isBearer: boolean("is_bearer").notNull().default(false),
    createdAt: moment("created_at").notNull(),
    lastUsedAt: moment("last_used_at").notNull(),
    idleExpiresAt: moment("idle_expires_at").notNull(),
    absoluteExpiresAt: moment("absolute_expires_at").notNull(),
    authenticatedAt: moment("authenticated_at").notNull(),
    /** No access token of the session is good after it, also if the clock was ahead when one was issued. */
    tokensUntil: moment("tokens_until").notNull().default(new Date(0)),
    endedAt: moment("ended_at"),
    endReason: text("end_reason").$type<EndReason>(),
    userAgent: text("user_agent"),
    address: text("address"),
  },
  (table) => [
    index("sessions_of_user").on(table.userId, table.createdAt),
    index("sessions_expiry").on(table.absoluteExpiresAt),
  ],
);

/**
 * `expired` is written when an expired session is next refreshed; until then its row only shows its lives. `replaced`: its
 * browser signed in again. `too_many`: the user has as many others, all used later.
 */
export type EndReason =
  | "logout"
  | "logout_everywhere"
  | "revoked"
  | "reuse"
  | "expired"
  | "user_disabled"
  | "user_deleted"
  | "password_changed"
  | "password_reset"
  | "replaced"
  | "too_many";

/** Keys that sign access tokens. The state of a key follows from its moments alone; see `keys/lifecycle.ts`. */
export const signingKeys = auth.table("signing_keys", {
  kid: text("kid").primaryKey(),
  algorithm: text("algorithm").$type<AsymmetricAlgorithm>().notNull(),
  publicJwk: jsonb("public_jwk").$type<PublicJwk>().notNull(),
  /** The private JWK, sealed; see `secrets/seal.ts`. */
  sealedPrivateJwk: text("sealed_private_jwk").notNull(),
  publishedAt: moment("published_at").notNull(),
  activatesAt: moment("activates_at").notNull(),
  retiredAt: moment("retired_at"),
  expiresAt: moment("expires_at"),
  revokedAt: moment("revoked_at"),
});

/** Services that may ask for tokens of their own. */
export const serviceClients = auth.table("service_clients", {
  name: text("name").primaryKey(),
  /** Raised when the service is disabled: tokens that say a lower one have ended. */
  tokenVersion: integer("token_version").notNull().default(0),
  createdAt: moment("created_at").notNull(),
  disabledAt: moment("disabled_at"),
});

/** Public keys that services prove themselves with (RFC 7523); the private half never comes here. */
export const serviceKeys = auth.table(
  "service_keys",
  {
    kid: text("kid").primaryKey(),
    service: text("service")
      .notNull()
      .references(() => serviceClients.name),
    publicJwk: jsonb("public_jwk").$type<PublicJwk>().notNull(),
    createdAt: moment("created_at").notNull(),
    disabledAt: moment("disabled_at"),
  },
  (table) => [index("service_keys_of").on(table.service)],
);

/**
 * Secrets of services that cannot sign (`client_secret_basic`). A secret is 256 random bits, so that one SHA-256 keeps it:
 * there is nothing to guess that a slow hash would protect.
 */
export const serviceSecrets = auth.table(
  "service_secrets",
  {
    /** Public: what an operator calls it by. */
    id: text("id").primaryKey(),
    service: text("service")
      .notNull()
      .references(() => serviceClients.name),
    /** Base64url. */
    hash: text("hash").notNull(),
    createdAt: moment("created_at").notNull(),
    removedAt: moment("removed_at"),
  },
  (table) => [index("service_secrets_of").on(table.service)],
);

/** Client assertions that have been used, until they expire: one row, one use, whichever replica sees it (RFC 7523 §3). */
export const clientAssertions = auth.table(
  "client_assertions",
  { id: text("id").primaryKey(), expiresAt: moment("expires_at").notNull() },
  (table) => [index("client_assertions_expiry").on(table.expiresAt)],
);

/** Revocations, written in the transaction that causes them and published afterwards. */
export const outbox = auth.table(
  "outbox",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text("kind").$type<RevocationKind>().notNull(),
    subject: text("subject").notNull(),
    /** For a user or a service: tokens of a lower version of the account end. */
    below: integer("below"),
    /** For a user: the one session whose tokens stay good. */
    except: uuid("except_session"),
    /** Why, in a word of the audit log. */
    reason: text("reason"),
    /** The id of its event: random, so that nobody can publish under it first. */
    eventId: uuid("event_id").notNull().defaultRandom(),
    /** Its place in the sequence of revocations, without gaps; null until the relay has given it one. */
    number: bigint("number", { mode: "number" }),
    /** The heartbeat before which it is not removed, whatever the clocks say; null until it has a number. */
    keptUntilBeat: bigint("kept_until_beat", { mode: "number" }),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    published: boolean("published").notNull().default(false),
  },
  (table) => [
    index("outbox_expiry").on(table.expiresAt),
    index("outbox_of_subject").on(table.subject),
    index("outbox_waiting").on(table.id).where(sql`${table.published} = false`),
    uniqueIndex("outbox_number").on(table.number),
  ],
);

/** Where the sequence of revocations stands, in one row. */
export const revocationFeed = auth.table(
  "revocation_feed",
  {
    id: integer("id").primaryKey(),
    /** Names the sequence: a database that was made anew has another. */
    epoch: uuid("epoch").notNull().defaultRandom(),
    /** The last number that was given. */
    number: bigint("number", { mode: "number" }).notNull().default(0),
    /** Counts heartbeats, about one a second while any replica runs: a clock that nobody sets. */
    beat: bigint("beat", { mode: "number" }).notNull().default(0),
    beatAt: moment("beat_at").notNull().defaultNow(),
  },
  (table) => [check("revocation_feed_is_one", sql`${table.id} = 1`)],
);

/**
 * Receivers of security events outside of this system, each with at most one stream (Shared Signals Framework 1.0 §8).
 * What a receiver has not acknowledged is read from the outbox, as long as that keeps it.
 */
export const ssfReceivers = auth.table("ssf_receivers", {
  name: text("name").primaryKey(),
  /** The `aud` of every event that it gets. */
  audience: text("audience").notNull(),
  /** SHA-256 of its secret, base64url: 256 random bits leave nothing to guess. */
  hash: text("hash").notNull().unique(),
  createdAt: moment("created_at").notNull(),
  /** Null while it has no stream; the columns below say nothing then. */
  streamId: uuid("stream_id").unique(),
  method: text("method").$type<DeliveryMethod>().notNull().default("poll"),
  /** Where events are pushed to. */
  endpoint: text("endpoint"),
  /** The Authorization header that the receiver wants to see on what is pushed, sealed. */
  sealedAuthorization: text("sealed_authorization"),
  description: text("description"),
  /** Types of events, as the receiver asked for them. */
  requested: text("requested").array().notNull().default([]),
  status: text("status").$type<StreamStatus>().notNull().default("enabled"),
  statusReason: text("status_reason"),
  /** Events up to this number of the outbox are done with. */
  position: bigint("position", { mode: "number" }).notNull().default(0),
  /** Numbers after `position` that were acknowledged already. */
  acknowledged: bigint("acknowledged", { mode: "number" }).array().notNull().default([]),
  /** Events about the stream itself, which no outbox holds. */
  notices: jsonb("notices").$type<readonly StreamNotice[]>().notNull().default([]),
  /** How often in a row a push failed, since when, and when the next one may begin. */
  failures: integer("failures").notNull().default(0),
  failingSince: moment("failing_since"),
  pushAfter: moment("push_after"),
});

export type DeliveryMethod = "poll" | "push";
export type StreamStatus = "enabled" | "paused" | "disabled";

/** An event about a stream: its `jti`, type and members, and when it was (epoch seconds). */
export type StreamNotice = {
  readonly id: string;
  readonly type: string;
  readonly event: Readonly<Record<string, string>>;
  readonly issuedAt: number;
};

export type RevocationKind = "session" | "user" | "token" | "service" | "key";
