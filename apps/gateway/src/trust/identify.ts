import type { ServiceName } from "@countersign/access";
import { type Identity, invalidCredential, Refusal, type User } from "@countersign/context";
import type { Metrics } from "@countersign/service";
import { claimedClass } from "@countersign/tokens";
import type { Credentials } from "../credentials.ts";
import type { GatewayDeps } from "../deps.ts";
import type { PassingRoute } from "../routes.ts";

/** A user whose token the gateway has verified. */
export type Identified = { readonly user: User; readonly token: Identity["token"] };

/**
 * Verifies the token of a request where its answer can be known here: what a tRPC service would refuse is refused with
 * the service's own answer, and below `/api/` the gateway's word is the only one. Auth's own faces and the web app get
 * tokens as they are, for one that has ended must not keep anybody from renewing it.
 *
 * A token of a service, for itself or for a user, is good inside only: services reach each other past the gateway. On
 * every path where it could be meant as an identity it is refused here, by what it claims where it is not verified.
 *
 * @returns the user for an upstream below `/api/` and for a service that takes the gateway's word; null for nobody, and
 * for everyone who verifies by themselves
 * @throws Refusal as `Verifier.verify` says; UNAUTHORIZED for the token of a service
 */
export async function identify(
  { trust, asserted = [], metrics }: GatewayDeps,
  route: PassingRoute,
  { authorization }: Credentials,
): Promise<Identified | null> {
  if (authorization === undefined || route.face === "oauth") return null;
  const token = authorization.slice("Bearer ".length);
  if (trust === undefined || (route.face !== "trpc" && route.face !== "api")) return refuseServices(token);
  const verify = async (service: ServiceName) =>
    toIdentified(await counted(metrics, trust.verifierFor(service).verify(token)));
  // Every user's token names auth, where its session lives
  if (route.face === "api") return await verify("auth");
  const verified = verify(route.service);
  if (asserted.includes(route.service)) return await verified;
  await stopIfBad(verified, token);
  return null;
}

/** The user who calls directly. */
function toIdentified({ user, service, token }: Identity): Identified {
  if (user === null || service !== null) throw invalidCredential("wrong_class");
  return { user, token };
}

function refuseServices(token: string): null {
  const claimed = claimedClass(token);
  if (claimed === "service" || claimed === "delegated") throw invalidCredential("wrong_class");
  return null;
}

/** Where it cannot be told whether a token is good the service says so itself, if it cannot tell either. */
async function stopIfBad(verifying: Promise<Identified>, token: string): Promise<void> {
  try {
    await verifying;
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "SERVICE_UNAVAILABLE")) throw error;
    refuseServices(token);
  }
}

/** A service that may not call another one is as unknown here as any other: FORBIDDEN becomes UNAUTHORIZED. */
async function counted(metrics: Metrics | undefined, verifying: Promise<Identity>): Promise<Identity> {
  try {
    const identity = await verifying;
    metrics?.verified("ok");
    return identity;
  } catch (error) {
    metrics?.verified(error instanceof Refusal ? (error.reason ?? error.code) : "error");
    const isForbidden = error instanceof Refusal && error.code === "FORBIDDEN";
    throw isForbidden ? invalidCredential("wrong_class", error) : error;
  }
}
