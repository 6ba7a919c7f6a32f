import { addressKey } from "../address-key.ts";

/** Counts what each address holds. */
export type AddressCount = {
  /** Takes one more for this address; false when it holds as many as it may. */
  enter(address: string): boolean;
  leave(address: string): void;
};

/** At most `most` for each address; IPv6 counts by /64. Addresses that `isExempt` names are not counted. */
export function createAddressCount(most: number, isExempt: (address: string) => boolean): AddressCount {
  const counts = new Map<string, number>();
  const isCounted = (address: string) => most !== Number.POSITIVE_INFINITY && !isExempt(address);
  return {
    enter(address) {
      if (!isCounted(address)) return true;
      const key = addressKey(address);
      const held = counts.get(key) ?? 0;
      if (held >= most) return false;
      counts.set(key, held + 1);
      return true;
    },
    leave(address) {
      if (!isCounted(address)) return;
      const key = addressKey(address);
      const held = (counts.get(key) ?? 1) - 1;
      if (held === 0) counts.delete(key);
      else counts.set(key, held);
    },
  };
}
