import { createIntrospection } from "@countersign/client/service";
import {
  checkByGateway,
  checkByIntrospection,
  checkByKeys,
  createInsecureSharedSecretKeySet,
  createRemoteKeySet,
} from "@countersign/context";
import type { ChassisDeps } from "./chassis.ts";
import type { ReachDeps } from "./create-reach.ts";
import type { TokenCheckSetting } from "./token-check-settings.ts";

/** `privateKey` proves the service where auth is asked about tokens. */
export type TrustDeps = Pick<ReachDeps, "service" | "issuer" | "origins" | "privateKey" | "fetch" | "now"> & {
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
export function createTrust(deps: TrustDeps): Trust {
  const { origins, fetch, now, algorithms, insecureSharedSecrets = null, tokenCheck = { by: "keys" } } = deps;
  if (insecureSharedSecrets !== null) {
    return { check: checkByKeys(createInsecureSharedSecretKeySet(insecureSharedSecrets)), algorithms: ["HS256"] };
  }
  if (tokenCheck.by === "introspection") {
    const introspectionEndpoint = new URL("/oauth/introspect", origins.auth);
    const ask = createIntrospection({ ...deps, key: deps.privateKey, introspectionEndpoint });
    return { check: checkByIntrospection({ ask, rememberSeconds: tokenCheck.rememberSeconds }), algorithms };
  }
  const keys = createRemoteKeySet({ url: `${origins.auth}/.well-known/jwks.json`, fetch, now });
  const checks = { keys: () => keys.load().then(() => undefined) };
  if (tokenCheck.by === "keys") return { check: checkByKeys(keys), algorithms, checks };
  const gatewayKeys = createRemoteKeySet({ url: `${tokenCheck.origin}/.well-known/gateway-jwks.json`, fetch, now });
  const gatewayAlgorithms = ["RS256", "ES256", "EdDSA"] as const;
  return { check: checkByGateway({ gatewayKeys, gatewayAlgorithms, keys }), algorithms, checks };
}
