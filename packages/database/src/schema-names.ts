/** How schemas are called in a database, by the names that the statements have for them. */
export type SchemaNames = {
  readonly nameOf: (schema: string) => string;
  /** The text with each schema under its name there: where it stands in quotes, before a period. */
  readonly rename: (text: string) => string;
};

/** How many different texts are remembered; what comes after that is renamed each time. */
const maxTexts = 1_000;

/**
 * @param others the schemas that are called otherwise; none may be called as a table or an alias that qualifies a column
 *
 * Throws a TypeError for a name that would need quotes of its own.
 */
export function createSchemaNames(others: Readonly<Record<string, string>>): SchemaNames {
  const wrong = Object.values(others).find((name) => !/^[a-z_][a-z0-9_]{0,62}$/.test(name));
  if (wrong !== undefined) throw new TypeError("A schema is called by lower-case letters, digits and underscores.");
  const schemas = Object.keys(others).filter((schema) => others[schema] !== schema);
  const nameOf = (schema: string) => others[schema] ?? schema;
  if (schemas.length === 0) return { nameOf, rename: (text) => text };
  const pattern = new RegExp(`"(${schemas.join("|")})"(?=\\.")`, "g");
  const renamed = new Map<string, string>();
  return {
    nameOf,
    rename(text) {
      const known = renamed.get(text);
      if (known !== undefined) return known;
      const result = text.replace(pattern, (_, schema: string) => `"${nameOf(schema)}"`);
      if (renamed.size < maxTexts) renamed.set(text, result);
      return result;
    },
  };
}
