import { createHash } from "node:crypto";
import type { ServiceName } from "@countersign/access";
import { addressKey, addressPath, type Counter, type Limiter, type Taken } from "@countersign/service";

/** How often accounts may be tried and made, and sessions renewed; for every face of auth alike. */
export type Limits = {
  /** One attempt to sign in from somewhere unknown; it counts unless it is given back. */
  readonly signIn: (email: string, address: string) => Promise<Taken>;
  /** The same after somebody with the right to it changed the account at this moment: what came before no longer counts. */
  readonly signInAnew: (email: string, changedAt: number) => Promise<Taken>;
  /** The same from a device on which the account was signed in before: strangers have no part in its count. */
  readonly signInOfDevice: (email: string, device: string) => Promise<Taken>;
  /** One attempt to prove a password in a session: its own count decides, and the account's goes up with it. */
  readonly proofInSession: (email: string, sessionId: string) => Promise<Taken>;
  /** One step of a sign-in with a provider: going there, or coming back. */
  readonly provider: (address: string) => Promise<Taken>;
  /** One attempt to register. */
  readonly registration: (email: string, address: string) => Promise<Taken>;
  /** One request for a mail to an address. */
  readonly mailRequest: (email: string, address: string) => Promise<Taken>;
  /** One try of the code that answers a request to sign in. */
  readonly code: (request: string) => Promise<Taken>;
  /** One notice that a user's own sign-ins cause. */
  readonly notice: (userId: string) => Promise<Taken>;
  /** One try of the password of a registration that waits for its link. */
  readonly confirmation: (linkId: string) => Promise<Taken>;
  /** One attempt to renew a session, null for a token of none; it counts unless it is given back. */
  readonly refresh: (sessionId: string | null, address: string) => Promise<Taken>;
  /** One rotation of a session, counted by the session and by its user where that is known; unless it is given back. */
  readonly rotation: (sessionId: string, userId: string | null) => Promise<Taken>;
  /** A rotation of a user who was not known before it: it counts, though it is done. */
  readonly rotationDone: (userId: string) => Promise<void>;
  /** One session that begins with a proved password. */
  readonly signedIn: (userId: string) => Promise<Taken>;
  /** One access token that its user revokes. */
  readonly revocation: (userId: string) => Promise<Taken>;
  /** One change of a password by who knows it. */
  readonly passwordChange: (userId: string) => Promise<Taken>;
  /** One token that a service gets for itself. */
  readonly serviceToken: (service: ServiceName) => Promise<Taken>;
  /** One token that a service gets for a user's. */
  readonly exchange: (service: ServiceName, userId: string) => Promise<Taken>;
  /** One access token that a service revokes. */
  readonly serviceRevocation: (service: ServiceName) => Promise<Taken>;
  /** One refusal at an OAuth endpoint that is written down by itself. */
  readonly clientFailure: (address: string) => Promise<Taken>;
  /** One request of a receiver of security events that reads, such as a poll. */
  readonly streamCall: (receiver: string) => Promise<Taken>;
  /** One that changes its stream, which is written to the audit log. */
  readonly streamChange: (receiver: string) => Promise<Taken>;
};

const quarter = 15 * 60;
const hour = 60 * 60;

/**
 * Where both an address and an account are counted, both must allow it, the address first. A client that a trusted proxy
 * does not name has no address to count: the account alone is counted then. Failed attempts are what
 * counts: one that succeeds is given back, so that a busy office is not locked out. What can be used to guess a password,
 * or to make accounts, is strict; a refresh token cannot be guessed, and nobody is to lose a session to a store that is
 * down.
 *
 * What succeeds and leaves a row in the audit log is counted by user or session, and never by address: many users may
 * share one. A sign-out has no limit: there are no more of them than sign-ins, and nobody is kept from it. What a service
 * causes is counted by service, in sizes that only a fault or a stolen key reaches.
 */
