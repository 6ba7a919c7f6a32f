/**
 * Says what is wrong with the URL of a PostgreSQL server, without repeating any of it, for it may hold a password; null for
 * one that can be used. A raw "#", "/" or "?" in a password would end it early, and the rest of it would be taken for a
 * host, a path or parameters, which errors and logs name.
 */
export function findPostgresUrlProblem(text: string): string | null {
  if (!/^postgres(ql)?:\/\//.test(text)) return 'is "postgres://…"';
  const [, userInfo = "", host, , query = ""] =
    /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^@/?#]*)(\/[^@?#]*)?(\?[^@#]*)?$/.exec(text) ?? [];
  if (host === undefined) return `cannot be read; in a password, ${encodings}`;
  if (host.includes(",")) return "names several servers; one is spoken to";
  if (!/^(\[[0-9a-f:.]+\]|[^:\s[\]]*)(:\d{1,5})?$/i.test(host))
    return `has no host and port that can be read; in a password, ${encodings}`;
  if (!isDecodable(userInfo) || !isDecodable(query))
    return 'has a "%" that encodes nothing; in a password it is written %25';
  if (host !== "" && !URL.canParse(text)) return "has no host and port that can be read";
  return findTlsProblem(new URLSearchParams(query));
}

const sslModes = ["disable", "require", "verify-ca", "verify-full"];

/** `prefer` and `allow` are refused: the driver knows no second try, and neither protects from a machine in between. */
function findTlsProblem(query: URLSearchParams): string | null {
  const mode = query.get("sslmode");
  if (mode !== null && !sslModes.includes(mode)) return `has an sslmode that is none of ${sslModes.join(", ")}`;
  if (mode === "verify-ca" && !query.has("sslrootcert")) return "says sslmode=verify-ca without an sslrootcert";
  return null;
}

const encodings = '"#", "/", "?" and "@" are written %23, %2F, %3F and %40';

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // what is wrong is said by the caller: the error holds nothing more
  }
}
