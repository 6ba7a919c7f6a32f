import { type Identity, invalidCredential, Refusal, type User, type Verifier } from "@countersign/context";
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
  { trust, asserted = [] }: GatewayDeps,
  route: PassingRoute,
  { authorization }: Credentials,
): Promise<Identified | null> {
  if (authorization === undefined || trust === undefined) return null;
  const token = authorization.slice("Bearer ".length);
  if (route.face === "trpc") {
    if (asserted.includes(route.service)) return ownUser(await trust.verifierFor(route.service).verify(token));
    await stopIfBad(trust.verifierFor(route.service), token);
  }
  if (route.face !== "api") return null;
  // Every user's token names auth, where its session lives; a service's for auth is no user's
  const identified = ownUser(await trust.verifierFor("auth").verify(token));
  if (identified === null) throw invalidCredential("wrong_class");
  return identified;
}

/** The user who calls directly; a service, for itself or for a user, is nobody whom the gateway vouches for. */
function ownUser({ user, service, token }: Identity): Identified | null {
  return user === null || service !== null ? null : { user, token };
}

/** Where it cannot be told whether a token is good the service says so itself, if it cannot tell either. */
async function stopIfBad(verifier: Verifier, token: string): Promise<void> {
  try {
    await verifier.verify(token);
  } catch (error) {
    if (error instanceof Refusal && error.code === "SERVICE_UNAVAILABLE") return;
    throw error;
  }
}
