import { createRevocationList, type RevocationListDeps } from "@countersign/client/service";
import { createRemoteKeySet, type RevocationSource, revocationPage } from "@countersign/context";

type Client = Omit<RevocationListDeps, "revocationsEndpoint">;

/** Asks auth for the revocations that the bus did not bring. */
export function createRevocationsSince(client: Client, authOrigin: string): NonNullable<RevocationSource["since"]> {
  const list = createRevocationList({ ...client, revocationsEndpoint: new URL("/oauth/revocations", authOrigin) });
  return async (after) => revocationPage.parse(await list(after));
}

export type RevocationSourceDeps = {
  readonly issuer: string;
  /** Where auth is reached. */
  readonly authOrigin: string;
  readonly fetch: Client["fetch"];
  readonly now: () => number;
};

/** Trust in the events that auth signs, by the keys that it publishes for them. */
export function createRevocationSource(
  { issuer, authOrigin, fetch, now }: RevocationSourceDeps,
  since: RevocationSource["since"],
): RevocationSource {
  const keys = createRemoteKeySet({ url: `${authOrigin}/.well-known/ssf-jwks.json`, fetch, now });
  return { issuer, keys, since };
}
