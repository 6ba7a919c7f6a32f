import { z } from "zod";
import { ConfigurationError, setting } from "./env.ts";

/** How a service finds out whether a user's token is good. */
export const tokenCheckSettings = {
  TOKEN_CHECK: z.enum(["keys", "introspection", "gateway"], 'is "keys", "introspection" or "gateway"').default("keys"),
  INTROSPECTION_CACHE_SECONDS: z.coerce
    .number("is a number of seconds")
    .int("is a whole number of seconds")
    .min(0, "is 0 or more")
    .max(60, "is 60 at most: for so long a session that ended could go on")
    .default(5),
  GATEWAY_URL: setting.originOrUnset(),
};

/** Which of the three ways, with what it takes. */
export type TokenCheckSetting =
  | { readonly by: "keys" }
  | { readonly by: "introspection"; readonly rememberSeconds: number }
  /** `origin`: where the gateway publishes its keys. */
  | { readonly by: "gateway"; readonly origin: string };

/**
 * Reads which way it is.
 *
 * @throws ConfigurationError when tokens are signed with a shared secret, which leaves only one way to check them
 */
export function readTokenCheck(
  settings: z.output<z.ZodObject<typeof tokenCheckSettings>> & { readonly PUBLIC_URL: string },
  { sharesSecret }: { readonly sharesSecret: boolean },
): TokenCheckSetting {
  const { TOKEN_CHECK: by } = settings;
  if (by !== "keys" && sharesSecret) {
    throw new ConfigurationError(`TOKEN_CHECK: "${by}" does not go with a shared secret; unset one of the two.`);
  }
  if (by === "introspection") return { by, rememberSeconds: settings.INTROSPECTION_CACHE_SECONDS };
  return by === "gateway" ? { by, origin: settings.GATEWAY_URL ?? settings.PUBLIC_URL } : { by };
}
