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
  const libpq = url.replace(/([?&])(sslrootcert=system|uselibpqcompat=[^&]*)(&|$)/g, "$1");
  try {
    return toClientConfig(parse(libpq, { useLibpqCompat: true }));
  } catch (error) {
    if (!(error instanceof Error) || !("path" in error) || !("code" in error)) throw error;
    const file = `${String(error.path)}, which cannot be read (${String(error.code)})`;
    throw new TypeError(`The database URL names ${file}.`, { cause: error });
  }
}
