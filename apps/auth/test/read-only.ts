import { type OpenDatabase, openDatabase } from "@countersign/database";

/** Makes a test's own database read but not write, as a standby after a failover does, or both again. */
export async function setReadOnly(database: OpenDatabase, url: string | null, isReadOnly: boolean): Promise<void> {
  const setting = `default_transaction_read_only = ${isReadOnly ? "on" : "off"}`;
  if (url === null) {
    await database.query(`set ${setting}`);
    return;
  }
  const own = await openDatabase(url, { poolSize: 1 });
  try {
    await own.query("set default_transaction_read_only = off");
    await own.query(`do $$ begin execute format('alter database %I set ${setting}', current_database()); end $$`);
    const others = "datname = current_database() and pid <> pg_backend_pid()";
    await own.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${others}`);
  } finally {
    await own.close();
  }
}
