import { Refusal } from "@countersign/context";
import { tooMany } from "@countersign/service";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { issueTokens } from "./issue.ts";
import type { Issued } from "./issued.ts";
import { rotate } from "./rotate.ts";
import { settleRefresh } from "./settle-refresh.ts";

/**
 * Renews a session: the token presented is used up and its successor issued (RFC 9700 §4.14.2). Presenting the one
 * before the newest within the grace gives the newest again; anything else that was used up before ends the session,
 * since two parties hold its tokens.
 *
 * @throws Refusal UNAUTHORIZED with one message for every cause, TOO_MANY_REQUESTS after too many of those
 */
export async function refresh(deps: AuthDeps, token: string, from: Requester): Promise<Issued> {
  const presented = deps.refreshTokens.read(token);
  const taken = await deps.limits.refresh(presented?.sessionId ?? null, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  try {
    const issued = await renew(deps, presented, from);
    await taken.giveBack();
    return issued;
  } catch (error) {
    const isFailure = error instanceof Refusal && error.code === "UNAUTHORIZED";
    if (!isFailure) await taken.giveBack(); // nothing was learned about the token
    throw error;
  }
}

type Presented = ReturnType<AuthDeps["refreshTokens"]["read"]>;

async function renew(deps: AuthDeps, presented: Presented, from: Requester): Promise<Issued> {
  if (presented === null) throw report(deps, "not_issued", from);
  const at = deps.now();
  const rotated = await rotate(deps, presented, { at, from });
  if (rotated !== null) return await issueTokens(deps, rotated, at);
  const settled = await settleRefresh(deps, presented, { at, from });
  if (settled.session !== null) return await issueTokens(deps, settled.session, at);
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
