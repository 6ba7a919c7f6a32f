import type { Tokens } from "../requests.ts";
import { bearerGrace, type ReplicaName } from "./platform.ts";
import { endTokens, type ModelSession, type ModelState, type Told } from "./state.ts";
import { addToken } from "./world.ts";

/** A refresh token that is presented at a replica; true time, in milliseconds. */
export type Presentation = { readonly token: string; readonly at: ReplicaName; readonly now: number };

/** By how much the clocks of two replicas may differ; as much again is allowed for it. */
const differ = 5_000;

/**
 * What must come of it: `renewed`, `over` for a session that has ended, `reuse` for a token that was used up and comes too
 * late; `either` in between, where it depends on how far clocks differ.
 */
export function mustAnswer(
  session: ModelSession,
  { token, at, now }: Presentation,
): "renewed" | "over" | "reuse" | "either" {
  if (session.ended !== null) return "over";
  const newest = session.received.at(-1);
  if (token === newest || token === session.failed) return "renewed";
  if (token !== session.received.at(-2)) return session.failed === null ? "reuse" : "either";
  const age = now - session.rotatedAt;
  if (age <= bearerGrace) return session.failed === null ? "renewed" : "either";
  if (session.failed !== null) return "either";
  const latest = session.rotatedBy === at ? bearerGrace : bearerGrace + 2 * differ;
  return age > latest ? "reuse" : "either";
}

/** Takes note of the tokens that a refresh has given. */
export function refreshed(
  state: ModelState,
  session: ModelSession,
  { tokens, at, now }: Presentation & { readonly tokens: Pick<Tokens, "accessToken" | "refreshToken"> },
): void {
  addToken(state, tokens.accessToken, { kind: "user", session, from: null });
  const isNew = session.received.at(-1) !== tokens.refreshToken;
  if (!isNew && session.failed === null) return;
  session.failed = null;
  session.rotatedAt = now;
  session.rotatedBy = at;
  if (isNew) session.received.push(tokens.refreshToken);
}

/** Takes note of a refusal, which ends the session. */
export function refusedAs(state: ModelState, session: ModelSession, told: Told): void {
  session.ended ??= "reuse";
  endTokens(state, { why: session.ended, covers: (token) => token.session === session }, told);
}
