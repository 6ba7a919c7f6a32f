import { createHash } from "node:crypto";
import { addressKey } from "@countersign/service";
import { createLimit, type Limit, type LimitOptions, type Taken } from "./limit.ts";

/** How often accounts may be tried and made. */
export type Limits = {
  /** One attempt to sign in; it counts unless it is given back. Both counts must allow it, the address's first. */
  readonly signIn: (email: string, address: string) => Promise<Taken>;
  /** One attempt to register. */
  readonly registration: (address: string) => Promise<Taken>;
  /** One failed proof of a service at the token endpoint. */
  readonly clientFailure: (address: string) => Promise<Taken>;
};

export type LimitSettings = {
  readonly signInPerAccount: LimitOptions;
  readonly signInPerAddress: LimitOptions;
  readonly registrationPerAddress: LimitOptions;
  readonly clientFailurePerAddress: LimitOptions;
};

/** Failed attempts are what counts: one that succeeds is given back, so that a busy office is not locked out. */
export const limitSettings: LimitSettings = {
  signInPerAccount: { points: 10, seconds: 900 },
  signInPerAddress: { points: 100, seconds: 900 },
  registrationPerAddress: { points: 100, seconds: 3600 },
  clientFailurePerAddress: { points: 60, seconds: 60 },
};

/** Counts in this process. */
export function createLimits(settings: LimitSettings = limitSettings): Limits {
  const perAccount = createLimit(settings.signInPerAccount);
  const perAddress = createLimit(settings.signInPerAddress);
  const registrations = createLimit(settings.registrationPerAddress);
  const clientFailures = createLimit(settings.clientFailurePerAddress);
  return {
    signIn: (email, address) => takeBoth([perAddress, addressKey(address)], [perAccount, accountKey(email)]),
    registration: (address) => registrations.take(addressKey(address)),
    clientFailure: (address) => clientFailures.take(addressKey(address)),
  };
}

async function takeBoth(...wanted: readonly (readonly [Limit, string])[]): Promise<Taken> {
  const taken: Extract<Taken, { allowed: true }>[] = [];
  for (const [limit, key] of wanted) {
    const one = await limit.take(key);
    if (!one.allowed) return one;
    taken.push(one);
  }
  return {
    allowed: true,
    async giveBack() {
      await Promise.all(taken.map((one) => one.giveBack()));
    },
  };
}

/** Of one length, whatever was sent as an e-mail address. */
function accountKey(email: string): string {
  return createHash("sha256").update(email).digest("base64url");
}
