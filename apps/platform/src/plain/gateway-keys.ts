import { createPublicKey, type KeyObject } from "node:crypto";
import type { Fetch } from "@countersign/client";
import { z } from "zod";

/** The keys that the gateway signs its word with, by their ids. */
export type GatewayKeys = {
  /** @throws Error when there are no keys to be had: then nobody can say who is calling */
  find(kid: string): Promise<KeyObject | null>;
};

export type GatewayKeysDeps = {
  /** Where the gateway publishes them. */
  readonly url: string;
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

const keySet = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), alg: z.string(), use: z.literal("sig") })).min(1),
});
const maxAgeMs = 300_000;
const floorMs = 30_000;

/** Keeps them for five minutes, and asks at most every half minute, however many unknown ids come. */
export function createGatewayKeys({ url, fetch, now }: GatewayKeysDeps): GatewayKeys {
  let keys = new Map<string, KeyObject>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> = Promise.resolve();

  async function ask(): Promise<void> {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(5_000) });
    const entries = keySet.parse(await response.json()).keys.filter(({ alg }) => alg === "ES256");
    keys = new Map(entries.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));
    fetchedAt = now();
  }

  return {
    async find(kid) {
      const isDue = !keys.has(kid) || now() - fetchedAt > maxAgeMs;
      if (isDue && now() - askedAt > floorMs) {
        askedAt = now();
        asking = ask();
      }
      try {
        await asking;
      } catch (error) {
        if (keys.size === 0) throw error; // with keys in hand an outage of the gateway changes nothing
      }
      return keys.get(kid) ?? null;
    },
  };
}
