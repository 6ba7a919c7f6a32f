import type { ClientConfig } from "pg";
import { parse, toClientConfig } from "pg-connection-string";

/**
 * Reads the URL of a PostgreSQL server into what the driver takes. `sslmode` means what libpq means by it (PostgreSQL
 * manual, "SSL Support"): `require` encrypts, `verify-ca` also checks that the authority in `sslrootcert` issued the
 * certificate, `verify-full` also that the certificate names the host. Without `sslrootcert`, or with `system`,
 * `verify-full` takes the authorities that the runtime trusts. The driver alone would take all three for `verify-full`.
 *
 * Throws a TypeError when a file that the URL names cannot be read; it repeats the name of the file, and nothing else.
 */
export function readConnectionConfig(url: string): ClientConfig {
  try {
    return toClientConfig(parse(withoutDefaults(url), { useLibpqCompat: true }));
  } catch (error) {
    if (!(error instanceof Error) || !("path" in error) || !("code" in error)) throw error;
    const file = `${String(error.path)}, which cannot be read (${String(error.code)})`;
    throw new TypeError(`The database URL names ${file}.`, { cause: error });
  }
}

/** Leaves out what says no more than is done without it, and which the parser would take for a file or refuse. */
function withoutDefaults(url: string): string {
  const [address = "", query = ""] = url.split("?");
  const isDefault = (each: string) => each === "sslrootcert=system" || each.startsWith("uselibpqcompat=");
  return `${address}?${query
    .split("&")
    .filter((each) => !isDefault(each))
    .join("&")}`;
}
