import type { Database } from "@countersign/database";
import { addReceiver, isAudience, listReceivers, receiverName, removeReceiver, standardAudience } from "./receivers.ts";

type ReceiversWork = (db: Database, say: (line: string) => void) => Promise<void>;

const actor = "command line";

/**
 * Reads what `npm run services` is asked for where it is about receivers of security events; null where it is not, and
 * `malformed` where it cannot be read.
 */
export function readReceiversCommand([verb, name = "", ...rest]: readonly string[]):
  | ReceiversWork
  | "malformed"
  | null {
  if (verb === "list-receivers") return name === "" ? list : "malformed";
  if (verb !== "add-receiver" && verb !== "remove-receiver") return null;
  if (!receiverName.test(name)) return "malformed";
  if (verb === "remove-receiver") return rest.length > 0 ? "malformed" : (db, say) => remove(name, db, say);
  const [audience = standardAudience(name), ...more] = rest;
  if (more.length > 0 || !isAudience(audience)) return "malformed";
  return async (db, say) => {
    const secret = await addReceiver(db, { name, audience }, { actor, at: Date.now() });
    say(`${name}: registered with the audience ${audience}; its secret is not shown again: ${secret}`);
  };
}

const list: ReceiversWork = async (db, say) => {
  const receivers = await listReceivers(db);
  if (receivers.length === 0) say("no receivers");
  for (const { name, audience, streamId, method, status, statusReason } of receivers) {
    const why = statusReason === null ? "" : ` (${statusReason})`;
    say(`${name}: ${audience}, ${streamId === null ? "no stream" : `${method}, ${status}${why}`}`);
  }
};

async function remove(name: string, db: Database, say: (line: string) => void): Promise<void> {
  const removed = await removeReceiver(db, name, { actor, at: Date.now() });
  say(`${name}: ${removed ? "removed, and its stream with it" : "there is no such receiver"}`);
}