export function createLimits(limiter: Limiter): Limits {
  const define = (name: string, calls: number, { perSeconds, strict }: { perSeconds: number; strict: boolean }) =>
    limiter.define(`auth.${name}`, { calls, perSeconds, strict });
  const signInOfAddress = define("login/address", 100, { perSeconds: quarter, strict: true });
  const signInOfNetwork = define("login/network", 1_000, { perSeconds: quarter, strict: true });
  const signInOfAccount = define("login/account", 10, { perSeconds: quarter, strict: true });
  const signInOfDevice = define("login/device", 10, { perSeconds: quarter, strict: true });
  const signInOfDevices = define("login/devices", 100, { perSeconds: quarter, strict: true });
  const proofOfSession = define("login/session", 5, { perSeconds: quarter, strict: true });
  const registrationOfAddress = define("register/address", 100, { perSeconds: hour, strict: true });
  const registrationOfNetwork = define("register/network", 1_000, { perSeconds: hour, strict: true });
  const registrationOfAccount = define("register/account", 30, { perSeconds: hour, strict: true });
  const mailOfAddress = define("mail/address", 30, { perSeconds: hour, strict: true });
  const mailOfNetwork = define("mail/network", 300, { perSeconds: hour, strict: true });
  const mailOfAccount = define("mail/account", 5, { perSeconds: hour, strict: true });
  const confirmationOfLink = define("confirm/link", 10, { perSeconds: hour, strict: true });
  const codeOfRequest = define("code/request", 5, { perSeconds: hour, strict: true });
  const noticeOfUser = define("notice/user", 10, { perSeconds: hour, strict: false });
  const providerOfAddress = define("provider/address", 300, { perSeconds: quarter, strict: false });
  const refreshOfAddress = define("refresh/address", 3_000, { perSeconds: quarter, strict: false });
  const refreshOfSession = define("refresh/session", 60, { perSeconds: 60, strict: false });
  const rotationOfSession = define("renewal/session", 60, { perSeconds: 60, strict: false });
  const rotationOfUser = define("renewal/user", 300, { perSeconds: 60, strict: false });
  const signedInOfUser = define("signIn/user", 60, { perSeconds: 60, strict: false });
  const revocationOfUser = define("revocation/user", 60, { perSeconds: 60, strict: false });
  const passwordChangeOfUser = define("passwordChange/user", 20, { perSeconds: 60, strict: false });
  const tokensOfService = define("issue/service", 1_200, { perSeconds: 60, strict: false });
  const exchangesOfUser = define("exchange/user", 1_200, { perSeconds: 60, strict: false });
  const exchangesOfService = define("exchange/service", 60_000, { perSeconds: 60, strict: false });
  const revocationOfService = define("revocation/service", 1_200, { perSeconds: 60, strict: false });
  const clientFailures = define("clientFailure/address", 60, { perSeconds: 60, strict: false });
  const streamCalls = define("ssf/receiver", 300, { perSeconds: 60, strict: false });
  const streamChanges = define("ssf/change", 30, { perSeconds: 60, strict: false });
  return {
    signIn: (email, address) =>
      takeAll(...ofAddress(address, signInOfAddress, signInOfNetwork), [signInOfAccount, accountKey(email)]),
    signInAnew: (email, changedAt) => signInOfAccount.take(`${accountKey(email)}:${changedAt}`),
    signInOfDevice: (email, device) =>
      takeAll([signInOfDevice, `${accountKey(email)}:${device}`], [signInOfDevices, accountKey(email)]),
    async proofInSession(email, sessionId) {
      const taken = await proofOfSession.take(sessionId);
      if (!taken.allowed) return taken;
      const ofAccount = await signInOfAccount.take(accountKey(email));
      return { ...taken, giveBack: async () => void (await Promise.all([taken.giveBack(), ofAccount.giveBack()])) };
    },
    registration: (email, address) =>
      takeAll(...ofAddress(address, registrationOfAddress, registrationOfNetwork), [
        registrationOfAccount,
        accountKey(email),
      ]),
    mailRequest: (email, address) =>
      takeAll(...ofAddress(address, mailOfAddress, mailOfNetwork), [mailOfAccount, accountKey(email)]),
    confirmation: (linkId) => confirmationOfLink.take(linkId),
    code: (request) => codeOfRequest.take(request),
    notice: (userId) => noticeOfUser.take(userId),
    provider: (address) => providerOfAddress.take(addressKey(address)),
    refresh: (sessionId, address) =>
      sessionId === null
        ? refreshOfAddress.take(addressKey(address)) // tokens that auth did not issue count together
        : refreshOfSession.take(sessionId), // by its address, one user could keep the others there from theirs
    rotation: (sessionId, userId) =>
      takeAll([rotationOfSession, sessionId], ...(userId === null ? [] : [[rotationOfUser, userId] as const])),
    rotationDone: async (userId) => void (await rotationOfUser.take(userId)),
    signedIn: (userId) => signedInOfUser.take(userId),
    revocation: (userId) => revocationOfUser.take(userId),
    passwordChange: (userId) => passwordChangeOfUser.take(userId),
    serviceToken: (service) => tokensOfService.take(service),
    exchange: (service, userId) => takeAll([exchangesOfUser, `${service}:${userId}`], [exchangesOfService, service]),
    serviceRevocation: (service) => revocationOfService.take(service),
    clientFailure: (address) => clientFailures.take(addressKey(address)),
    streamCall: (receiver) => streamCalls.take(receiver),
    streamChange: (receiver) => streamChanges.take(receiver),
  };
}

type Wanted = readonly [Counter, string];

/**
 * None for an address that stands for many clients, whose limits must not be used up by one of them. An IPv6 /48 holds
 * 65,536 of the /64s that count as one address: together they have a count as well.
 */
function ofAddress(address: string, counter: Counter, ofNetwork?: Counter): readonly Wanted[] {
  const [network, key = network] = addressPath(address);
  if (network === undefined || key === undefined) return [];
  return ofNetwork === undefined || key === network
    ? [[counter, key]]
    : [
        [counter, key],
        [ofNetwork, network],
      ];
}

/** Counts by each in turn until one refuses. */
async function takeAll(...wanted: readonly Wanted[]): Promise<Taken> {
  const [first, ...more] = wanted;
  if (first === undefined) throw new RangeError("There is nothing to count by.");
  const [counter, key] = first;
  const taken = await counter.take(key);
  if (!taken.allowed || more.length === 0) return taken;
  const others = await takeAll(...more).catch(async (error: unknown) => {
    await taken.giveBack(); // the store failed in between, and nothing will be tried
    throw error;
  });
  const giveBack = async () => void (await Promise.all([taken.giveBack(), others.giveBack()]));
  return { ...others, giveBack };
}

/** Of one length, whatever was sent as an e-mail address. */
function accountKey(email: string): string {
  return createHash("sha256").update(email).digest("base64url");
}
