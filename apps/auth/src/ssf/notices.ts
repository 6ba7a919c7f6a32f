import type { RouterDeps } from "../deps.ts";
import type { StreamNotice } from "../schema.ts";

const most = 5;

/** A new event about a stream itself. Of each type the newest counts. */
export function addNotice(
  notices: readonly StreamNotice[],
  said: Pick<StreamNotice, "type" | "event">,
  { newId, now }: Pick<RouterDeps, "newId" | "now">,
): readonly StreamNotice[] {
  const others = notices.filter(({ type }) => type !== said.type);
  return [...others, { ...said, id: newId(), issuedAt: Math.floor(now() / 1000) }].slice(-most);
}
