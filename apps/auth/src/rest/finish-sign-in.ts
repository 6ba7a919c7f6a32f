import type { Arrived } from "@countersign/service";
import type { RouterDeps } from "../deps.ts";
import type { ProviderIdentity } from "../providers/identity.ts";
import { linkIdentity } from "../providers/link-identity.ts";
import type { PendingSignIn, Purpose } from "../providers/pending-sign-ins.ts";
import { SignInProblem } from "../providers/problem.ts";
import { type KnownIdentity, proveIdentity } from "../providers/prove-identity.ts";
import { makeCode } from "../providers/sign-in-codes.ts";
import { startWithIdentity } from "../providers/start-with-identity.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver } from "../sessions/deliver.ts";
import { refreshPage } from "./refresh-page.ts";

/** The sign-in that ends, who was proved, and the headers of the answer. */
export type ProvedSignIn = {
  readonly pending: PendingSignIn;
  readonly identity: ProviderIdentity;
  readonly headers: Headers;
};

/**
 * Ends a sign-in with a provider by what it was begun for: a session in cookies, a linked identity, or a one-time code at the
 * client's address.
 *
 * @throws SignInProblem, and Refusal as `proveIdentity`, `linkIdentity` and `startWithIdentity` say
 */
export async function finishSignIn(
  deps: RouterDeps,
  { pending: { purpose, to }, identity, headers }: ProvedSignIn,
  arrived: Arrived,
): Promise<Response> {
  const from = requesterOf(arrived);
  if (purpose.kind === "link") {
    await linkIdentity(deps, { identity, ...purpose }, from);
    return refreshPage(to, headers);
  }
  const known = await proveIdentity(deps, identity, from);
  if (purpose.kind === "code") {
    headers.set("location", await addressWithCode(deps, known, purpose));
    return new Response(null, { status: 303, headers });
  }
  const brought = broughtBy(deps, arrived.request, { mode: "cookie" });
  const issued = await startWithIdentity(deps, { ...known, mode: "cookie", ...brought }, from);
  if (issued === null) throw new SignInProblem("account_disabled", { userId: known.userId });
  deliver(issued, "cookie", { ...deps, headers });
  return refreshPage(to, headers);
}

async function addressWithCode(
  deps: RouterDeps,
  known: KnownIdentity,
  { redirect, state, codeChallenge }: Extract<Purpose, { kind: "code" }>,
): Promise<string> {
  const url = new URL(redirect);
  url.searchParams.set("code", await makeCode(deps, known, codeChallenge));
  if (state !== null) url.searchParams.set("state", state);
  return url.href;
}
