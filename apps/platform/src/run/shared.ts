import type { ClientName, ServiceName } from "@countersign/access";
import type { AuthOptions, CheckpointSettings } from "@countersign/auth/app";
import type { Log } from "@countersign/context";
import type { OpenDatabase, OpenOptions } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import type {
  EventsOptions,
  LimitSettings,
  openLimits,
  Shutdown,
  TokenCheckSetting,
  Tracing,
  Transport,
} from "@countersign/service";
import type { DoorNames, Doors } from "./open-doors.ts";

/** What the gateway of a platform may do beyond its services; each by default as the gateway has it. */
export type GatewayOptions = {
  /** Servers below `/api/<name>/`, beside the one of the demo. */
  readonly apis?: Readonly<Record<string, readonly string[]>>;
  readonly web?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly keysFile?: string | undefined;
  readonly connectionsPerAddress?: number;
  readonly inFlight?: number;
};

export type PlatformOptions = {
  /** Where service keys and the embedded database lie. */
  readonly dataDir: string;
  /** `file:…` or `postgres://…`; the embedded database in `dataDir` unless told. */
  readonly databaseUrl?: string | undefined;
  /** How a PostgreSQL is spoken to: prepared statements, and where it is listened to. */
  readonly databaseOptions?: OpenOptions | undefined;
  /** `nats://…`; revocations travel in process or through PostgreSQL unless told. */
  readonly eventsUrl?: string | undefined;
  /** How a NATS server is spoken to, beside its URL. */
  readonly broker?: EventsOptions["broker"] | undefined;
  /** The secrets that seal keys and refresh tokens, current first. */
  readonly secrets: readonly Uint8Array[];
  /** INSECURE by design: tokens are signed with a secret that every service holds; null for keys. */
  readonly insecureSharedSecrets?: readonly Uint8Array[] | null;
  /** INSECURE by design: every shared secret that is accepted; those that sign by default, null for none. */
  readonly insecureAcceptedSecrets?: readonly Uint8Array[] | null;
  /** How each service checks tokens, given where the gateway is; by auth's keys unless told. */
  readonly tokenCheck?: (service: ServiceName, gateway: string) => TokenCheckSetting;
  /** What concerns the gateway alone. */
  readonly gateway?: GatewayOptions | undefined;
  /** Where the keys of services lie; in `keys` of `dataDir` by default. */
  readonly keysDir?: string | undefined;
  /** The origin that browsers see; the gateway's own unless told. */
  readonly publicUrl?: string | undefined;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  /** Where calls are counted, and how many are allowed; in this process and as declared unless told. */
  readonly limits?: Parameters<typeof openLimits>[0];
  /** Where the numbers of the gateway are read, beside its public port; nowhere unless told. 0 asks for a free one. */
  readonly metricsPort?: number | undefined;
  /** Makes the traces of every service, and is closed with the platform; there are none unless told. */
  readonly tracing?: Tracing | undefined;
  /** On which services call each other, and the gateway calls them; one of its own unless told. Closed with the platform. */
  readonly transport?: Transport;
  /** How long auth keeps its audit log; as auth has it unless told. */
  readonly auditRetentionDays?: number;
  /** Auth's clock, in epoch milliseconds; the machine's unless told. */
  readonly now?: () => number;
  /** What the `scope` of access tokens says; as auth has it unless told. */
  readonly tokenScope?: AuthOptions["tokenScope"];
  /** How many sessions of one user run at once; as auth has it unless told. */
  readonly sessionsPerUser?: number;
  /** How long sessions live, and how long a lost answer comes again, in milliseconds; as auth has it unless told. */
  readonly sessionLife?: AuthOptions["sessionLife"];
  /** Where checkpoints of the audit log go, beside auth's own log. */
  readonly auditCheckpoints?: CheckpointSettings;
  /** How auth sends mail; not at all by default. */
  readonly mail?: AuthOptions["mail"];
  /** What people may sign in with from a mail; nothing by default. */
  readonly signInByMail?: AuthOptions["signInByMail"];
  /** Whether an account is made only once its mailbox is proved; as auth has it by default. */
  readonly confirmsRegistration?: AuthOptions["confirmsRegistration"];
  /** At which people can sign in, the addresses that may get a code, and private networks of providers; none by default. */
  readonly providers?: AuthOptions["providers"];
  readonly signInRedirects?: readonly string[];
  readonly providerNetworks?: readonly string[];
  /** Whether demo users and a demo catalogue are put in. */
  readonly seed: boolean;
  /** The address on which the gateway and its metrics listen; the services listen on 127.0.0.1. */
  readonly hostname: string;
  /** The port of each; 0 asks for a free one. */
  readonly portOf: (name: DoorNames) => number;
  readonly log: (service: DoorNames) => Log;
  /** Gets a hook for whatever is opened; one of its own by default. `Platform.stop` runs it. */
  readonly shutdown?: Shutdown;
};

/** What the services of one platform share. */
export type Shared = {
  readonly options: PlatformOptions;
  readonly database: OpenDatabase;
  /** On which they call each other, and the gateway calls them. */
  readonly transport: Transport;
  readonly bus: EventBus;
  readonly limits: LimitSettings;
  readonly doors: Doors;
  readonly issuer: string;
  readonly origins: Readonly<Record<ServiceName, string>>;
  readonly keyFiles: ReadonlyMap<ClientName, string>;
  readonly shutdown: Shutdown;
};

/** The gateway reaches the services from this machine, and says who the client is. */
export const loopback = ["127.0.0.1/32", "::1/128"];
