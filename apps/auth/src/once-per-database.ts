import type { Database } from "@countersign/database";

/**
 * Gives what `build` makes of a database, made once for each: a statement with placeholders and `prepare`, for putting one
 * together costs more than running it. A transaction counts as a database of its own, and its statement ends with it.
 */
export function oncePerDatabase<Made>(build: (db: Database) => Made): (db: Database) => Made {
  const made = new WeakMap<Database, Made>();
  return (db) => {
    const known = made.get(db) ?? build(db);
    made.set(db, known);
    return known;
  };
}
