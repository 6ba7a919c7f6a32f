import { Refusal, statusOf } from "@countersign/context";
import { tooMany } from "@countersign/service";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import type { Requester } from "../requester.ts";
import { issueTokens } from "./issue.ts";
import type { Issued } from "./issued.ts";
import { type Presented, redate, rotate, type Seen } from "./rotate.ts";
import { settleRefresh } from "./settle-refresh.ts";

/**
 * Renews a session: the token presented is used up and its successor issued (RFC 9700 §4.14.2). Presenting the one
 * before the newest within the grace gives the newest again; anything else that was used up before ends the session,
 * since two parties hold its tokens. What ends in a failure of ours uses nothing up: the same token counts when it comes
 * again, however much later (`failed-refreshes.ts`).
 *
 * @throws Refusal UNAUTHORIZED with one message for every cause, TOO_MANY_REQUESTS after too many of those
 */
export async function refresh(deps: AuthDeps, token: string, from: Requester): Promise<Issued> {
  const presented = deps.refreshTokens.read(token);
  const taken = await deps.limits.refresh(presented?.sessionId ?? null, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  return await countRefusals(taken, "UNAUTHORIZED", () => renew(deps, presented, from));
}

async function renew(deps: AuthDeps, presented: Presented | null, from: Requester): Promise<Issued> {
  if (presented === null) throw report(deps, "not_issued", from);
  const at = deps.now();
  try {
    return await decide(deps, presented, { at, from });
  } catch (error) {
    const isOurs = !(error instanceof Refusal) || statusOf(error) >= 500;
    if (isOurs) deps.failedRefreshes.add({ ...presented, from: at, until: deps.now() });
    throw error;
  }
}

/** What takes longer counts as a wait, in milliseconds. */
const moment = 1_000;

async function decide(deps: AuthDeps, presented: Presented, seen: Seen): Promise<Issued> {
  const { at, from } = seen;
  const signer = deps.keys.signer();
  await deps.failedRefreshes.write(presented.sessionId);
  const rotated = await rotate(deps, presented, seen);
  if (rotated !== null) {
    const now = deps.now();
    if (now - at > moment) await redate(deps, rotated, now);
    return await issueTokens(deps, rotated, { at: now, signer });
  }
  const settled = await settleRefresh(deps, presented, seen);
  if (settled.session !== null) return await issueTokens(deps, settled.session, { at: deps.now(), signer });
  await deps.relay.flush();
  if (settled.reason === "session_ended" || settled.reason === "unknown_session")
    throw report(deps, settled.reason, from);
  deps.refreshFailed(settled.reason);
  throw refreshRefused(settled.reason);
}

/** What anyone can present any number of times is counted by the minute instead of written down each time. */
function report(deps: AuthDeps, reason: string, { requestId, address }: Requester): Refusal {
  deps.refreshFailed(reason);
  deps.denied({ procedure: "refresh", reason, userId: null, service: null, requestId, address });
  return refreshRefused(reason);
}

/** The one answer to a refresh token that does not renew anything. */
export function refreshRefused(reason: string): Refusal {
  return new Refusal("UNAUTHORIZED", "The session has ended; sign in again.", { reason });
}
