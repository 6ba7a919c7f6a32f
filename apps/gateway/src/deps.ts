import type { ServiceName } from "@countersign/access";
import type { Log } from "@countersign/context";
import type { Forward } from "./transport/port.ts";

/** What the gateway is made from. */
export type GatewayDeps = {
  /** Where each service is reached, by name: an origin such as `http://127.0.0.1:4003`. */
  readonly upstreams: Readonly<Record<ServiceName, string>>;
  /** The origin that browsers see; cookies are the secure ones when it is https. */
  readonly publicOrigin: string;
  /** How a request gets to a service. */
  readonly forward: Forward;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Other origins whose pages may call, such as `https://admin.example.com`; none unless told. */
  readonly allowedOrigins?: readonly string[];
  /** Networks, in CIDR form, of proxies whose X-Forwarded-For and X-Request-Id are believed; none unless told. */
  readonly trustedProxies?: readonly string[];
  /** The largest body taken, in bytes; 1 MiB unless told. */
  readonly maxBodyBytes?: number;
  /** How long a service may take until its answer begins, in milliseconds; 30 seconds unless told. */
  readonly upstreamTimeoutMs?: number;
  /** Whether the front page names the demo users. */
  readonly demo?: boolean;
  readonly newRequestId?: () => string;
};
