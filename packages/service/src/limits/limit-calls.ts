import type { ServiceName } from "@countersign/access";
import type { Context, Gate, Limit } from "@countersign/context";
import { addressKey } from "../address-key.ts";
import { unknownClient } from "../client-address.ts";
import { announceQuota } from "./announce-quota.ts";
import type { Counter, Limiter } from "./limiter.ts";
import { tooMany } from "./too-many.ts";

/** Holds calls to the limits that their procedures declare. */
export type CallLimits = {
  /** @throws RangeError for limits that cannot be: two of one name, or a size that is none */
  declare(procedure: string, limits: readonly Limit[]): void;
  /**
   * Counts one call, by each limit in the order of their declaration, until one refuses; a limit that counts by what the
   * call does not have, such as its user, lets it pass. Says in the answer's headers what is left.
   *
   * @throws Refusal TOO_MANY_REQUESTS; SERVICE_UNAVAILABLE where a strict limit cannot be counted
   */
  limit: Gate["limit"];
};

/** The key of a limit is the procedure's own path, so that no spelling of a URL is counted apart. */
export function createCallLimits(service: ServiceName, limiter: Limiter): CallLimits {
  const declared = new Map<string, readonly DeclaredLimit[]>();

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
      for (const { by, counter } of countersOf(procedure, limits)) {
        const key = keyOf[by](ctx);
        if (key === null) continue;
        const { allowed, quota } = await counter.take(key);
        if (!allowed) throw tooMany(quota);
        announceQuota(ctx.responseHeaders, quota);
      }
    },
  };
}

type DeclaredLimit = { readonly by: Limit["by"]; readonly counter: Counter };

/** Who a call counts for; null when it has none of the kind. A service is known by its token, wherever it calls from. */
const keyOf: Readonly<Record<Limit["by"], (ctx: Context) => string | null>> = {
  address: ({ service, address }) => (service === null && address !== unknownClient ? addressKey(address) : null),
  user: ({ user }) => user?.id ?? null,
  service: ({ service }) => service?.name ?? null,
  procedure: () => "all",
};
