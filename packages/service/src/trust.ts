import {
  checkByGateway,
  checkByIntrospection,
  checkByKeys,
  createInsecureSharedSecretKeySet,
  createRemoteKeySet,
} from "@countersign/context";
import type { ChassisDeps } from "./chassis.ts";
import type { Reach, ReachDeps } from "./create-reach.ts";
import type { TokenCheckSetting } from "./token-check-settings.ts";

export type TrustDeps = Pick<ReachDeps, "origins" | "fetch" | "now"> & {
  readonly algorithms: ChassisDeps["algorithms"];
  /** INSECURE by design: believe tokens that were signed with one of these instead of auth's keys; null for keys. */
  readonly insecureSharedSecrets?: readonly Uint8Array[] | null;
  /** By auth's keys unless told. */
  readonly tokenCheck?: TokenCheckSetting;
};

/** How a service finds out whether a token is good, and what its readiness asks of that. */
export type Trust = Pick<ChassisDeps, "check" | "algorithms" | "checks">;

/**
 * Trust in auth, by one of three ways: its published keys, fetched when they are needed; its answer about each token; or
 * the word of the gateway, with auth's keys for the tokens of services. With a shared secret, nobody is asked at all.
 */
export function createTrust(deps: TrustDeps, { introspect }: Pick<Reach, "introspect">): Trust {
  const { origins, fetch, now, algorithms, insecureSharedSecrets = null, tokenCheck = { by: "keys" } } = deps;
  if (insecureSharedSecrets !== null) {
    return { check: checkByKeys(createInsecureSharedSecretKeySet(insecureSharedSecrets)), algorithms: ["HS256"] };
  }
  if (tokenCheck.by === "introspection") {
    const { rememberSeconds } = tokenCheck;
    return { check: checkByIntrospection({ ask: introspect, rememberSeconds }), algorithms };
  }
  const keys = createRemoteKeySet({ url: `${origins.auth}/.well-known/jwks.json`, fetch, now });
  const checks = { keys: () => keys.load().then(() => undefined) };
  if (tokenCheck.by === "keys") return { check: checkByKeys(keys), algorithms, checks };
  const gatewayKeys = createRemoteKeySet({ url: `${tokenCheck.origin}/.well-known/gateway-jwks.json`, fetch, now });
  const gatewayAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
  return { check: checkByGateway({ gatewayKeys, gatewayAlgorithms, keys }), algorithms, checks };
}
