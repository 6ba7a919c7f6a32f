import { Refusal, statusOf } from "@countersign/context";
import { tooMany } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { createLink } from "../links/create-link.ts";
import { linkLife } from "../links/link-life.ts";
import { toParams } from "../mail/cause.ts";
import { requireMail } from "../mail/require-mail.ts";
import type { Requester } from "../requester.ts";
import type { Issued } from "../sessions/issued.ts";
import type { SignInRequest } from "./credentials.ts";
import { refusePublicPassword } from "./demo-accounts.ts";
import { makeAccount } from "./make-account.ts";

/**
 * Makes an account and signs it in. Where registrations are confirmed by mail, it makes none yet and gives null: the same
 * for any address, with the same work. Elsewhere it is said openly that an address is taken. Attempts are limited per
 * address and per account, and each costs a hash.
 *
 * @throws Refusal BAD_REQUEST (field `password`) for a public one, CONFLICT (field `email`) for a known address where nothing is confirmed, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function register(deps: AuthDeps, wanted: SignInRequest, from: Requester): Promise<Issued | null> {
  const { email, password } = wanted;
  refusePublicPassword(deps, { email, password }, "password");
  const taken = await deps.limits.registration(email, from.address);
  if (!taken.allowed) {
    const entry = { action: "account.registered", outcome: "refused", reason: "rate_limited" } as const;
    if (taken.first) await record(deps.db, { ...entry, detail: { email } }, { at: deps.now(), from });
    throw tooMany(taken.quota);
  }
  try {
    return deps.confirmsRegistration ? await wait(deps, wanted, from) : await make(deps, wanted, from);
  } catch (error) {
    if (!(error instanceof Refusal) || statusOf(error) >= 500) await taken.giveBack(); // a failure of ours
    throw error;
  }
}

/** Keeps the registration until the link in the mail is used. Whether there is an account is looked up behind the answer. */
async function wait(deps: AuthDeps, { email, password }: SignInRequest, from: Requester): Promise<null> {
  const mail = requireMail(deps);
  const mailed = await deps.limits.mailRequest(email, from.address);
  if (!mailed.allowed) throw tooMany(mailed.quota);
  mail.refuseWhenFull();
  const passwordHash = await deps.passwords.hash(password, { address: from.address, account: email });
  const at = deps.now();
  const id = deps.newId();
  const link = { id, purpose: "register", userId: null, email, passwordHash } as const;
  await deps.db.transaction(async (tx) => {
    await createLink(tx, { ...link, createdAt: new Date(at), life: linkLife.register });
    await mail.add(tx, { id, to: email, template: "confirm_registration", params: toParams(from), at });
  });
  return null;
}

async function make(deps: AuthDeps, wanted: SignInRequest, from: Requester): Promise<Issued> {
  const { email, password, ...client } = wanted;
  const passwordHash = await deps.passwords.hash(password, { address: from.address, account: email });
  const made = await makeAccount(deps, { ...client, email, passwordHash, isVerified: false }, from);
  if (made !== null) return made;
  const known = { action: "account.registered", outcome: "refused", reason: "email_taken", detail: { email } } as const;
  await record(deps.db, known, { at: deps.now(), from });
  throw new Refusal("CONFLICT", "There is an account with this e-mail address; sign in instead.", { field: "email" });
}
