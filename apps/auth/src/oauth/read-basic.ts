/** What a client sent as its id and its secret; nothing of it is believed yet. */
export type BasicCredentials = { readonly clientId: string; readonly secret: string };

/** RFC 7617 §2; two headers arrive joined by a comma, and do not match. */
const shape = /^basic ([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Reads an Authorization header of `client_secret_basic`: id and secret are form-encoded each, then joined by a colon, then
 * base64 (RFC 6749 §2.3.1).
 *
 * @returns null for anything else
 */
export function readBasic(authorization: string): BasicCredentials | null {
  const [, encoded] = shape.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const [clientId, secret] = [formDecode(text.slice(0, colon)), formDecode(text.slice(colon + 1))];
  return colon > 0 && clientId !== null && secret !== null ? { clientId, secret } : null;
}

/** Null for what no form encoder writes. */
function formDecode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null; // the only error is that of a malformed escape
  }
}
