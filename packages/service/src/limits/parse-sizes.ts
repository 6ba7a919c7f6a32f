import { isService } from "@countersign/access";
import type { LimitSize } from "./limiter.ts";

/** What LIMITS is, for whoever wrote it otherwise. */
export const sizesHint = "is a list of limits such as orders.place/user=30/60,products.list/address=600/60";

/** `orders.place/user=30/60`: a name as the headers say it, how many calls, in how many seconds. */
const entry = /^([\w.-]+\/[\w-]+)=([1-9]\d{0,11})\/([1-9]\d{0,6})$/;

/**
 * Reads the sizes that operators chose for limits, by name; null for anything else than a list of them, each of the
 * gateway or of a service that there is. Whether there is such a limit, each service knows for itself.
 */
export function parseSizes(text: string): ReadonlyMap<string, LimitSize> | null {
  const sizes = new Map<string, LimitSize>();
  for (const part of text.split(",")) {
    const [, name, calls, perSeconds] = entry.exec(part.trim()) ?? [];
    if (name === undefined || sizes.has(name) || !isOurs(name)) return null;
    sizes.set(name, { calls: Number(calls), perSeconds: Number(perSeconds) });
  }
  return sizes;
}

function isOurs(name: string): boolean {
  const [owner = ""] = name.split(/[./]/, 1);
  return owner === "gateway" || isService(owner);
}
