import { is, Placeholder, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { OpenDatabase, Row } from "./types.ts";

/** A statement that is ready to run; it takes a value for each of its placeholders. */
export type Statement<Name extends string> = (
  database: Pick<OpenDatabase, "query">,
  values: Readonly<Record<Name, unknown>>,
) => Promise<readonly Row[]>;

/**
 * Puts a statement together once and for all, for the few that run so often that what drizzle does for each run of a
 * prepared one would show. Values are the `sql.placeholder`s, each bound once however often it stands in the text, and
 * rows are those of `OpenDatabase.query`.
 *
 * @returns a function that rejects with a TypeError, before anything is sent, when a value is undefined
 */
export function defineStatement<Name extends string>(statement: SQL): Statement<Name> {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement);
  const nameOf = params.map((param) => (is(param, Placeholder) ? param.name : refuse(param)));
  const names = [...new Set(nameOf)];
  const once = text.replace(/\$(\d+)/g, (_, position) => `$${names.indexOf(nameOf[Number(position) - 1] ?? "") + 1}`);
  return async (database, values: Readonly<Record<string, unknown>>) => {
    const bound = names.map((name) => {
      if (values[name] === undefined) throw new TypeError(`The statement has no value for ${name}.`);
      return values[name];
    });
    return await database.query(once, bound);
  };
}

function refuse(param: unknown): never {
  throw new TypeError(`A statement takes values by placeholder, not ${typeof param}s in its text.`);
}
