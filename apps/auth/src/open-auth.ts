import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { checkByKeys, factsOfIdentity, type Log, Refusal } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { type Chassis, createChassis, type LimitSettings, type Tracer, watchDatabase } from "@countersign/service";
import { type AsymmetricAlgorithm, createRefreshTokens } from "@countersign/tokens";
import { type Argon2Cost, argon2Cost } from "./accounts/argon2-cost.ts";
import { refuseDemoAccounts } from "./accounts/demo-accounts.ts";
import { createPasswords } from "./accounts/passwords.ts";
import { auditedDatabase } from "./audit/audited-database.ts";
import { createJournal } from "./audit/journal.ts";
import { createAuditWork, withAudit } from "./audit/open-audit.ts";
import { createDenialReader } from "./audit/read-denial.ts";
import { createRefusedReports } from "./audit/refused-reports.ts";
import type { KeyDeps, RouterDeps } from "./deps.ts";
import { acceptedAlgorithms } from "./keys/accepted-algorithms.ts";
import { type KeySchedule, keySchedule } from "./keys/lifecycle.ts";
import { openKeyRing } from "./keys/open-key-ring.ts";
import { rotateKeys } from "./keys/rotate-keys.ts";
import { createLimits } from "./limits/limits.ts";
import { createLinkTokens } from "./links/link-tokens.ts";
import { createSender } from "./mail/create-sender.ts";
import type { MailOptions } from "./mail/mail-options.ts";
import { createMailQueue } from "./mail/mail-queue.ts";
import type { TokenScope } from "./oauth/token-scope.ts";
import { createBrowserCookie } from "./providers/browser-secret.ts";
import { openProviders } from "./providers/open-providers.ts";
import type { ProviderSettings } from "./providers/provider-settings.ts";
import { createEventKeys, type EventKeys } from "./revocations/event-keys.ts";
import { createRevocationFeed } from "./revocations/feed.ts";
import { readFeedPage } from "./revocations/feed-page.ts";
import { createRelay } from "./revocations/relay.ts";
import { tokenStands } from "./revocations/token-stands.ts";
import { deriveSecrets } from "./secrets/derive-secrets.ts";
import { reseal } from "./secrets/reseal.ts";
import { createSessionCookies } from "./sessions/cookies.ts";
import { createDeviceCookie } from "./sessions/device-cookie.ts";
import { createFailedRefreshes } from "./sessions/failed-refreshes.ts";
import { createKnownDevices } from "./sessions/known-devices.ts";
import { type SessionLife, sessionLife as standardLife } from "./sessions/session-life.ts";
import { createSessionOwners } from "./sessions/session-owners.ts";
import type { CheckpointSettings } from "./settings.ts";
import { createPusher } from "./ssf/pusher.ts";
import type { PushFetch } from "./ssf/send-set.ts";
import { countCareFailures, countFailedRefreshes, countMails, watchAuth } from "./watch-auth.ts";

