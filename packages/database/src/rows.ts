import type { Row } from "./types.ts";

/** The rows of `db.execute(sql…)`, whose type drizzle leaves to the driver. */
export function rowsOf(result: unknown): readonly Row[] {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : null;
  if (!Array.isArray(rows)) throw new TypeError("This is not the result of a query.");
  return rows as readonly Row[]; // both drivers fill the array with plain row objects
}
