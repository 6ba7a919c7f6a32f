import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import {
  createLocalKeySet,
  importSigningKey,
  type KeySource,
  type PublicJwk,
  type SigningKey,
  TokenError,
} from "@countersign/tokens";
import type { SealingKey } from "../secrets/derive-secrets.ts";
import { unseal } from "../secrets/seal.ts";
import { keyStateOf } from "./lifecycle.ts";
import { readKeys, type StoredKey } from "./store.ts";

/** The signing keys as this process holds them in memory; also what it verifies tokens with. */
export type KeyRing = KeySource & {
  /** The key that signs now. @throws Refusal SERVICE_UNAVAILABLE when there is none */
  signer(): SigningKey;
  /** Since when the key signs that signs now, in epoch milliseconds; null when there is none, or none that turns over. */
  signsSince(): number | null;
  /** What the JWKS publishes. */
  published(): readonly PublicJwk[];
  /** Forgets a key that was revoked, and reads the others anew. */
  revoke(kid: string): void;
  /** Reads the keys from the database. */
  reload(): Promise<void>;
};

export type KeyRingDeps = {
  readonly db: Database;
  readonly sealing: readonly SealingKey[];
  readonly now: () => number;
  readonly onReloadFailed: (error: unknown) => void;
};

type HeldKey = { readonly stored: StoredKey; readonly signing: SigningKey };

/** The least time between two reads that unknown keys cause, in milliseconds. */
const reloadFloor = 5_000;

/**
 * An empty ring; `reload` fills it. A key that it does not know makes it read once more, since another replica may have
 * made one a moment ago, though never more often than every five seconds.
 */
export function createKeyRing({ db, sealing, now, onReloadFailed }: KeyRingDeps): KeyRing {
  let held: readonly HeldKey[] = [];
  let published: readonly PublicJwk[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  const local = createLocalKeySet(() => published);

  function hold(keys: readonly HeldKey[]): void {
    held = keys;
    published = keys.map(({ stored }) => stored.publicJwk);
  }

  async function reload(): Promise<void> {
    readAt = now();
    const believed = (await readKeys(db)).filter((key) => !["expired", "revoked"].includes(keyStateOf(key, now())));
    hold(await Promise.all(believed.map((stored) => openKey(stored))));
  }

  async function openKey(stored: StoredKey): Promise<HeldKey> {
    const known = held.find((key) => key.stored.kid === stored.kid)?.signing;
    const { kid, sealedPrivateJwk } = stored;
    return { stored, signing: known ?? (await importSigningKey(JSON.parse(unseal(sealedPrivateJwk, kid, sealing)))) };
  }

  return {
    signer() {
      const current = held.find(({ stored }) => keyStateOf(stored, now()) === "current");
      if (current !== undefined) return current.signing;
      throw new Refusal("SERVICE_UNAVAILABLE", "Tokens cannot be issued right now; try again.", {
        reason: "no_signing_key",
        retryAfterSeconds: 2,
      });
    },
    signsSince() {
      const current = held.find(({ stored }) => keyStateOf(stored, now()) === "current");
      return current?.stored.activatesAt.getTime() ?? null;
    },
    published: () => published,
    find(kid, algorithm) {
      try {
        return local.find(kid, algorithm);
      } catch (error) {
        const isUnknown = error instanceof TokenError && error.code === "unknown_key";
        if (!isUnknown || now() - readAt < reloadFloor) throw error;
        return reload().then(() => local.find(kid, algorithm), unavailable);
      }
    },
    revoke(kid) {
      hold(held.filter(({ stored }) => stored.kid !== kid));
      reload().catch(onReloadFailed);
    },
    reload,
  };
}

function unavailable(cause: unknown): never {
  throw new TokenError("keys_unavailable", { cause });
}
