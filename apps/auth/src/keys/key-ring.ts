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
import { keyStateOf, signingKeyAt } from "./lifecycle.ts";
import { readKeys, type StoredKey } from "./store.ts";

/** The signing keys as this process holds them in memory; also what it verifies tokens with. */
export type KeyRing = KeySource & {
  /** The key that signs now. @throws Refusal SERVICE_UNAVAILABLE when there is none */
  signer(): SigningKey;
  /** Which key signs now, and which one follows, for operators. */
  signing(): SigningState;
  /** Since when the key signs that signs now, in epoch milliseconds; null when there is none, or none that turns over. */
  signsSince(): number | null;
  /** What the JWKS publishes. */
  published(): readonly PublicJwk[];
  /** Forgets a key that was revoked, and reads the others anew. */
  revoke(kid: string): void;
  /** Reads the keys from the database. */
  reload(): Promise<void>;
};

type KeyName = Pick<SigningKey, "kid" | "algorithm">;

/** Null for a key that there is not; the next one signs from the moment `from`, in ISO 8601. */
export type SigningState = {
  readonly current: KeyName | null;
  readonly next: (KeyName & { readonly from: string }) | null;
};

export type KeyRingDeps = {
  readonly db: Database;
  readonly sealing: readonly SealingKey[];
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets, from any start. */
  readonly monotonic: () => number;
  /** How long a key stays accepted after its last signature, in milliseconds. */
  readonly staysFor: number;
  readonly onReloadFailed: (error: unknown) => void;
  /** Called when another key signs than the time before. */
  readonly onSignerChanged?: (signer: KeyName, before: KeyName) => void;
};

type HeldKey = { readonly stored: StoredKey; readonly signing: SigningKey };

/** The least time between two reads that unknown keys cause, in milliseconds. */
const reloadFloor = 5_000;

/**
 * An empty ring; `reload` fills it. A key that it does not know makes it read once more, since another replica may have
 * made one a moment ago, though never more often than every five seconds.
 *
 * A key that this process has seen signing is kept for `staysFor` of the monotonic clock at least: a wall clock that jumps
 * ahead expires no key whose tokens are still good elsewhere.
 */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { db, sealing, now, monotonic, staysFor, onReloadFailed, onSignerChanged } = deps;
  let held: readonly HeldKey[] = [];
  let published: readonly PublicJwk[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let lastSigner: KeyName | undefined;
  const lastSigned = new Map<string, number>();
  const local = createLocalKeySet(() => published);

  function hold(keys: readonly HeldKey[]): void {
    held = keys;
    published = keys.map(({ stored }) => stored.publicJwk);
  }

  async function reload(): Promise<void> {
    readAt = now();
    hold(await Promise.all((await readKeys(db)).filter(isAccepted).map((stored) => openKey(stored))));
    findSigning();
  }

  function isAccepted(key: StoredKey): boolean {
    const state = keyStateOf(key, now());
    const signedAt = lastSigned.get(key.kid) ?? Number.NEGATIVE_INFINITY;
    return state === "expired" ? monotonic() - signedAt < staysFor : state !== "revoked";
  }

  async function openKey(stored: StoredKey): Promise<HeldKey> {
    const known = held.find((key) => key.stored.kid === stored.kid)?.signing;
    const { kid, sealedPrivateJwk } = stored;
    return { stored, signing: known ?? (await importSigningKey(JSON.parse(unseal(sealedPrivateJwk, kid, sealing)))) };
  }

  function findSigning(): HeldKey | undefined {
    const stored = signingKeyAt(
      held.map((key) => key.stored),
      now(),
    );
    const found = held.find((key) => key.stored === stored);
    if (found === undefined) return undefined;
    lastSigned.set(found.signing.kid, monotonic());
    if (lastSigner !== undefined && lastSigner.kid !== found.signing.kid) onSignerChanged?.(found.signing, lastSigner);
    lastSigner = found.signing;
    return found;
  }

  return {
    signer() {
      const found = findSigning();
      if (found !== undefined) return found.signing;
      throw new Refusal("SERVICE_UNAVAILABLE", "Tokens cannot be issued right now; try again.", {
        reason: "no_signing_key",
        retryAfterSeconds: 2,
      });
    },
    signing() {
      const current = findSigning();
      const next = held.find((key) => key !== current && keyStateOf(key.stored, now()) === "next");
      return {
        current: current === undefined ? null : nameOf(current),
        next: next === undefined ? null : { ...nameOf(next), from: next.stored.activatesAt.toISOString() },
      };
    },
    signsSince: () => findSigning()?.stored.activatesAt.getTime() ?? null,
    published: () => published,
    find(kid, algorithm) {
      try {
        return local.find(kid, algorithm);
      } catch (error) {
        const isUnknown = error instanceof TokenError && error.code === "unknown_key";
        // a clock that was set far back makes the pause over, rather than longer
        if (!isUnknown || Math.abs(now() - readAt) < reloadFloor) throw error;
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

function nameOf({ signing: { kid, algorithm } }: HeldKey): KeyName {
  return { kid, algorithm };
}

function unavailable(cause: unknown): never {
  throw new TokenError("keys_unavailable", { cause });
}
