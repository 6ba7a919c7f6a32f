import type { ReadinessCheck } from "@countersign/service";
import type { KeyDeps } from "../deps.ts";
import { rotateKeys } from "./rotate-keys.ts";

/**
 * Readiness of auth: whether a key signs. Without one, for example after keys were revoked in the database itself, it
 * makes one at once; `no_signing_key` means that this failed.
 */
export function checkSigning(deps: KeyDeps): ReadinessCheck {
  return async () => {
    if (deps.keys.signing().current !== null) return undefined;
    await deps.keys.reload();
    if (deps.keys.signing().current === null) await rotateKeys(deps);
    return deps.keys.signing().current === null ? "no_signing_key" : undefined;
  };
}
