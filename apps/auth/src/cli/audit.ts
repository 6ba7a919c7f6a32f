import { auditCommand, readAuditArgs } from "../audit/audit-command.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { secretsOf } from "../secrets/secrets-of.ts";
import { runCommand } from "./command.ts";

await runCommand((args) => {
  readAuditArgs(args);
  return async ({ settings, database, say }) => {
    const { audit: keys } = deriveSecrets(await secretsOf(settings, settings.DATA_DIR));
    const whole = await auditCommand(args, { db: database.db, keys, say });
    if (!whole) process.exitCode = 1;
  };
});
