import { type CustomTypesConfig, types } from "pg";

/**
 * What the driver would turn into a Date, which has no microseconds, or into an object of its own. drizzle makes of the
 * text what the column's mode says.
 */
const readAsText: ReadonlySet<number> = new Set([
  types.builtins.DATE,
  types.builtins.TIMESTAMP,
  types.builtins.TIMESTAMPTZ,
  types.builtins.INTERVAL,
]);

/** How values are read when there is no schema to say so; the same as from PGlite. */
export const postgresTypes: CustomTypesConfig = {
  getTypeParser: (oid, format) => (readAsText.has(oid) ? asText : parserOf(oid, format ?? "text")),
};

function asText(value: string): string {
  return value;
}

function parserOf(oid: number, format: "text" | "binary"): (value: string) => unknown {
  return types.getTypeParser(oid, format) as (value: string) => unknown; // it is typed as any
}
