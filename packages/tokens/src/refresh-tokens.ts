import { createHmac, timingSafeEqual } from "node:crypto";

/** Makes and reads the opaque tokens that renew a session. */
export type RefreshTokens = {
  /** @throws RangeError when the session's id or the generation cannot stand in a token */
  issue(sessionId: string, generation: number): string;
  /** What the token stands for, or null for anything that was not issued with one of the secrets. */
  read(token: string): { sessionId: string; generation: number } | null;
};

/**
 * Refresh tokens of the form `sessionId.generation.mac`, mac = HMAC-SHA-256 (RFC 2104) over the two: the database holds
 * the generation only, and a generation of a session always has the same string. To change the secret, put the new one
 * first and keep the old one until the tokens signed with it have ended.
 *
 * @param secrets the first signs, all verify; at least 32 bytes each
 * @throws RangeError without a secret, or when one is too short
 */
export function createRefreshTokens(secrets: readonly Uint8Array[]): RefreshTokens {
  const [first, ...others] = secrets.map((secret) => Uint8Array.from(secret));
  if (first === undefined) throw new RangeError("Refresh tokens need a secret.");
  const all = [first, ...others];
  if (all.some((secret) => secret.length < 32)) throw new RangeError("A refresh token secret has at least 32 bytes.");
  return {
    issue(sessionId, generation) {
      const body = `${sessionId}.${generation}`;
      if (!bodyShape.test(body)) throw new RangeError("This session id or generation cannot stand in a refresh token.");
      return `${body}.${macOf(first, body).toString("base64url")}`;
    },
    read(token) {
      const [, sessionId, generation, mac] = (token.length <= maxLength && tokenShape.exec(token)) || [];
      if (sessionId === undefined || generation === undefined || mac === undefined) return null;
      const body = `${sessionId}.${generation}`;
      const presented = Buffer.from(mac, "base64url");
      if (presented.toString("base64url") !== mac) return null;
      return isIssued(all, body, presented) ? { sessionId, generation: Number(generation) } : null;
    },
  };
}

const maxLength = 128;
const bodyShape = /^[A-Za-z0-9_-]{1,64}\.(?:0|[1-9]\d{0,14})$/;
const tokenShape = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{43})$/;

function macOf(secret: Uint8Array, body: string): Buffer {
  return createHmac("sha256", secret).update("refresh token\n").update(body).digest(); // the prefix keeps other uses of a secret apart
}

/** Every secret is tried whatever the earlier ones said: the time tells nothing about which one matched. */
function isIssued(secrets: readonly Uint8Array[], body: string, presented: Buffer): boolean {
  let issued = false;
  for (const secret of secrets) issued = timingSafeEqual(macOf(secret, body), presented) || issued;
  return issued;
}
