/** What a token says, whether it is good or not. */
export function readClaims(token: string): Record<string, unknown> {
  const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return { ...Object(claims) };
}
