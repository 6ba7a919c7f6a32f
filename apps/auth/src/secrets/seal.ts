import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SealingKey } from "./derive-secrets.ts";

/**
 * Encrypts a text for storage with AES-256-GCM (NIST SP 800-38D) and a fresh 96-bit nonce. `label` names what the text
 * belongs to, for example a key's id, and is bound to it: a sealed text that was moved to another row does not open.
 */
export function seal(text: string, label: string, { id, key }: SealingKey): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(boundTo(id, label));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${id}.${nonce.toString("base64url")}.${sealed.toString("base64url")}`;
}

/**
 * Opens what `seal` made with any of these keys.
 *
 * @throws SealError when none of the keys made it, or it was changed or moved
 */
export function unseal(sealed: string, label: string, keys: readonly SealingKey[]): string {
  const [id = "", nonce = "", body = ""] = sealed.split(".");
  const held = keys.find((candidate) => candidate.id === id);
  if (held === undefined) throw new SealError("unknown_secret");
  try {
    const bytes = Buffer.from(body, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", held.key, Buffer.from(nonce, "base64url"), { authTagLength: 16 });
    decipher.setAAD(boundTo(id, label)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new SealError("not_authentic", { cause });
  }
}

/** Whether `sealed` was made with this key; if not, it wants to be sealed anew. */
export function isSealedWith(sealed: string, { id }: SealingKey): boolean {
  return sealed.startsWith(`${id}.`);
}

/** Why a sealed text does not open. */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly code: "unknown_secret" | "not_authentic";

  constructor(code: SealError["code"], options?: ErrorOptions) {
    const messages = {
      unknown_secret: "Sealed with a secret that SECRETS_KEY no longer lists; add the old one after the current one.",
      not_authentic: "The sealed text was changed, or belongs to something else.",
    };
    super(messages[code], options);
    this.code = code;
  }
}

function boundTo(id: string, label: string): Buffer {
  return Buffer.from(`${id}\n${label}`, "utf8");
}
