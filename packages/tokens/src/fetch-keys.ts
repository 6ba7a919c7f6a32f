import { z } from "zod";
import { publicJwk } from "./jwk.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

/** One attempt to get an issuer's keys. */
export async function fetchKeys(options: {
  url: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  timeoutMs?: number;
}): Promise<ReadonlyMap<string, VerificationKey>> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? 3000);
  const response = await options.fetch(options.url, { redirect: "manual", signal });
  if (response.status !== 200) throw new Error(`The issuer answered with status ${response.status}.`);
  const { keys } = z.object({ keys: z.array(z.unknown()) }).parse(await response.json());
  const usable = keys.flatMap((key) => {
    const jwk = publicJwk.safeParse(key);
    return jwk.success ? [importVerificationKey(jwk.data)] : [];
  });
  if (usable.length === 0) throw new Error("The issuer published no usable key.");
  return new Map(usable.map((key) => [key.kid, key]));
}
