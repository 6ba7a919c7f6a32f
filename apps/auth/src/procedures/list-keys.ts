import { permissionProcedure } from "@countersign/context";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import type { RouterDeps } from "../deps.ts";
import { type KeyState, keyStateOf } from "../keys/lifecycle.ts";
import { readKeys, type StoredKey } from "../keys/store.ts";

/** A signing key without either of its halves; times in ISO 8601. */
export type KeyView = {
  kid: string;
  algorithm: AsymmetricAlgorithm;
  state: KeyState;
  publishedAt: string;
  activatesAt: string;
  retiredAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
};

/** Every signing key that there was, oldest first, and what it is now. */
export const listKeys = ({ db, now }: RouterDeps) =>
  permissionProcedure("keys:read").query(async (): Promise<{ items: KeyView[] }> => {
    const at = now();
    return { items: (await readKeys(db)).map((key) => toView(key, at)) };
  });

function toView(key: StoredKey, at: number): KeyView {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: keyStateOf(key, at),
    publishedAt: key.publishedAt.toISOString(),
    activatesAt: key.activatesAt.toISOString(),
    retiredAt: iso(key.retiredAt),
    expiresAt: iso(key.expiresAt),
    revokedAt: iso(key.revokedAt),
  };
}

function iso(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
