/** What stands in a log line where a secret would. */
const takenOut = "[taken out]";

/** Fields that are never written, wherever a log line carries them; compared in lower case, without `-` and `_`. */
const secretNames: ReadonlySet<string> = new Set([
  "assertion",
  "accesstoken",
  "authorization",
  "clientassertion",
  "clientsecret",
  "cookie",
  "currentpassword",
  "idtoken",
  "newpassword",
  "password",
  "privatekey",
  "refreshtoken",
  "secret",
  "setcookie",
  "subjecttoken",
  "token",
]);

/**
 * A JWT. One that is broken off after its first part matches too, and stays as it is: taken whole, its many possible
 * beginnings (`eyJ-eyJ-eyJ…`) are not tried one after the other, which takes the square of its length.
 */
const jwt = /\beyJ[\w-]{8,}(\.[\w-]+(?:\.[\w-]*)?)?/gi;

/** One of our refresh tokens (session, generation, MAC) or tokens of links (id, MAC), an Authorization header, and the password in a URL. */
const credentials =
  /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:\d+\.[\w-]+|[\w-]{43})|\b(bearer|basic|dpop) +[\w.~+/=-]+|(?<=:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/gi;

/** Text without the credentials that can be told by their looks. */
export function scrubText(text: string): string {
  const withoutJwts = text.replace(jwt, (found, rest: string | undefined) => (rest === undefined ? found : takenOut));
  return withoutJwts.replace(credentials, takenOut);
}

/**
 * The fields of a log line without secrets, by name and by looks; what is nested deeper than four levels is not written.
 * pino's own `redact` knows no looks, and costs seven times as much for names that may stand anywhere.
 */
export function scrubFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const scrubbed: Record<string, unknown> = {};
  for (const name in fields) scrubbed[name] = isSecret(name) ? takenOut : scrubValue(fields[name], depth);
  if (fields["err"] instanceof Error && depth === 0) scrubbed["err"] = fields["err"]; // has a serializer of its own
  return scrubbed;
}

function scrubValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.length < shortest ? value : scrubText(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return value.name; // its other fields may be a statement's values
  if (depth === deepest) return "[too deep]";
  if (Array.isArray(value)) return value.map((entry) => scrubValue(entry, depth + 1));
  return value instanceof Date ? value : scrubFields({ ...value }, depth + 1);
}

/** `Basic x` is the shortest credential that can be told. */
const shortest = 7;
const deepest = 4;

function isSecret(name: string): boolean {
  return secretNames.has(/[-_A-Z]/.test(name) ? name.replaceAll(/[-_]/g, "").toLowerCase() : name);
}
