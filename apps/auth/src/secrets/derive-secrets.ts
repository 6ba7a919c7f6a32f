import { createHash, hkdfSync } from "node:crypto";

/** What the configured secrets are turned into; the first of each list is used from now on, the others still count. */
export type Secrets = {
  readonly sealing: readonly SealingKey[];
  /** For `createRefreshTokens`: 32 bytes each. */
  readonly refresh: readonly Uint8Array[];
  /** For `createKnownDevices`: 32 bytes each. */
  readonly devices: readonly Uint8Array[];
  /** For `createLinkTokens`: 32 bytes each. */
  readonly links: readonly Uint8Array[];
  /** Seeds of the keys that security events are signed with: 32 bytes each. */
  readonly events: readonly Uint8Array[];
  /** For the anchor of the audit log: 32 bytes each. */
  readonly audit: readonly Uint8Array[];
};

/** A key that data at rest is sealed with, and the short name that is stored beside what it sealed. */
export type SealingKey = { readonly id: string; readonly key: Uint8Array };

/**
 * Derives one independent key per purpose from each secret (HKDF with SHA-256, RFC 5869), so that what leaks in one
 * place says nothing about another.
 *
 * @param masters the configured secrets, at least 32 bytes each, current one first
 * @throws RangeError without a secret, or when one is too short
 */
export function deriveSecrets(masters: readonly Uint8Array[]): Secrets {
  if (masters.length === 0) throw new RangeError("At least one secret is needed.");
  if (masters.some((master) => master.length < 32)) throw new RangeError("A secret has at least 32 bytes.");
  return {
    sealing: masters.map((master) => ({ id: nameOf(master), key: derive(master, "signing keys at rest") })),
    refresh: masters.map((master) => derive(master, "refresh tokens")),
    devices: masters.map((master) => derive(master, "known devices")),
    links: masters.map((master) => derive(master, "links in mails")),
    events: masters.map((master) => derive(master, "security events")),
    audit: masters.map((master) => derive(master, "anchor of the audit log")),
  };
}

function derive(master: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", master, new Uint8Array(0), `countersign auth: ${purpose}`, 32));
}

/** Taken from a derived value, so that the stored name tells nothing about the secret itself. */
function nameOf(master: Uint8Array): string {
  return createHash("sha256").update(derive(master, "name of a secret")).digest("base64url").slice(0, 11);
}
