import type { Log } from "@countersign/context";
import type { Database } from "@countersign/database";
import { readAnchor } from "./anchor.ts";

/**
 * Tells the service's log where the audit log ends, whenever that has moved: whoever keeps the two apart can hold one
 * against the other, which is the only way to notice that the end of the audit log was cut off along with its anchor,
 * for example by restoring both from a backup (`npm run audit -- verify --head`).
 */
export function createWitness({ db, log }: { readonly db: Database; readonly log: Log }): () => Promise<void> {
  let told = 0;
  return async () => {
    const anchor = await readAnchor(db);
    if (anchor === null || anchor.head.position === told) return;
    told = anchor.head.position;
    log.info({ head: `${anchor.head.position}:${anchor.head.hash}` }, "The audit log reaches up to here.");
  };
}
