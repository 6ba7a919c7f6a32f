import { userFacingServices } from "@countersign/access";
import { signAccessToken, tokenLife } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { publicClient } from "../oauth/public-client.ts";
import type { Issued, LiveSession } from "./issued.ts";

/** Lives differ by this much, so that the tokens of many clients do not end, and come to be renewed, all at once. */
const jitter = 0.05;

/**
 * Issues the tokens of a session's generation.
 *
 * @param at when the session was read, in milliseconds
 */
export async function issueTokens(deps: AuthDeps, session: LiveSession, at: number): Promise<Issued> {
  const { sessionId, generation, user } = session;
  const issuedAt = Math.floor(at / 1000);
  const life = tokenLife.user - Math.floor(deps.random() * jitter * tokenLife.user);
  const sessionEnds = Math.floor(session.absoluteExpiresAt.getTime() / 1000);
  const expiresAt = Math.max(issuedAt + 1, Math.min(issuedAt + life, sessionEnds));
  const accessToken = await signAccessToken(
    {
      class: "user",
      issuer: deps.issuer,
      subject: user.id,
      audience: userFacingServices,
      tokenId: deps.newId(),
      clientId: publicClient,
      issuedAt,
      expiresAt,
      sessionId,
      authenticatedAt: Math.floor(session.authenticatedAt.getTime() / 1000),
      roles: user.roles,
      userVersion: user.tokenVersion,
    },
    deps.keys.signer(),
  );
  return {
    user: { id: user.id, email: user.email, roles: [...user.roles] },
    accessToken,
    refreshToken: deps.refreshTokens.issue(sessionId, generation),
    expiresIn: expiresAt - issuedAt,
    refreshExpiresIn: Math.max(1, Math.floor((session.idleExpiresAt.getTime() - at) / 1000)),
    of: { sessionId, generation, expiresAt },
  };
}
