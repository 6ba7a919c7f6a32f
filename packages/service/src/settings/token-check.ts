import { ConfigurationError } from "./configuration-error.ts";

/** Which of the three ways to check a user's token, with what it takes. */
export type TokenCheckSetting =
  | { readonly by: "keys" }
  | { readonly by: "introspection"; readonly rememberSeconds: number }
  /** `origin`: where the gateway publishes its keys. */
  | { readonly by: "gateway"; readonly origin: string };

type TokenCheckSettings = {
  readonly TOKEN_CHECK: "keys" | "introspection" | "gateway";
  readonly INTROSPECTION_CACHE_SECONDS: number;
};

/**
 * Reads which way it is.
 *
 * @param gateway where the gateway is reached
 * @throws ConfigurationError when tokens are signed with a shared secret, which leaves only one way to check them
 */
export function readTokenCheck(
  { TOKEN_CHECK: by, INTROSPECTION_CACHE_SECONDS: rememberSeconds }: TokenCheckSettings,
  { gateway, sharesSecret }: { readonly gateway: string; readonly sharesSecret: boolean },
): TokenCheckSetting {
  if (by !== "keys" && sharesSecret) {
    throw new ConfigurationError(`TOKEN_CHECK: "${by}" does not go with a shared secret; unset one of the two.`);
  }
  if (by === "introspection") return { by, rememberSeconds };
  return by === "gateway" ? { by, origin: gateway } : { by };
}
