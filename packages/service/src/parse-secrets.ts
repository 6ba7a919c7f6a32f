/**
 * Reads the value of SECRETS_KEY: base64 (or base64url) texts of at least 32 bytes, separated by commas, current first.
 *
 * @throws RangeError which says what is wrong with which entry, and never quotes it
 */
export function parseSecrets(value: string): readonly Uint8Array[] {
  return value.split(",").map((entry, index) => parseSecret(entry.trim(), index + 1));
}

function parseSecret(entry: string, position: number): Uint8Array {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(entry)) throw new RangeError(`entry ${position} is not base64`);
  const bytes = Buffer.from(entry, "base64"); // reads both alphabets
  if (bytes.length < 32) throw new RangeError(`entry ${position} has ${bytes.length} bytes; at least 32 are needed`);
  return new Uint8Array(bytes);
}
