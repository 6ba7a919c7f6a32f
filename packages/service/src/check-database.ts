import { isReadOnly, type OpenDatabase } from "@countersign/database";
import type { ReadinessCheck } from "./health.ts";

/**
 * The readiness check of a service that writes to the schema `name`: whether the database takes a write there. Answers
 * `read_only` for a server that only reads, such as a standby after a failover.
 */
export function checkDatabase(database: Pick<OpenDatabase, "checkWritable">, name: string): ReadinessCheck {
  return async () => {
    try {
      await database.checkWritable(name);
      return undefined;
    } catch (error) {
      if (isReadOnly(error)) return "read_only";
      throw error;
    }
  };
}
