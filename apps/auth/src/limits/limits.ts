import { createHash } from "node:crypto";
import { addressKey, type Counter, type Limiter, type Taken } from "@countersign/service";

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
 * Where both an address and an account are counted, both must allow it, the address first. Failed attempts are what
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
    signIn: (email, address) => takeAll([signInOfAddress, addressKey(address)], [signInOfAccount, accountKey(email)]),
    registration: (email, address) =>
      takeAll([registrationOfAddress, addressKey(address)], [registrationOfAccount, accountKey(email)]),
    refresh: (sessionId, address) =>
      takeAll(
        [refreshOfAddress, addressKey(address)],
        ...(sessionId === null ? [] : [[refreshOfSession, sessionId] as const]),
      ),
    clientFailure: (address) => clientFailures.take(addressKey(address)),
  };
}

type Wanted = readonly [Counter, string];

async function takeAll(first: Wanted, ...more: readonly Wanted[]): Promise<Taken> {
  const [counter, key] = first;
  const taken = await counter.take(key);
  const [next, ...rest] = more;
  if (!taken.allowed || next === undefined) return taken;
  const others = await takeAll(next, ...rest);
  const giveBack = async () => void (await Promise.all([taken.giveBack(), others.giveBack()]));
  return others.allowed ? { ...others, giveBack } : others;
}

/** Of one length, whatever was sent as an e-mail address. */
function accountKey(email: string): string {
  return createHash("sha256").update(email).digest("base64url");
}
