/** Why migrations are refused. */
export type MigrationErrorCode =
  | "journal_unreadable" // there is no journal, or it is not one
  | "journal_disordered" // the folder's migrations are not in the order of their timestamps
  | "schema_not_guarded" // a migration creates the schema without IF NOT EXISTS, as drizzle-kit writes it
  | "migration_changed" // a migration that this database has applied reads differently now
  | "migration_skipped" // this database has applied a younger one already
  | "schema_taken" // the schema holds what is not ours, or belongs to a role that lets this one make nothing in it
  | "statement_failed" // the database refused a statement; `cause` says why
  | "not_allowed"; // the role may not make what is missing

/** The migrations of a folder cannot be brought to this database as they are; nothing was applied. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
