import type { Log } from "@countersign/context";
import { openDatabase } from "@countersign/database";
import { ConfigurationError, databaseOptions, eventsOptions, insecureSecretsOf, openBus } from "@countersign/service";
import { type GatewaySettings, isAsserting, serviceOrigins } from "../settings.ts";
import { type CookieVerifier, createCookieVerifier } from "./access-cookie.ts";
import { checkByAuthKeys } from "./auth-keys.ts";
import { createTrust, type Trust } from "./create-trust.ts";
import { openGatewayKey, openRevocationSource } from "./revocation-source.ts";

/**
 * Trust by these settings: auth's keys, and the bus that brings revocations. Without a bus the gateway verifies nothing,
 * since it could not tell a token that was revoked; the services do then, as they do anyway.
 *
 * @returns undefined without a bus
 * @throws ConfigurationError when upstreams are to be told who is calling, and there is no bus
 */
export async function openTrust(settings: GatewaySettings, log: Log): Promise<Trust | undefined> {
  const { EVENTS_URL: eventsUrl, DATABASE_URL: databaseUrl, PUBLIC_URL: issuer } = settings;
  if (eventsUrl === undefined && databaseUrl === undefined) {
    if (!isAsserting(settings)) return undefined;
    const message =
      "EVENTS_URL or DATABASE_URL: one is needed with UPSTREAMS or ASSERTED_SERVICES, for revocations to arrive";
    throw new ConfigurationError(`The environment is not one to start with:\n  ${message}`);
  }
  const { insecureAcceptedSecrets: insecureSharedSecrets } = insecureSecretsOf(settings);
  const database =
    eventsUrl === undefined && databaseUrl !== undefined
      ? await openDatabase(databaseUrl, databaseOptions(settings))
      : null;
  const bus = openBus({ ...eventsOptions(settings), database, log });
  const authOrigin = serviceOrigins(settings).auth[0] ?? "";
  const keys = checkByAuthKeys({ authOrigin, insecureSharedSecrets });
  const keyFile = settings.SERVICE_KEY_FILE;
  if (keyFile === undefined)
    log.warn({}, "Without SERVICE_KEY_FILE revocations that the bus loses cannot be asked for.");
  const key = await openGatewayKey(keyFile, log);
  const source = openRevocationSource({ issuer, authOrigin, key }, { now: Date.now, fetch: globalThis.fetch });
  const trust = createTrust({ issuer, ...keys, source, key, bus, log, now: Date.now });
  return {
    ...trust,
    async close() {
      await trust.close();
      await bus.close();
      await database?.close();
    },
  };
}

/** A verifier of access cookies by these settings, for a gateway without a bus. */
export async function openCookieVerifier(settings: GatewaySettings): Promise<CookieVerifier> {
  const { PUBLIC_URL: issuer } = settings;
  const { insecureAcceptedSecrets: insecureSharedSecrets } = insecureSecretsOf(settings);
  const authOrigin = serviceOrigins(settings).auth[0] ?? "";
  return createCookieVerifier({ issuer, ...checkByAuthKeys({ authOrigin, insecureSharedSecrets }), now: Date.now });
}
