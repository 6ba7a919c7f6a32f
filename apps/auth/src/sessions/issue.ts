import { permissionsOf, type ServiceName, userFacingServices } from "@countersign/access";
import { type SigningKey, signAccessToken, toIssuedAt, tokenLife } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { publicClient } from "../oauth/public-client.ts";
import { scopeOf } from "../oauth/token-scope.ts";
import type { Issued, LiveSession } from "./issued.ts";

/** Lives differ by this much, so that the tokens of many clients do not end, and come to be renewed, all at once. */
const jitter = 0.05;

/** When the tokens are issued, and by which key. */
export type Issuing = {
  /** When the session was read, in milliseconds. */
  readonly at: number;
  /** Asked for before anything was used up or begun: without a key that may sign, the request changes nothing. */
  readonly signer: SigningKey;
  /** The services that the access token is for; every one that users may call by default. */
  readonly audience?: readonly ServiceName[] | undefined;
};

/**
 * Issues the tokens of a session's generation. The sign-in of a session that began at a replica whose clock is ahead is
 * dated with the token: `auth_time` is never later than `iat`, and `iat` never in the future.
 */
export async function issueTokens(
  deps: AuthDeps,
  session: LiveSession,
  { at, signer, audience = userFacingServices }: Issuing,
): Promise<Issued> {
  const { sessionId, generation, user } = session;
  const issuedAt = toIssuedAt(at);
  const began = toIssuedAt(session.authenticatedAt.getTime());
  const life = tokenLife.user - Math.floor(deps.random() * jitter * tokenLife.user);
  const sessionEnds = Math.floor(session.absoluteExpiresAt.getTime() / 1000);
  const expiresAt = Math.max(issuedAt + 2, Math.min(issuedAt + life, sessionEnds));
  const accessToken = await signAccessToken(
    {
      class: "user",
      issuer: deps.issuer,
      subject: user.id,
      audience,
      tokenId: deps.newId(),
      clientId: publicClient,
      issuedAt,
      expiresAt,
      sessionId,
      authenticatedAt: Math.min(began, issuedAt),
      roles: user.roles,
      ...scopeOf(deps.tokenScope, permissionsOf(user.roles)),
      userVersion: user.tokenVersion,
    },
    signer,
  );
  deps.sessionOwners.set(sessionId, user.id);
  const now = deps.now();
  return {
    user: { id: user.id, email: user.email, roles: [...user.roles] },
    accessToken,
    refreshToken: deps.refreshTokens.issue(sessionId, generation),
    expiresIn: Math.max(1, expiresAt - Math.floor(now / 1000)),
    refreshExpiresIn: Math.max(1, Math.floor((session.idleExpiresAt.getTime() - now) / 1000)),
    of: { sessionId, generation, expiresAt },
  };
}
