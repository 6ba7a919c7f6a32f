import { createHmac, timingSafeEqual } from "node:crypto";
import type { LinkPurpose } from "../schema-links.ts";

/** The tokens of links in mails. */
export type LinkTokens = {
  /** The token of a link; the same each time, so that a mail that is sent again holds the same one. */
  issue(id: string, purpose: LinkPurpose): string;
  /** The id of the link that a token of this purpose names, or null for one that was not issued here. */
  read(token: string, purpose: LinkPurpose): string | null;
  /** The code of eight digits that stands for a link to sign in, where codes are sent. */
  code(id: string): string;
  /** Whether a code is that of a link. */
  isCode(code: string, id: string): boolean;
};

/**
 * Link tokens of the form `id.mac`, mac = HMAC-SHA-256 over purpose and id. Only the id is stored, so that a copy of the
 * database holds nothing that can be presented. A token of one purpose is none of another.
 *
 * @param secrets the first signs, all verify; 32 bytes each
 */
export function createLinkTokens(secrets: readonly Uint8Array[]): LinkTokens {
  const [first] = secrets;
  if (first === undefined) throw new RangeError("Link tokens need a secret.");
  return {
    issue: (id, purpose) => `${id}.${macOf(first, id, purpose)}`,
    read(token, purpose) {
      const [, id, mac] = shape.exec(token) ?? [];
      if (id === undefined || mac === undefined) return null;
      const presented = Buffer.from(mac);
      const isOurs = secrets.some((secret) => timingSafeEqual(Buffer.from(macOf(secret, id, purpose)), presented));
      return isOurs ? id : null;
    },
    code: (id) => codeOf(first, id),
    isCode(code, id) {
      const presented = Buffer.from(code.padEnd(8).slice(0, 8));
      return secrets.some((secret) => timingSafeEqual(Buffer.from(codeOf(secret, id)), presented));
    },
  };
}

const shape = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/;

function macOf(secret: Uint8Array, id: string, purpose: LinkPurpose): string {
  return createHmac("sha256", secret).update(`${purpose}\n${id}`).digest("base64url");
}

/** Of 64 bits modulo 10^8: no code is likelier than another by more than one in 10^11. */
function codeOf(secret: Uint8Array, id: string): string {
  const bits = createHmac("sha256", secret).update(`code\n${id}`).digest().readBigUInt64BE();
  return String(bits % 100_000_000n).padStart(8, "0");
}
