import { factsOfIdentity } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { z } from "zod";
import { type Chassis, type ChassisDeps, createChassis } from "./chassis.ts";
import { checkOwnToken } from "./check-own-token.ts";
import { createReach, type Reach, type ReachDeps } from "./create-reach.ts";
import { createTrust, type Trust, type TrustDeps } from "./trust.ts";
import { watchReach } from "./watch-reach.ts";

export type ConnectDeps = ReachDeps &
  TrustDeps & {
    readonly bus: EventBus;
    /** Made here unless the bus needed it already. */
    readonly reach?: Reach;
    readonly trustedProxies: readonly string[];
    /** Where limits are counted, and of which sizes; in this process, as they are declared, unless told. */
    readonly limits?: ChassisDeps["limits"];
    /** Makes spans, where traces are wanted. */
    readonly tracer?: ChassisDeps["tracer"];
    /** Whether the process has been told to end; never by default. */
    readonly isStopping?: ChassisDeps["isStopping"];
  };

/**
 * The chassis of a service that trusts auth: it verifies with auth's published keys, proves itself to auth with its
 * own, and calls others with the tokens that auth gives it.
 */
export function connectChassis(deps: ConnectDeps): Chassis {
  const { reach = createReach(deps) } = deps;
  const { call } = reach;
  const isLive: ChassisDeps["isLive"] = async (identity, { requestId, trace, deadline, isRepeat }) => {
    const follows = { requestId, trace, deadline, isRepeat };
    const input = factsOfIdentity(identity);
    return liveness.parse(await call({ callee: "auth", path: "tokens.isLive", input, ...follows })).live;
  };
  const trust = triedOnOwnToken(deps, createTrust(deps, reach), reach);
  const checks = { ...trust.checks, credential: reach.checkCredential };
  const chassis = createChassis({ ...deps, ...trust, checks, call, isLive });
  chassis.onRevoked(reach.forget);
  watchReach(chassis.metrics, reach);
  return chassis;
}

/** Readiness tries tokens of auth on one of the service's own, except where auth itself is asked about each token. */
function triedOnOwnToken(deps: ConnectDeps, trust: Trust, { ownToken }: Reach): Trust {
  if (deps.tokenCheck?.by === "introspection") return trust;
  const sharesSecret = (deps.insecureSharedSecrets ?? null) !== null;
  const { check, readiness } = checkOwnToken({ ...deps, ...trust, ...ownToken, sharesSecret });
  return { ...trust, check, checks: { ...trust.checks, tokens: readiness } };
}

const liveness = z.object({ live: z.boolean() });
