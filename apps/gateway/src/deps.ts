import type { ServiceName } from "@countersign/access";
import type { Log } from "@countersign/context";
import type { Forward, Metrics, Tracer } from "@countersign/service";
import type { AddressLimitDeps } from "./limits/address-limit.ts";
import type { CookieVerifier } from "./trust/access-cookie.ts";
import type { Trust } from "./trust/create-trust.ts";
import type { Assertions } from "./trust/sign-assertions.ts";

/** Where something is reached: the origin of each of its instances. */
export type Origins = string | readonly string[];

/** What the gateway is made from. */
export type GatewayDeps = {
  /** Where each service is reached, by name: origins such as `http://127.0.0.1:4003`. */
  readonly upstreams: Readonly<Record<ServiceName, Origins>>;
  /** Servers in any language, reached below `/api/<name>/`; none unless told. They need `trust` and `assertions`. */
  readonly apis?: Readonly<Record<string, Origins>>;
  /** The server of the web app, which gets every path that is no API's; the front page stands at `/` unless told. */
  readonly web?: Origins | undefined;
  /** The origin that browsers see; cookies are the secure ones when it is https. */
  readonly publicOrigin: string;
  /** How a request gets to a service. */
  readonly forward: Forward;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Verifies tokens before they go on; without it the services alone do. */
  readonly trust?: Trust | undefined;
  /** Tells access cookies of ours from others'; `trust` unless told. Without both every token-shaped one passes on. */
  readonly cookieVerifier?: CookieVerifier | undefined;
  /** The services that take the gateway's signed word on who is calling (`TOKEN_CHECK=gateway`); none unless told. */
  readonly asserted?: readonly ServiceName[];
  /** Signs who is calling, for `apis` and `asserted`. */
  readonly assertions?: Assertions | undefined;
  /** Other origins whose pages may call, such as `https://admin.example.com`; none unless told. */
  readonly allowedOrigins?: readonly string[];
  /** Networks, in CIDR form, of proxies whose X-Forwarded-For and X-Request-Id are believed; none unless told. */
  readonly trustedProxies?: readonly string[];
  /** The largest body taken, in bytes; 1 MiB unless told. */
  readonly maxBodyBytes?: number;
  /** How long a service may take until its answer begins, in milliseconds; 30 seconds unless told. */
  readonly upstreamTimeoutMs?: number;
  /** How often one address may call; see `createAddressLimit`. */
  readonly limits?: AddressLimitDeps["limits"];
  /** When requests are turned away; see `createShedder`. */
  readonly load?: LoadLimits;
  /** Whether the process has been told to end, which takes the gateway out of readiness; never by default. */
  readonly isStopping?: (() => boolean) | undefined;
  /** Takes the numbers of what passes. */
  readonly metrics?: Metrics | undefined;
  /** Makes spans, where traces are wanted. */
  readonly tracer?: Tracer | undefined;
  /** Whether the front page names the demo users. */
  readonly demo?: boolean;
  /** Whether the front page leads to the demo provider. */
  readonly demoProvider?: boolean;
  readonly newRequestId?: () => string;
};

/** How much is taken on at once. */
export type LoadLimits = {
  /** Requests whose answer has not begun; 1,000 unless told. */
  readonly inFlight?: number;
  /** Of these, sign-ins and registrations, which wait for a slot to hash in; 100 unless told. */
  readonly signIns?: number;
  /** How late this process is with its work, in milliseconds; never late unless told. */
  readonly delayMs?: () => number;
  /** The delay from which requests are turned away, in milliseconds; 400 unless told. */
  readonly maxDelayMs?: number;
};