export type AuthOptions = {
  /** Migrated already. */
  readonly database: OpenDatabase;
  readonly bus: EventBus;
  /** The public origin, such as `https://shop.example.com`. */
  readonly issuer: string;
  readonly algorithm: AsymmetricAlgorithm;
  /** At least 32 bytes each; the first is used, the others still count. */
  readonly secrets: readonly Uint8Array[];
  /** INSECURE by design: sign with the first of these (HS256) instead of keys of auth's own; null for keys. */
  readonly insecureSharedSecrets?: readonly Uint8Array[] | null;
  /** INSECURE by design: accept tokens that were signed with one of these, and sign none; null for none. */
  readonly insecureAcceptedSecrets?: readonly Uint8Array[] | null;
  /** Networks whose X-Forwarded-For is believed, in CIDR form. */
  readonly trustedProxies: readonly string[];
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets; that of the process by default. */
  readonly monotonic?: () => number;
  readonly cost?: Argon2Cost;
  /** Where limits are counted, and of which sizes; in this process, as auth has them, unless told. */
  readonly limits?: LimitSettings;
  /** Makes spans, where traces are wanted. */
  readonly tracer?: Tracer | undefined;
  /** Whether the process has been told to end; never by default. */
  readonly isStopping?: (() => boolean) | undefined;
  readonly schedule?: KeySchedule;
  /** Reaches receivers of security events; the runtime's own unless told. */
  readonly fetch?: PushFetch;
  /** What the `scope` of access tokens says; nothing by default. */
  readonly tokenScope?: TokenScope;
  /** The most sessions of one user that run at once; 100 unless told. */
  readonly sessionsPerUser?: number | undefined;
  readonly sessionLife?: Partial<SessionLife>;
  /**
   * Whether accounts of the demo with their public passwords may be there. Without it, as in production, they are refused.
   */
  readonly demo?: boolean;
  /** How long a row of the audit log is kept; 400 days unless told. */
  readonly auditRetentionDays?: number;
  /** How mail is sent, or kept to be read in development; null for none, which is the default. */
  readonly mail?: MailOptions | null;
  /** Whether registration waits for a link in a mail; so by default where mail goes to a server. Needs mail. */
  readonly confirmsRegistration?: boolean | undefined;
  /** At which people can sign in; none by default. */
  readonly providers?: readonly ProviderSettings[];
  /** Addresses of clients that may get a code in bearer mode; none by default. */
  readonly signInRedirects?: readonly string[] | undefined;
  /** Private networks, in CIDR form, in which a provider may be; none by default. */
  readonly providerNetworks?: readonly string[] | undefined;
  /** What people may sign in with from a mail, without a password; nothing by default. */
  readonly signInByMail?: RouterDeps["signInByMail"] | undefined;
  /** Where checkpoints of the audit log go, beside auth's own log. */
  readonly auditCheckpoints?: CheckpointSettings;
};

/** Auth, ready to answer: what `createApp` takes. */
export type Auth = { readonly chassis: Chassis; readonly deps: RouterDeps; readonly database: OpenDatabase };

/**
 * Makes auth ready: there is a key that signs, and the keys are sealed with the first secret. Starts no timer: see
 * `keepUp`.
 *
 * @throws ConfigurationError when there are accounts of the demo that must not be, or keys that were sealed with a secret that is not among `secrets`
 */
