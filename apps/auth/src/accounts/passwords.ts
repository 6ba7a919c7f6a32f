import { randomBytes } from "node:crypto";
import { Refusal } from "@countersign/context";
import { hash, verify } from "@node-rs/argon2";
import pLimit from "p-limit";
import type { Argon2Cost } from "./argon2-cost.ts";

/** Hashes passwords with argon2id, a bounded number at a time. */
export type Passwords = {
  /** A new hash in PHC form. @throws Refusal SERVICE_UNAVAILABLE when too many wait already. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. `stored` is null for an account that does not exist: a hash of the
   * current cost is then checked all the same and never matches, so that the answer takes as long.
   * `renewed` is a new hash to store when the stored one has another cost than today's.
   *
   * @throws Refusal SERVICE_UNAVAILABLE when too many wait already
   */
  verify(stored: string | null, password: string): Promise<{ matches: boolean; renewed: string | null }>;
  /** How many hashes were computed, for metrics. */
  computed(): number;
  /** How many are computed now, and how many wait for a slot. */
  queue(): { readonly running: number; readonly waiting: number };
};

export type PasswordsOptions = {
  readonly cost: Argon2Cost;
  /** How many hashes run at once; one for each core keeps other calls quick. */
  readonly slots: number;
  /** How many may wait for a slot; more are refused at once, so that a flood cannot pile up. */
  readonly waiting: number;
};

/** Algorithm.Argon2id; the library's const enum cannot be used where types are stripped. */
const argon2id = 2;

/** Computes one hash before it resolves: the one that unknown accounts are checked against. */
export async function createPasswords({ cost, slots, waiting }: PasswordsOptions): Promise<Passwords> {
  const limit = pLimit(slots);
  const options = { ...cost, algorithm: argon2id };
  let computed = 0;

  function inSlot<T>(work: () => Promise<T>): Promise<T> {
    if (limit.pendingCount >= waiting) throw overloaded();
    return limit(() => {
      computed += 1;
      return work();
    });
  }
  const decoy = await hash(randomBytes(32), options);
  const current = costOf(decoy);

  return {
    hash: async (password) => await inSlot(() => hash(password, options)),
    async verify(stored, password) {
      const matches = await inSlot(() => verify(stored ?? decoy, password));
      if (!matches || stored === null) return { matches: false, renewed: null };
      return { matches, renewed: stored.startsWith(current) ? null : await inSlot(() => hash(password, options)) };
    },
    computed: () => computed,
    queue: () => ({ running: limit.activeCount, waiting: limit.pendingCount }),
  };
}

/** What a hash in PHC form says of its algorithm, version and parameters, up to the salt. */
function costOf(stored: string): string {
  return `${stored.split("$").slice(0, 4).join("$")}$`;
}

function overloaded(): Refusal {
  const options = { reason: "hashing_queue_full", retryAfterSeconds: 2 };
  return new Refusal("SERVICE_UNAVAILABLE", "Too many sign-ins at this moment; try again.", options);
}
