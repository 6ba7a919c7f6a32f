import type { Database } from "@countersign/database";
import type { AuditJournal, JournalLine, SignedRow } from "./journal.ts";
import type { NewAuditRow } from "./row-mac.ts";

/** Where the rows written with a database go: into its journal, or to the transaction that it is. */
type Scope = { readonly journal: AuditJournal; readonly open: JournalLine[] | null };

const scopes = new WeakMap<Database, Scope>();

/**
 * The same database, whose audit rows are signed by the journal, and remembered there once they are committed. Its
 * transactions are likewise. Rows that are written with any other database are unsigned, and are not sealed.
 */
export function auditedDatabase(db: Database, journal: AuditJournal): Database {
  const audited = Object.create(db) as Database; // inherits everything from one
  follow(audited, db.transaction.bind(db), { journal, open: null });
  return audited;
}

function follow(db: Database, begin: Database["transaction"], scope: Scope): void {
  const { journal } = scope;
  scopes.set(db, scope);
  db.transaction = async (work, config) => {
    const lines: JournalLine[] = [];
    const result = await begin((tx) => {
      follow(tx, tx.transaction.bind(tx), { journal, open: lines });
      return work(tx);
    }, config);
    commit(scope, lines);
    return result;
  };
}

function commit({ journal, open }: Scope, lines: readonly JournalLine[]): void {
  if (open === null) journal.written(lines);
  else open.push(...lines);
}

/** A row that is ready to be written, and what to call when it was. */
export type SignedLine = {
  readonly row: NewAuditRow & { readonly [name in "stamp" | "mac" | "secret"]: SignedRow[name] | null };
  readonly written: () => void;
};

/** Signs a row with the journal of a database; unsigned where it has none. */
export function signLine(db: Database, row: NewAuditRow): SignedLine {
  const scope = scopes.get(db);
  if (scope === undefined) return { row: { ...row, stamp: null, mac: null, secret: null }, written: () => undefined };
  const signed = scope.journal.sign(row);
  return { row: signed, written: () => commit(scope, [signed]) };
}
