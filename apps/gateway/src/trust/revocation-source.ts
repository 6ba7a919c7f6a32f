import type { Log, RevocationSource } from "@countersign/context";
import { createRevocationSource, createRevocationsSince, openServiceKey } from "@countersign/service";

export type SourceOptions = {
  readonly issuer: string;
  /** Where auth is reached. */
  readonly authOrigin: string;
  /** The gateway's own private key, with which it asks auth; without one it has only what the bus retains. */
  readonly keyFile: string | undefined;
};

export type SourceDeps = {
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
};

/**
 * Whose revocations the gateway takes: those that auth signs, and what auth answers when the bus left something out.
 *
 * @throws ConfigurationError naming SERVICE_KEY_FILE when the file cannot be used
 */
export async function openRevocationSource(
  { issuer, authOrigin, keyFile }: SourceOptions,
  { log, now, fetch }: SourceDeps,
): Promise<RevocationSource> {
  const deps = { issuer, authOrigin, fetch, now };
  if (keyFile === undefined) return createRevocationSource(deps, undefined);
  const key = await openServiceKey(keyFile, { service: "gateway", log });
  return createRevocationSource(
    deps,
    createRevocationsSince({ service: "gateway", issuer, key, fetch, now }, authOrigin),
  );
}
