import type { Chassis } from "@countersign/service";
import type { CheckpointSettings } from "../settings.ts";
import { type CheckDeps, checkWritten } from "./check-written.ts";
import { createCheckpointFile, createCheckpointUrl } from "./checkpoint-store.ts";
import { type CheckpointDeps, createCheckpoints } from "./checkpoints.ts";
import { type FollowDenialsDeps, followDenials } from "./follow-denials.ts";
import { sealAudit } from "./seal.ts";

/** What keeps the audit log going. */
export type AuditWork = {
  /** How many rows of this process are not known to be sealed. */
  readonly waiting: () => number;
  /** Seals what has come in, and looks that what this process wrote is there. */
  readonly seal: () => Promise<void>;
  /** Says outside of the database where the log ends. */
  readonly checkpoint: () => Promise<void>;
};

type Deps = CheckDeps & Omit<CheckpointDeps, "stores">;

/** The work of the audit log on the database and outside of it. */
export function createAuditWork(deps: Deps, { file, url }: CheckpointSettings = {}): AuditWork {
  const stores = [
    ...(file === undefined ? [] : [createCheckpointFile(file)]),
    ...(url === undefined ? [] : [createCheckpointUrl(url, fetch)]),
  ];
  return {
    waiting: () => deps.journal.size(),
    async seal() {
      try {
        await sealAudit(deps);
      } finally {
        await checkWritten(deps);
      }
    },
    checkpoint: createCheckpoints({ ...deps, stores }),
  };
}

/**
 * Follows what every service refuses into the audit log; when the feed is closed, what has arrived is sealed, and said
 * outside.
 */
export function withAudit(chassis: Chassis, work: AuditWork, deps: FollowDenialsDeps): Chassis {
  const denials = followDenials(deps);
  const { feed } = chassis;
  const close = async () => {
    await feed.close();
    await denials.close();
    await work.seal().catch((error: unknown) => {
      deps.log.warn({ err: error }, "The audit log could not be sealed; the next start does.");
    });
    await work.checkpoint().catch((error: unknown) => {
      deps.log.warn({ err: error }, "There is no checkpoint of the end of the audit log; the next start makes one.");
    });
  };
  return { ...chassis, feed: { ...feed, close } };
}
