import { createLog } from "@countersign/service";
import { readKeysCommand } from "../keys/keys-command.ts";
import { keySchedule, signingKeyAt } from "../keys/lifecycle.ts";
import { openKeyRing } from "../keys/open-key-ring.ts";
import { readKeys } from "../keys/store.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { runCommand } from "./command.ts";

/** A running auth looks into the outbox twice a second, and alone knows the bus that the services follow. */
const leaveToAuth = { flush: async () => undefined };

await runCommand((args) => {
  const work = readKeysCommand(args);
  return async ({ settings, secrets, database, say }) => {
    const { db } = database;
    const { sealing } = deriveSecrets(secrets);
    const [newest] = sealing;
    if (newest === undefined) return;
    const now = Date.now;
    const log = createLog({ service: "keys", level: "warn" });
    const monotonic = () => performance.now();
    const insecure = { signing: [], accepted: [] };
    const keys = await openKeyRing({ db, sealing, now, monotonic, schedule: keySchedule, insecure, log });
    const signing = signingKeyAt(await readKeys(db), now());
    const deps = {
      db,
      now,
      keys,
      relay: leaveToAuth,
      schedule: keySchedule,
      algorithm: settings.TOKEN_ALG ?? signing?.algorithm ?? "RS256",
      algorithmSince: now(),
      sharesSecret: false,
      acceptsSecret: false,
      sealing: newest,
      log,
    };
    await work(deps, say);
  };
});
