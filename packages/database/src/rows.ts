import type { Row } from "./types.ts";

/** The rows of `db.execute(sql…)`: postgres.js gives them as an array, PGlite as `{ rows }`. */
export function rowsOf(result: unknown): readonly Row[] {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : result;
  if (!Array.isArray(rows)) throw new TypeError("This is not the result of a query.");
  return rows as readonly Row[]; // both drivers fill the array with plain row objects
}
