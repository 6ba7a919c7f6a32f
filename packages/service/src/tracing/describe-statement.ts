/** What a span says of a statement: what it does, and to which table. */
export type DescribedStatement = { readonly operation: string; readonly table: string | null };

const tables = /\b(?:from|into|update|join|table)\s+((?:"\w+"|\w+)(?:\.(?:"\w+"|\w+))?)/i;

/**
 * Reads from a statement's text its first word and the first table that it names, and nothing else: what an operator
 * wrote into a statement as a literal stays out of traces.
 */
export function describeStatement(text: string): DescribedStatement {
  const [operation = "UNKNOWN"] = /[a-z]+/i.exec(text.slice(0, 100)) ?? [];
  const [, table] = tables.exec(text.slice(0, 10_000)) ?? [];
  return { operation: operation.toUpperCase(), table: table?.replaceAll('"', "") ?? null };
}
