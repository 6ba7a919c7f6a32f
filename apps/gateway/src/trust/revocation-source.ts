import type { Log, RevocationSource } from "@countersign/context";
import { createRevocationSource, createRevocationsSince, openServiceKey, type ServiceKey } from "@countersign/service";

export type SourceOptions = {
  readonly issuer: string;
  /** Where auth is reached. */
  readonly authOrigin: string;
  /** The gateway's own private key, with which it asks auth; without one it has only what the bus retains. */
  readonly key: ServiceKey | undefined;
};

export type SourceDeps = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
};

/**
 * Opens the gateway's own private key, where it has one.
 *
 * @throws ConfigurationError naming SERVICE_KEY_FILE when the file cannot be used
 */
export async function openGatewayKey(keyFile: string | undefined, log: Log): Promise<ServiceKey | undefined> {
  return keyFile === undefined ? undefined : await openServiceKey(keyFile, { service: "gateway", log });
}

/** Whose revocations the gateway takes: those that auth signs, and what auth answers when the bus left something out. */
export function openRevocationSource(
  { issuer, authOrigin, key }: SourceOptions,
  { now, fetch }: SourceDeps,
): RevocationSource {
  const deps = { issuer, authOrigin, fetch, now };
  if (key === undefined) return createRevocationSource(deps, undefined);
  return createRevocationSource(
    deps,
    createRevocationsSince({ service: "gateway", issuer, key, fetch, now }, authOrigin),
  );
}
