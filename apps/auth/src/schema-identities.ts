import { index, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, moment } from "./schema-base.ts";
import { users } from "./schema-users.ts";

/**
 * People at providers, and whose accounts they are. A person is known by issuer and subject together (OpenID Connect Core
 * §5.7): addresses change hands, and a provider may have several issuers.
 */
export const identities = auth.table(
  "identities",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The name of the provider in the configuration, as it was when the identity was linked. */
    provider: text("provider").notNull(),
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    /** The address that the provider last gave, to be shown alone. */
    email: text("email"),
    linkedAt: moment("linked_at").notNull(),
    lastUsedAt: moment("last_used_at").notNull(),
  },
  (table) => [
    uniqueIndex("identities_subject").on(table.issuer, table.subject),
    index("identities_of_user").on(table.userId),
  ],
);

/**
 * Sign-ins that are under way at a provider. A row holds hashes alone: the state is in the URL, the secret of the browser
 * in its cookie, and the nonce and the PKCE verifier are made of both. It is used once.
 */
export const pendingSignIns = auth.table(
  "pending_sign_ins",
  {
    /** SHA-256 of the state, base64url. */
    id: text("id").primaryKey(),
    /** SHA-256 of the secret of the browser, base64url. */
    browser: text("browser").notNull(),
    provider: text("provider").notNull(),
    /** The path to go to afterwards. */
    to: text("to").notNull(),
    /** The user who links a provider, and the session in which that was asked for; null at a sign-in. */
    linkUserId: uuid("link_user_id").references(() => users.id, { onDelete: "cascade" }),
    linkSessionId: uuid("link_session_id"),
    /** In bearer mode: the registered address that gets the one-time code, the client's own state and PKCE challenge. */
    redirect: text("redirect"),
    clientState: text("client_state"),
    codeChallenge: text("code_challenge"),
    expiresAt: moment("expires_at").notNull(),
  },
  (table) => [index("pending_sign_ins_expiry").on(table.expiresAt)],
);

/** One-time codes that end a sign-in in bearer mode. A row holds the hash of the code and is used once. */
export const signInCodes = auth.table(
  "sign_in_codes",
  {
    /** SHA-256 of the code, base64url. */
    id: text("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The identity that was proved: once it is unlinked, the code is worth nothing. */
    identityId: uuid("identity_id")
      .notNull()
      .references(() => identities.id, { onDelete: "cascade" }),
    codeChallenge: text("code_challenge").notNull(),
    expiresAt: moment("expires_at").notNull(),
  },
  (table) => [index("sign_in_codes_expiry").on(table.expiresAt)],
);
