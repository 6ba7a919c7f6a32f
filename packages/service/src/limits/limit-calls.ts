import type { ServiceName } from "@countersign/access";
import type { Context, Gate, GiveBack, Limit } from "@countersign/context";
import { addressKey } from "../address-key.ts";
import { unknownClient } from "../client-address.ts";
import { announceQuota } from "./announce-quota.ts";
import type { LimitStore } from "./limit-store.ts";
import type { Counter, Limiter, Taken } from "./limiter.ts";
import { createMemoryStore } from "./memory-store.ts";
import { tooMany } from "./too-many.ts";

/** Holds calls to the limits that their procedures declare. */
export type CallLimits = {
  /** @throws RangeError for limits that cannot be: two of one name, or a size that is none */
  declare(procedure: string, limits: readonly Limit[]): void;
  /**
   * Counts one call, by each limit in the order of their declaration, until one refuses; a limit that counts by what the
   * call does not have, such as its user, lets it pass. Says in the answer's headers what is left.
   *
   * @returns what makes the call uncounted, for one that fails on our side: ten times as many as the limit allows in the
   * same time, so that whoever finds out how to cause failures has no work without a limit
   * @throws Refusal TOO_MANY_REQUESTS; SERVICE_UNAVAILABLE where a strict limit cannot be counted
   */
  limit: Gate["limit"];
};

/** The key of a limit is the procedure's own path, so that no spelling of a URL is counted apart. */
export function createCallLimits(service: ServiceName, limiter: Limiter): CallLimits {
  const declared = new Map<string, readonly DeclaredLimit[]>();
  const given = createMemoryStore(); // each process for itself: only a bound, and no more work for a store in an outage

  function countersOf(procedure: string, limits: readonly Limit[]): readonly DeclaredLimit[] {
    const known = declared.get(procedure);
    if (known !== undefined) return known;
    const counters = limits.map((limit) => ({
      by: limit.by,
      counter: limiter.define(`${service}.${procedure}/${limit.name ?? limit.by}`, limit),
    }));
    declared.set(procedure, counters);
    return counters;
  }

  return {
    declare: (procedure, limits) => void countersOf(procedure, limits),
    async limit(ctx, { procedure, limits }) {
      const counted: GiveBack[] = [];
      const giveBack = async () => void (await Promise.all(counted.map((each) => each())));
      for (const { by, counter } of countersOf(procedure, limits)) {
        const key = keyOf[by](ctx);
        if (key === null) continue;
        const taken = await counter.take(key).catch(async (error: unknown) => {
          await giveBack(); // this limit cannot be counted now, and nothing will be done
          throw error;
        });
        if (!taken.allowed) throw tooMany(taken.quota);
        announceQuota(ctx.responseHeaders, taken.quota);
        counted.push(() => giveBackSome(given, `${counter.name}:${key}`, taken));
      }
      return giveBack;
    },
  };
}

/** So many times the limit itself may be given back in the same time. */
const givenBackAtMost = 10;

async function giveBackSome(given: LimitStore, key: string, taken: Taken): Promise<void> {
  const { calls, perSeconds } = taken.quota;
  const times = await given.add(key, 1, perSeconds);
  if (times.calls <= givenBackAtMost * calls) await taken.giveBack();
}

type DeclaredLimit = { readonly by: Limit["by"]; readonly counter: Counter };

/** Who a call counts for; null when it has none of the kind. A service is known by its token, wherever it calls from. */
const keyOf: Readonly<Record<Limit["by"], (ctx: Context) => string | null>> = {
  address: ({ service, address }) => (service === null && address !== unknownClient ? addressKey(address) : null),
  user: ({ user }) => user?.id ?? null,
  service: ({ service }) => service?.name ?? null,
  procedure: () => "all",
};
