import { createFetchTransport } from "./fetch.ts";
import type { Transport } from "./port.ts";
import { createUndiciTransport } from "./undici.ts";

/** The transport that is cheapest on the runtime at hand: `fetch` on Bun, undici's dispatcher on Node. */
export function createTransport(): Transport {
  return "Bun" in globalThis ? createFetchTransport(globalThis.fetch) : createUndiciTransport();
}
