import type { ServiceName } from "@countersign/access";
import { type Identity, invalidCredential, Refusal, type User } from "@countersign/context";
import type { Metrics } from "@countersign/service";
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
 * @returns the user for an upstream below `/api/` and for a service that takes the gateway's word; null for nobody, and
 * for everyone who verifies by themselves
 * @throws Refusal as `Verifier.verify` says
 */
export async function identify(
  { trust, asserted = [], metrics }: GatewayDeps,
  route: PassingRoute,
  { authorization }: Credentials,
): Promise<Identified | null> {
  if (authorization === undefined || trust === undefined) return null;
  const token = authorization.slice("Bearer ".length);
  const verify = (service: ServiceName) => counted(metrics, trust.verifierFor(service).verify(token));
  if (route.face === "trpc") {
    if (asserted.includes(route.service)) return ownUser(await verify(route.service));
    await stopIfBad(verify(route.service));
  }
  if (route.face !== "api") return null;
  // Every user's token names auth, where its session lives; a service's for auth is no user's
  const identified = ownUser(await verify("auth"));
  if (identified === null) throw invalidCredential("wrong_class");
  return identified;
}

/** The user who calls directly; a service, for itself or for a user, is nobody whom the gateway vouches for. */
function ownUser({ user, service, token }: Identity): Identified | null {
  return user === null || service !== null ? null : { user, token };
}

/** Where it cannot be told whether a token is good the service says so itself, if it cannot tell either. */
async function stopIfBad(verifying: Promise<Identity>): Promise<void> {
  try {
    await verifying;
  } catch (error) {
    if (error instanceof Refusal && error.code === "SERVICE_UNAVAILABLE") return;
    throw error;
  }
}

async function counted(metrics: Metrics | undefined, verifying: Promise<Identity>): Promise<Identity> {
  try {
    const identity = await verifying;
    metrics?.verified("ok");
    return identity;
  } catch (error) {
    metrics?.verified(error instanceof Refusal ? (error.reason ?? error.code) : "error");
    throw error;
  }
}
