import { auditCommand, readAuditArgs } from "../audit/audit-command.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { runCommand } from "./command.ts";

await runCommand(
  (args) => {
    readAuditArgs(args);
    return async ({ secrets, database, say }) => {
      const { audit: keys } = deriveSecrets(secrets);
      const whole = await auditCommand(args, { db: database.db, keys, say });
      if (!whole) process.exitCode = 1;
    };
  },
  { readsOnly: true },
);
