import {
  asymmetricAlgorithms,
  checkByGateway,
  checkByIntrospection,
  checkByKeys,
  createInsecureMixedKeySet,
  createRemoteKeySet,
} from "@countersign/context";
import type { ChassisDeps } from "./chassis.ts";
import type { Reach, ReachDeps } from "./create-reach.ts";
import { createRevocationSource } from "./revocation-source.ts";
import type { TokenCheckSetting } from "./settings/token-check.ts";

export type TrustDeps = Pick<ReachDeps, "issuer" | "origins" | "fetch" | "now"> & {
  /** The algorithms of published keys that are accepted; by default all of them, each key for its own alone. */
  readonly algorithms?: ChassisDeps["algorithms"];
  /** INSECURE by design: accept tokens that were signed with one of these beside those of auth's keys; null for none. */
  readonly insecureSharedSecrets?: readonly Uint8Array[] | null;
  /** By auth's keys unless told. */
  readonly tokenCheck?: TokenCheckSetting;
};

/** How a service finds out whether a token is good, and what its readiness asks of that. */
export type Trust = Pick<ChassisDeps, "check" | "algorithms" | "checks" | "source">;

/**
 * Trust in auth, by one of three ways: its published keys, fetched when they are needed; its answer about each token; or
 * the word of the gateway, with auth's keys for the tokens of services. Shared secrets count beside the keys, so that a
 * deployment can change from one to the other.
 */
export function createTrust(
  deps: TrustDeps,
  { introspect, revocationsSince }: Pick<Reach, "introspect" | "revocationsSince">,
): Trust {
  const { origins, fetch, now, algorithms = asymmetricAlgorithms, tokenCheck = { by: "keys" } } = deps;
  const source = createRevocationSource(
    { issuer: deps.issuer, authOrigin: origins.auth, fetch, now },
    revocationsSince,
  );
  if (tokenCheck.by === "introspection") {
    const { rememberSeconds } = tokenCheck;
    return { check: checkByIntrospection({ ask: introspect, rememberSeconds }), algorithms, source };
  }
  const keys = createRemoteKeySet({ url: `${origins.auth}/.well-known/jwks.json`, fetch, now });
  const secrets = deps.insecureSharedSecrets ?? null;
  if (secrets !== null) {
    const mixed = createInsecureMixedKeySet(secrets, keys);
    const check = checkByKeys({
      find: (kid, algorithm) => mixed.find(kid, algorithm),
      revoke: (kid) => keys.revoke(kid),
    });
    return { check, algorithms: [...algorithms, "HS256"], source }; // no check of keys: auth may publish none
  }
  const checks = { keys: () => keys.load().then(() => undefined) };
  if (tokenCheck.by === "keys") return { check: checkByKeys(keys), algorithms, checks, source };
  const gatewayKeys = createRemoteKeySet({ url: `${tokenCheck.origin}/.well-known/gateway-jwks.json`, fetch, now });
  const gatewayAlgorithms = asymmetricAlgorithms;
  return { check: checkByGateway({ gatewayKeys, gatewayAlgorithms, keys }), algorithms, checks, source };
}
