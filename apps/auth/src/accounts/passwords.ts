import { randomBytes } from "node:crypto";
import { Refusal } from "@countersign/context";
import { addressPath } from "@countersign/service";
import { hash, verify } from "@node-rs/argon2";
import type { Argon2Cost } from "./argon2-cost.ts";
import { createFairQueue } from "./fair-queue.ts";

/** Hashes passwords with argon2id, a bounded number at a time, in turn for every address. */
export type Passwords = {
  /**
   * A new hash in PHC form.
   *
   * @param share whose share of the hashing it counts for; auth's own when none is given
   * @throws Refusal SERVICE_UNAVAILABLE when too many wait, of this share too
   */
  hash(password: string, share?: HashShare): Promise<string>;
  /**
   * Whether the password is the one that was hashed. `stored` is null for an account that does not exist, or has no password: a hash of the
   * current cost is then checked all the same and never matches, so that the answer takes as long.
   * `renewed` is a new hash to store when the stored one has another cost than today's.
   *
   * @throws Refusal SERVICE_UNAVAILABLE when too many wait, of this share too
   */
  verify(
    stored: string | null,
    password: string,
    share?: HashShare,
  ): Promise<{ matches: boolean; renewed: string | null }>;
  /** How many hashes were computed, for metrics. */
  computed(): number;
  /** How many are computed now, and how many wait for a slot. */
  queue(): { readonly running: number; readonly waiting: number };
};

/** Whose password it is: the address that the client has, and the account that it names, in any spelling of its own. */
export type HashShare = { readonly address: string; readonly account: string };

export type PasswordsOptions = {
  readonly cost: Argon2Cost;
  /** How many hashes run at once; one for each core keeps other calls quick. */
  readonly slots: number;
  /** How many may wait for a slot; more are refused at once, so that a flood cannot pile up. */
  readonly waiting: number;
};

/** What waits for a slot: it gets one, or has to leave. */
type Turn = { readonly begin: () => void; readonly refuse: (refusal: Refusal) => void };

/** Algorithm.Argon2id; the library's const enum cannot be used where types are stripped. */
const argon2id = 2;

/** Computes one hash before it resolves: the one that unknown accounts are checked against. */
export async function createPasswords({ cost, slots, waiting }: PasswordsOptions): Promise<Passwords> {
  const queue = createFairQueue<Turn>(waiting);
  const options = { ...cost, algorithm: argon2id };
  let computed = 0;
  let running = 0;

  /** Resolves when it is this share's turn. */
  async function waitForSlot(share: HashShare | undefined): Promise<void> {
    if (running < slots) {
      running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    queue.add(pathOf(share), { begin: resolve, refuse: reject })?.refuse(overloaded());
    await promise;
  }

  async function inSlot<T>(share: HashShare | undefined, work: () => Promise<T>): Promise<T> {
    await waitForSlot(share);
    try {
      computed += 1;
      return await work();
    } finally {
      const next = queue.take(); // the slot is handed on, so that nobody comes in between
      if (next === null) running -= 1;
      else next.begin();
    }
  }
  const decoy = await hash(randomBytes(32), options);
  const current = costOf(decoy);

  return {
    hash: (password, share) => inSlot(share, () => hash(password, options)),
    async verify(stored, password, share) {
      const matches = await inSlot(share, () => verify(stored ?? decoy, password));
      if (!matches || stored === null) return { matches: false, renewed: null };
      const isCurrent = stored.startsWith(current);
      return { matches, renewed: isCurrent ? null : await inSlot(share, () => hash(password, options)) };
    },
    computed: () => computed,
    queue: () => ({ running, waiting: queue.size() }),
  };
}

/** Behind one address every account has its turn as well: one busy person of an office does not hold up the others. */
function pathOf(share: HashShare | undefined): readonly string[] {
  return share === undefined ? ["auth"] : [...addressPath(share.address), share.account];
}

/** Whether a password is the one that was hashed; it is not that of a hash that cannot be read. Waits for no slot. */
export async function isPasswordOf(stored: string, password: string): Promise<boolean> {
  try {
    return await verify(stored, password);
  } catch {
    return false; // not one of argon2: no password of ours made it
  }
}

/** What a hash in PHC form says of its algorithm, version and parameters, up to the salt. */
function costOf(stored: string): string {
  return `${stored.split("$").slice(0, 4).join("$")}$`;
}

function overloaded(): Refusal {
  const options = { reason: "hashing_queue_full", retryAfterSeconds: 2 };
  return new Refusal("SERVICE_UNAVAILABLE", "Too many sign-ins at this moment; try again.", options);
}
