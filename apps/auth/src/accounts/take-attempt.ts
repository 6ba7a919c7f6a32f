import type { Taken } from "@countersign/service";
import { eq, sql } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { oncePerDatabase } from "../once-per-database.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import type { SignInRequest } from "./credentials.ts";

/**
 * Counts one attempt to sign in. A device on which this account was signed in before has a count of its own, which nobody
 * else's guesses go into, from whichever address. Everyone else is counted by address and by account together; when the
 * account's count is used up, it begins anew with a change of the account by somebody who has the right to it, such as an
 * administrator who lifts the lock.
 *
 * @throws Refusal SERVICE_UNAVAILABLE
 */
export async function takeAttempt(deps: AuthDeps, request: SignInRequest, from: Requester): Promise<Taken> {
  const { email, devices = [] } = request;
  const device = deps.knownDevices.isOurs(devices) ? await knownDevice(deps, email, devices) : null;
  if (device !== null) return await deps.limits.signInOfDevice(email, device);
  const taken = await deps.limits.signIn(email, from.address);
  const { policy, perSeconds, resetSeconds } = taken.quota;
  if (taken.allowed || policy !== "auth.login/account") return taken;
  const changedAt = (await findAccount(deps, email))?.updatedAt.getTime() ?? 0;
  const windowBegan = deps.now() - (perSeconds - resetSeconds) * 1000;
  if (changedAt <= windowBegan) return taken;
  const anew = await deps.limits.signInAnew(email, changedAt);
  const giveBack = async () => void (await Promise.all([taken.giveBack(), anew.giveBack()]));
  return { ...anew, giveBack };
}

async function knownDevice(deps: AuthDeps, email: string, devices: readonly string[]): Promise<string | null> {
  const account = await findAccount(deps, email);
  return account === undefined ? null : deps.knownDevices.find(account.id, devices);
}

async function findAccount({ db }: AuthDeps, email: string) {
  const [account] = await accountOn(db).execute({ email });
  return account;
}

const accountOn = oncePerDatabase((db) =>
  db
    .select({ id: users.id, updatedAt: users.updatedAt })
    .from(users)
    .where(eq(users.email, sql.placeholder("email")))
    .prepare("account_to_count"),
);
