import { createHash } from "node:crypto";
import { addressKey, type Counter, type Limiter, type Taken, unknownClient } from "@countersign/service";

/** How often accounts may be tried and made, and sessions renewed; for every face of auth alike. */
export type Limits = {
  /** One attempt to sign in, or to prove a password otherwise; it counts unless it is given back. */
  readonly signIn: (email: string, address: string) => Promise<Taken>;
  /** One attempt to register. */
  readonly registration: (email: string, address: string) => Promise<Taken>;
  /** One attempt to renew a session, null for a token of none; it counts unless it is given back. */
  readonly refresh: (sessionId: string | null, address: string) => Promise<Taken>;
  /** One failed proof of a client at the token endpoint. */
  readonly clientFailure: (address: string) => Promise<Taken>;
};

const quarter = 15 * 60;
const hour = 60 * 60;

/**
 * Where both an address and an account are counted, both must allow it, the address first. A client that a trusted proxy
 * does not name has no address to count: the account alone is counted then. Failed attempts are what
 * counts: one that succeeds is given back, so that a busy office is not locked out. What can be used to guess a password,
 * or to make accounts, is strict; a refresh token cannot be guessed, and nobody is to lose a session to a store that is
 * down.
 */
export function createLimits(limiter: Limiter): Limits {
  const define = (name: string, calls: number, { perSeconds, strict }: { perSeconds: number; strict: boolean }) =>
    limiter.define(`auth.${name}`, { calls, perSeconds, strict });
  const signInOfAddress = define("login/address", 100, { perSeconds: quarter, strict: true });
  const signInOfAccount = define("login/account", 10, { perSeconds: quarter, strict: true });
  const registrationOfAddress = define("register/address", 100, { perSeconds: hour, strict: true });
  const registrationOfAccount = define("register/account", 30, { perSeconds: hour, strict: true });
  const refreshOfAddress = define("refresh/address", 3_000, { perSeconds: quarter, strict: false });
  const refreshOfSession = define("refresh/session", 60, { perSeconds: 60, strict: false });
  const clientFailures = define("clientFailure/address", 60, { perSeconds: 60, strict: false });
  return {
    signIn: (email, address) => takeBoth(ofAddress(signInOfAddress, address), [signInOfAccount, accountKey(email)]),
    registration: (email, address) =>
      takeBoth(ofAddress(registrationOfAddress, address), [registrationOfAccount, accountKey(email)]),
    refresh: (sessionId, address) =>
      sessionId === null
        ? refreshOfAddress.take(addressKey(address)) // tokens that auth did not issue count together
        : takeBoth(ofAddress(refreshOfAddress, address), [refreshOfSession, sessionId]),
    clientFailure: (address) => clientFailures.take(addressKey(address)),
  };
}

type Wanted = readonly [Counter, string];

/** Null for an address that stands for many clients, whose limits must not be used up by one of them. */
function ofAddress(counter: Counter, address: string): Wanted | null {
  return address === unknownClient ? null : [counter, addressKey(address)];
}

async function takeBoth(first: Wanted | null, [counter, key]: Wanted): Promise<Taken> {
  const taken = first === null ? null : await first[0].take(first[1]);
  if (taken !== null && !taken.allowed) return taken;
  const second = await counter.take(key);
  if (taken === null || !second.allowed) return second;
  const giveBack = async () => void (await Promise.all([taken.giveBack(), second.giveBack()]));
  return { ...second, giveBack };
}

/** Of one length, whatever was sent as an e-mail address. */
function accountKey(email: string): string {
  return createHash("sha256").update(email).digest("base64url");
}
