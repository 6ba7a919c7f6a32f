export { DatabaseLockedError, type DirectoryHolder } from "./database-locked-error.ts";
export { isSerializationFailure, isUnavailable, isUniqueViolation } from "./error-codes.ts";
export { assertJournalOrdered, type JournalEntry } from "./journal.ts";
export { MigrationError, type MigrationErrorCode } from "./migration-error.ts";
export type { Observe } from "./observe.ts";
export { type OpenOptions, openDatabase } from "./open.ts";
export { rowsOf } from "./rows.ts";
export { createSnapshot, snapshotVersion } from "./snapshot.ts";
export type { Database, ListenOptions, ListenState, OpenDatabase, PoolState, Row } from "./types.ts";
