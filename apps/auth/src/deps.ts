import type { Denial, Log } from "@countersign/context";
import type { Database, OpenDatabase } from "@countersign/database";
import type { AsymmetricAlgorithm, RefreshTokens } from "@countersign/tokens";
import type { Passwords } from "./accounts/passwords.ts";
import type { AuditWork } from "./audit/open-audit.ts";
import type { DenialReader } from "./audit/read-denial.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import type { KeySchedule } from "./keys/lifecycle.ts";
import type { Limits } from "./limits/limits.ts";
import type { LinkTokens } from "./links/link-tokens.ts";
import type { MailQueue } from "./mail/mail-queue.ts";
import type { MailSender } from "./mail/mail-sender-type.ts";
import type { TokenScope } from "./oauth/token-scope.ts";
import type { BrowserCookie } from "./providers/browser-secret.ts";
import type { Providers } from "./providers/open-providers.ts";
import type { EventKeys } from "./revocations/event-keys.ts";
import type { RevocationFeed } from "./revocations/feed.ts";
import type { Relay } from "./revocations/relay.ts";
import type { SealingKey } from "./secrets/derive-secrets.ts";
import type { SessionCookies } from "./sessions/cookies.ts";
import type { DeviceCookie } from "./sessions/device-cookie.ts";
import type { FailedRefreshes } from "./sessions/failed-refreshes.ts";
import type { KnownDevices } from "./sessions/known-devices.ts";
import type { SessionLife } from "./sessions/session-life.ts";
import type { SessionOwners } from "./sessions/session-owners.ts";
import type { Pusher } from "./ssf/pusher-type.ts";

/** What everything in auth works with. */
type CommonDeps = {
  readonly db: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly keys: KeyRing;
};

/** What the care of signing keys needs. */
export type KeyDeps = CommonDeps & {
  readonly relay: Pick<Relay, "flush">;
  readonly schedule: KeySchedule;
  /** What new keys are for. */
  readonly algorithm: AsymmetricAlgorithm;
  /** Since when, in milliseconds: keys that were published later than this are kept though they are for another one. */
  readonly algorithmSince: number;
  /** INSECURE by design: tokens are signed with a secret that every service holds, so that no key turns over. */
  readonly sharesSecret: boolean;
  /** INSECURE by design: tokens that were signed with such a secret are accepted. */
  readonly acceptsSecret: boolean;
  /** Seals new private keys. */
  readonly sealing: SealingKey;
  readonly log: Log;
};

/** What the functions behind both faces, tRPC and REST, need. */
export type AuthDeps = KeyDeps & {
  readonly relay: Relay;
  /** Runs what `defineStatement` has put together. */
  readonly query: OpenDatabase["query"];
  /** The public origin: the issuer of every token, and what cookies are set for. */
  readonly issuer: string;
  /** Whether accounts of the demo may have their public passwords; not in production. */
  readonly demo: boolean;
  readonly passwords: Passwords;
  readonly limits: Limits;
  readonly refreshTokens: RefreshTokens;
  readonly knownDevices: KnownDevices;
  readonly linkTokens: LinkTokens;
  /** Whether an account is made when its mailbox is proved, and not before. */
  readonly confirmsRegistration: boolean;
  /** What people may sign in with from a mail, without a password. */
  readonly signInByMail: "off" | "link" | "code";
  /** Takes mails to be sent; null where none are. */
  readonly mail: MailQueue | null;
  readonly sessionLife: SessionLife;
  readonly sessionOwners: SessionOwners;
  /** What the `scope` of access tokens says. */
  readonly tokenScope: TokenScope;
  /** The most sessions of one user that run at once. */
  readonly sessionsPerUser: number;
  /** What was answered with a failure of ours, until the database has it. */
  readonly failedRefreshes: FailedRefreshes;
  /** This process and its clock, among the replicas; a new one at each start. */
  readonly replicaId: string;
  /** A new unique id, a UUID. */
  readonly newId: () => string;
  /** From 0 up to 1, for jitter; nothing secret comes from it. */
  readonly random: () => number;
  /** Reports a refusal that changes nothing and that anyone can cause any number of times. */
  readonly denied: (denial: Denial) => void;
  /** Told of every refresh that renews nothing, and why. */
  readonly refreshFailed: (reason: string) => void;
  /** Told of every turn of auth's own work that failed. */
  readonly careFailed: (work: string, error: unknown) => void;
  /** The keys that the anchor of the audit log is made with, the newest first. */
  readonly auditKeys: readonly Uint8Array[];
  /** How long a row of the audit log is kept, in milliseconds. */
  readonly auditRetention: number;
  readonly auditWork: AuditWork;
};

/** What the two faces need beside. */
export type RouterDeps = AuthDeps & {
  readonly cookies: SessionCookies;
  readonly deviceCookie: DeviceCookie;
  readonly browserCookie: BrowserCookie;
  /** At which people can sign in; none unless configured. */
  readonly providers: Providers;
  /** The addresses of clients that may get a code in bearer mode; see `isRegisteredRedirect`. */
  readonly signInRedirects: readonly string[];
  /** Verifies what services report that have no bus of their own. */
  readonly readDenial: DenialReader;
  readonly revocationFeed: RevocationFeed;
  /** The keys of security events: one signs, all of them are published. */
  readonly eventKeys: EventKeys;
  /** Sends what `mail` took; null where no mails are sent. */
  readonly mailSender: MailSender | null;
  /** Pushes security events to receivers outside of the system. */
  readonly pusher: Pusher;
};
