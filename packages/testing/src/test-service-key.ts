import type { ServiceKey } from "@countersign/service";
import { generateSigningKey, importSigningKey, type PublicJwk, type SigningKey } from "@countersign/tokens";

/** The key of a service that proves itself in a test; `publicJwk` is what auth registers for it. */
export type TestServiceKey = { readonly key: ServiceKey; readonly publicJwk: PublicJwk };

export async function createTestServiceKey(): Promise<TestServiceKey> {
  const { privateJwk, publicJwk } = await generateSigningKey("ES256");
  const key = await importSigningKey(privateJwk);
  return { key: async () => key, publicJwk };
}

/** A key that is made when it is first asked for, and that nobody has registered. */
export function createUnknownServiceKey(): ServiceKey {
  let made: Promise<SigningKey> | null = null;
  return () => {
    made ??= createTestServiceKey().then(({ key }) => key());
    return made;
  };
}
