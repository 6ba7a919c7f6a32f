import type { ServiceName } from "@countersign/access";
import { Refusal, statusOf } from "@countersign/context";
import { tooMany } from "@countersign/service";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import type { Requester } from "../requester.ts";
import { issueTokens } from "./issue.ts";
import type { Issued, LiveSession } from "./issued.ts";
import { type Presented, redate, rotate, type Seen } from "./rotate.ts";
import { settleRefresh } from "./settle-refresh.ts";

/** A refresh token, and the services that the access token is wanted for; every one that users may call by default. */
export type RefreshRequest = { readonly token: string; readonly audience?: readonly ServiceName[] };

/** When a token was presented and where from, and for which services. */
type Asked = Seen & Pick<RefreshRequest, "audience">;

/**
 * Renews a session: the token presented is used up and its successor issued (RFC 9700 §4.14.2). Presenting the one
 * before the newest within the grace gives the newest again; anything else that was used up before ends the session,
 * since two parties hold its tokens. What ends in a failure of ours uses nothing up: the same token counts when it comes
 * again, however much later (`failed-refreshes.ts`). Neither does TOO_MANY_REQUESTS: so many rotations a minute are done for
 * a session and for a user, since each is a row of the audit log, and the token then counts later.
 *
 * @throws Refusal UNAUTHORIZED with one message for every cause, TOO_MANY_REQUESTS after too many of those or of rotations
 */
export async function refresh(deps: AuthDeps, { token, audience }: RefreshRequest, from: Requester): Promise<Issued> {
  const presented = deps.refreshTokens.read(token);
  const taken = await deps.limits.refresh(presented?.sessionId ?? null, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  return await countRefusals(taken, ["UNAUTHORIZED", "TOO_MANY_REQUESTS"], () =>
    renew(deps, presented, { at: deps.now(), from, ...(audience === undefined ? {} : { audience }) }),
  );
}

async function renew(deps: AuthDeps, presented: Presented | null, asked: Asked): Promise<Issued> {
  const { at, from } = asked;
  if (presented === null) throw report(deps, "not_issued", from);
  try {
    return await decide(deps, presented, asked);
  } catch (error) {
    const isOurs = !(error instanceof Refusal) || statusOf(error) >= 500;
    if (isOurs) deps.failedRefreshes.add({ ...presented, from: at, until: deps.now() });
    throw error;
  }
}

/** What takes longer counts as a wait, in milliseconds. */
const moment = 1_000;

async function decide(deps: AuthDeps, presented: Presented, seen: Asked): Promise<Issued> {
  const { at, from, audience } = seen;
  const signer = deps.keys.signer();
  await deps.failedRefreshes.write(presented.sessionId);
  const allowed = await takeRotation(deps, presented.sessionId);
  const rotated = allowed.refused === null ? await rotateCounted(deps, { presented, allowed }, seen) : null;
  if (rotated !== null) {
    const now = deps.now();
    if (now - at > moment) await redate(deps, rotated, now);
    return await issueTokens(deps, rotated, { at: now, signer, audience });
  }
  const settled = await settleRefresh(deps, presented, seen);
  if (settled.session !== null) {
    if (allowed.refused !== null && settled.session.generation === presented.generation) {
      const { requestId, address } = from;
      const userId = settled.session.user.id;
      deps.denied({ procedure: "refresh", reason: "rate_limited", userId, service: null, requestId, address });
      throw allowed.refused;
    }
    return await issueTokens(deps, settled.session, { at: deps.now(), signer, audience });
  }
  await deps.relay.flush();
  if (settled.reason === "session_ended" || settled.reason === "unknown_session")
    throw report(deps, settled.reason, from);
  deps.refreshFailed(settled.reason);
  throw refreshRefused(settled.reason);
}

/** Whether a rotation may be done; beyond a limit, what is no rotation is decided all the same: a repeat, and reuse. */
type AllowedRotation = {
  readonly refused: Refusal | null;
  readonly giveBack: () => Promise<void>;
  readonly isOwnerKnown: boolean;
};

async function takeRotation(deps: AuthDeps, sessionId: string): Promise<AllowedRotation> {
  const userId = deps.sessionOwners.get(sessionId);
  const taken = await deps.limits.rotation(sessionId, userId);
  const giveBack = () => taken.giveBack();
  if (!taken.allowed) await giveBack();
  return { refused: taken.allowed ? null : tooMany(taken.quota), giveBack, isOwnerKnown: userId !== null };
}

type Counted = { readonly presented: Presented; readonly allowed: AllowedRotation };

/** A rotation that was not done does not count: it left no row. */
async function rotateCounted(deps: AuthDeps, { presented, allowed }: Counted, seen: Seen): Promise<LiveSession | null> {
  let rotated: LiveSession | null = null;
  try {
    rotated = await rotate(deps, presented, seen);
  } finally {
    if (rotated === null) await allowed.giveBack();
  }
  if (rotated !== null && !allowed.isOwnerKnown) await deps.limits.rotationDone(rotated.user.id);
  return rotated;
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