export async function openAuth(options: AuthOptions): Promise<Auth> {
  const { database, bus, issuer, algorithm, log, now } = options;
  const demo = options.demo ?? false;
  if (!demo) await refuseDemoAccounts(database.db);
  const secrets = deriveSecrets(options.secrets);
  const journal = createJournal(secrets.audit);
  const db = auditedDatabase(database.db, journal);
  const [sealing] = secrets.sealing;
  if (sealing === undefined) throw new RangeError("At least one secret is needed.");
  const [seed, ...seedsBefore] = secrets.events;
  if (seed === undefined) throw new RangeError("At least one secret is needed.");
  const eventKeys = await createEventKeys([seed, ...seedsBefore]);
  const schedule = options.schedule ?? keySchedule;
  const insecure = { signing: options.insecureSharedSecrets ?? [], accepted: options.insecureAcceptedSecrets ?? [] };
  const monotonic = options.monotonic ?? (() => performance.now());
  const keys = await openKeyRing({ db, sealing: secrets.sealing, now, monotonic, schedule, insecure, log });
  const relay = createRelay({ db, bus, issuer, signer: eventKeys.signer, now, log });
  const keyDeps: KeyDeps = {
    db,
    now,
    keys,
    relay,
    schedule,
    algorithm,
    algorithmSince: now(),
    sharesSecret: insecure.signing.length > 0,
    acceptsSecret: insecure.signing.length + insecure.accepted.length > 0,
    sealing,
    log,
  };
  await reseal(db, secrets.sealing);
  await rotateKeys(keyDeps);
  await keys.reload();
  reportHandOver(keyDeps);
  const auditRetention = (options.auditRetentionDays ?? 400) * 24 * 60 * 60_000;
  const auditDeps = { db, journal, bus, auditKeys: secrets.audit, auditRetention, log, now };
  const auditWork = createAuditWork(auditDeps, options.auditCheckpoints);
  const readDenial = createDenialReader({ db, issuer, ownKeys: eventKeys.published, now });
  const own = chassisOf({ ...keyDeps, eventKeys }, options);
  const refused = createRefusedReports({ metrics: own.metrics, log, now });
  const chassis = withAudit(own, auditWork, { ...auditDeps, readDenial, refused });
  const mail = options.mail ? createMailQueue(randomUUID, options.mail.kind === "outbox") : null;
  const sessionLife = { ...standardLife, ...options.sessionLife };
  const withoutPusher = {
    ...keyDeps,
    relay,
    query: (text, params) => database.query(text, params),
    issuer,
    demo,
    passwords: await createPasswords({ cost: options.cost ?? argon2Cost, slots: availableParallelism(), waiting: 100 }),
    limits: createLimits(chassis.limiter),
    refreshTokens: createRefreshTokens(secrets.refresh),
    knownDevices: createKnownDevices(secrets.devices, now),
    tokenScope: options.tokenScope ?? "none",
    sessionsPerUser: options.sessionsPerUser ?? 100,
    sessionLife,
    sessionOwners: createSessionOwners(),
    failedRefreshes: createFailedRefreshes({ db, sessionLife, log }),
    replicaId: randomUUID(),
    newId: randomUUID,
    random: Math.random,
    confirmsRegistration: options.confirmsRegistration ?? options.mail?.kind === "smtp",
    signInByMail: options.signInByMail ?? "off",
    linkTokens: createLinkTokens(secrets.links),
    mail,
    careFailed: countCareFailures(chassis.metrics),
    refreshFailed: countFailedRefreshes(chassis.metrics),
    denied: (denial) => chassis.gate.denied(denial),
    auditKeys: secrets.audit,
    auditRetention,
    auditWork,
    cookies: createSessionCookies(issuer),
    deviceCookie: createDeviceCookie(issuer),
    browserCookie: createBrowserCookie(issuer),
    signInRedirects: options.signInRedirects ?? [],
    providers: openProviders(options.providers ?? [], {
      development: demo,
      networks: options.providerNetworks ?? [],
      now,
    }),
    readDenial,
    eventKeys,
    revocationFeed: createRevocationFeed({ bus, verifier: chassis.verifier, now }),
  } satisfies Omit<RouterDeps, "pusher" | "mailSender">;
  const fetch = options.fetch ?? globalThis.fetch;
  const pusher = createPusher({ ...withoutPusher, sealingKeys: secrets.sealing, fetch });
  const mailSender = createSender(withoutPusher, options.mail ?? null, countMails(chassis.metrics));
  const deps: RouterDeps = { ...withoutPusher, pusher, mailSender };
  watchAuth(chassis.metrics, deps);
  watchDatabase(chassis.metrics, database);
  return { chassis, deps, database };
}

/** Says at the start that tokens are not signed with the configured algorithm yet, and from when on they are. */
function reportHandOver({ keys, algorithm, sharesSecret, log }: KeyDeps): void {
  const { current, next } = keys.signing();
  if (sharesSecret || current === null || current.algorithm === algorithm) return;
  const moments = { signs: current.algorithm, next: next?.algorithm ?? null, from: next?.from ?? null };
  log.warn({ ...moments, TOKEN_ALG: algorithm }, "TOKEN_ALG was changed: the key before signs until the next one may.");
}

/** Auth believes its own keys, asks its own database whether a session stands, and calls nobody. */
function chassisOf(
  { keys, now, eventKeys, ...kept }: KeyDeps & { readonly eventKeys: EventKeys },
  { database, bus, issuer, trustedProxies, limits, tracer, isStopping, log }: AuthOptions,
): Chassis {
  return createChassis({
    service: "auth",
    issuer,
    algorithms: acceptedAlgorithms(kept),
    check: checkByKeys(keys),
    key: async () => eventKeys.signer,
    bus,
    call: ({ callee }) =>
      Promise.reject(new Refusal("INTERNAL_SERVER_ERROR", undefined, { reason: `auth_calls_${callee}` })),
    source: { issuer, keys: eventKeys.keys, since: (after) => readFeedPage(database.db, after) },
    isLive: (identity) => tokenStands(database, factsOfIdentity(identity), now()),
    trustedProxies,
    limits,
    tracer,
    isStopping,
    log,
    now,
  });
}
