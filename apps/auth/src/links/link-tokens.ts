import { createHmac, timingSafeEqual } from "node:crypto";
import type { LinkPurpose } from "../schema-links.ts";

/** The tokens of links in mails. */
export type LinkTokens = {
  /** The token of a link; the same each time, so that a mail that is sent again holds the same one. */
  issue(id: string, purpose: LinkPurpose): string;
  /** The id of the link that a token of this purpose names, or null for one that was not issued here. */
  read(token: string, purpose: LinkPurpose): string | null;
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
  };
}

const shape = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/;

function macOf(secret: Uint8Array, id: string, purpose: LinkPurpose): string {
  return createHmac("sha256", secret).update(`${purpose}\n${id}`).digest("base64url");
}
