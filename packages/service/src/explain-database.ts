import { isReadOnly, isUnavailable } from "@countersign/database";

/**
 * What is wrong with the database of `DATABASE_URL` or the way to it, and what to do, as a sentence without anything of the
 * URL; null for an error that does not come from there, or is one of a statement of ours.
 */
export function explainDatabase(error: unknown): string | null {
  for (const { code, message } of chainOf(error)) {
    const known = Object.hasOwn(causes, code) ? causes[code] : undefined;
    if (known !== undefined) return `DATABASE_URL: ${known} (${code}).`;
    if (/^(ERR_TLS|ERR_SSL|CERT_|.*SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code)) {
      return `DATABASE_URL: the certificate of the server is not to be trusted (${code}); see sslmode and sslrootcert.`;
    }
    if (/does not support SSL/i.test(message)) return "DATABASE_URL: the server speaks no TLS; see sslmode.";
  }
  if (isReadOnly(error)) return "DATABASE_URL: the server takes no writes; name one that is no standby.";
  if (!isUnavailable(error)) return null;
  const [code = ""] = chainOf(error).flatMap((link) => (link.code === "" ? [] : [link.code]));
  const why = code === "" ? "" : ` (${code})`;
  return `DATABASE_URL: the database does not answer${why}. Start it, or name one that answers.`;
}

/** By the codes of PostgreSQL (SQLSTATE) and of the connection. */
const causes: Readonly<Record<string, string>> = {
  "28000": "the server refuses this user, this address or a connection without TLS",
  "28P01": "the server refuses this user or password",
  "3D000": "the server has no such database, create it",
  "42501": "this role may not do what is needed here, see the guide on operating",
  "53300": "the server has too many connections, raise its max_connections or stop others",
  "53100": "the disk of the server is full",
};

type Link = { readonly code: string; readonly message: string };

/** The error, its causes and what it gathers, the outermost first. */
function chainOf(error: unknown, depth = 0): readonly Link[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const link = { code: "code" in error ? String(error.code) : "", message: error.message };
  const members: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [link, ...[error.cause, ...members].flatMap((each) => chainOf(each, depth + 1))];
}
