import { once } from "node:events";
import type { Writable } from "node:stream";

/** Resolves when there is room to write again, or when the stream has closed. */
export async function drained(writable: Writable): Promise<void> {
  if (writable.destroyed) return;
  const settled = new AbortController();
  const waits = [once(writable, "drain", settled), once(writable, "close", settled)];
  try {
    await Promise.race(waits);
  } finally {
    settled.abort();
    await Promise.allSettled(waits);
  }
}
