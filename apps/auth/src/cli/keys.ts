import { createLog, openBus } from "@countersign/service";
import { createKeyRing } from "../keys/key-ring.ts";
import { keysCommand } from "../keys/keys-command.ts";
import { keySchedule } from "../keys/lifecycle.ts";
import { createRelay } from "../revocations/relay.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { secretsOf } from "../secrets/secrets-of.ts";
import { runCommand } from "./command.ts";

await runCommand(async ({ settings, database, say }) => {
  const { db } = database;
  const { sealing } = deriveSecrets(await secretsOf(settings, settings.DATA_DIR));
  const [newest] = sealing;
  if (newest === undefined) return;
  const now = Date.now;
  const log = createLog({ service: "keys", level: "warn" });
  const bus = openBus({ eventsUrl: settings.EVENTS_URL, database, log });
  const onReloadFailed = (error: unknown) => log.warn({ err: error }, "The signing keys could not be read anew.");
  const keys = createKeyRing({ db, sealing, now, onReloadFailed });
  const relay = createRelay({ db, bus, now, log });
  const algorithm = settings.TOKEN_ALG;
  try {
    await keysCommand(
      process.argv.slice(2),
      { db, now, keys, relay, schedule: keySchedule, algorithm, sharesSecret: false, sealing: newest },
      say,
    );
  } finally {
    await bus.close();
  }
});
