import { type Context, type Gate, Refusal } from "@countersign/context";
import { addressKey } from "../address-key.ts";
import { unknownClient } from "../client-address.ts";

/** How many streams may be open at once in one process. */
export type StreamSizes = { readonly perUser: number; readonly perAddress: number };

/** What holds unless it is set otherwise. */
export const standardStreamSizes: StreamSizes = { perUser: 30, perAddress: 300 };

/** Every replica of a service follows auth's feed; all of them together are far fewer. */
const perService = 1_000;

/** Counts the streams that are open. */
export type StreamLimits = {
  /**
   * Counts one more of this caller: of a user, directly or through a service, of the client's address, an IPv6 /64 being
   * one, and of a service that calls for itself. A client that a trusted proxy does not name has no address to count.
   *
   * @throws Refusal TOO_MANY_REQUESTS
   */
  openStream: Gate["openStream"];
  /** How many are open. */
  open(): number;
};

export function createStreamLimits({ perUser, perAddress }: StreamSizes = standardStreamSizes): StreamLimits {
  const users = createOpenCount(perUser);
  const services = createOpenCount(perService);
  const addresses = createOpenCount(perAddress);
  let open = 0;

  function countersOf({ user, service, address }: Context): readonly (readonly [OpenCount, string])[] {
    const ofUser = user === null ? [] : [[users, user.id] as const];
    if (service !== null) return user === null ? [[services, service.name]] : ofUser;
    return address === unknownClient ? ofUser : [...ofUser, [addresses, addressKey(address)]];
  }

  return {
    openStream(ctx) {
      const counters = countersOf(ctx);
      const full = counters.find(([counter, key]) => !counter.hasRoom(key));
      if (full !== undefined) throw tooManyStreams(full[0].most);
      for (const [counter, key] of counters) counter.add(key);
      open += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        open -= 1;
        for (const [counter, key] of counters) counter.remove(key);
      };
    },
    open: () => open,
  };
}

/** The answer to one stream too many: it helps to close one. */
export function tooManyStreams(most: number): Refusal {
  const message = `No more than ${most} streams may be open at once; close one, then try again.`;
  return new Refusal("TOO_MANY_REQUESTS", message, { reason: "too_many_streams", retryAfterSeconds: 5 });
}

/** How much is open by key, up to so many for each; a key that has none is not held. */
export type OpenCount = ReturnType<typeof createOpenCount>;

export function createOpenCount(most: number) {
  const counts = new Map<string, number>();
  return {
    most,
    hasRoom: (key: string) => (counts.get(key) ?? 0) < most,
    add: (key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    remove(key: string) {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
  };
}
