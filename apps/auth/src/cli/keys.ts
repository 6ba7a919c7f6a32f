import { createLog } from "@countersign/service";
import { createKeyRing } from "../keys/key-ring.ts";
import { readKeysCommand } from "../keys/keys-command.ts";
import { keySchedule } from "../keys/lifecycle.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { secretsOf } from "../secrets/secrets-of.ts";
import { runCommand } from "./command.ts";

/** A running auth looks into the outbox twice a second, and alone knows the bus that the services follow. */
const leaveToAuth = { flush: async () => undefined };

await runCommand((args) => {
  const work = readKeysCommand(args);
  return async ({ settings, database, say }) => {
    const { db } = database;
    const { sealing } = deriveSecrets(await secretsOf(settings, settings.DATA_DIR));
    const [newest] = sealing;
    if (newest === undefined) return;
    const now = Date.now;
    const log = createLog({ service: "keys", level: "warn" });
    const onReloadFailed = (error: unknown) => log.warn({ err: error }, "The signing keys could not be read anew.");
    const deps = {
      db,
      now,
      keys: createKeyRing({ db, sealing, now, onReloadFailed }),
      relay: leaveToAuth,
      schedule: keySchedule,
      algorithm: settings.TOKEN_ALG,
      sharesSecret: false,
      sealing: newest,
    };
    await work(deps, say);
  };
});
