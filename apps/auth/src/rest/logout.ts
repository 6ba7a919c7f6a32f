import { invalidCredential, Refusal, readBearer, type Verifier } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { refreshToken } from "../inputs.ts";
import { clearCookies, clearNamesakes } from "../sessions/deliver.ts";
import { ownRefreshTokens } from "../sessions/own-refresh.ts";
import { signOut } from "../sessions/sign-out.ts";
import type { RestCall, RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

const input = z.object({ refreshToken: refreshToken.optional() });

/**
 * `POST /auth/logout`: ends the session of the refresh token, from the body or the cookie, or else of the access token. Of
 * several cookies of the name each that is a token of ours counts, and its session ends.
 * It removes the cookies and answers alike whether that session still ran, and whether there was anybody to sign out. A
 * cookie that is no token of ours counts as none. A bad token in the body or as Bearer ends nothing, and says so: the
 * session of an access token that has run out may go on.
 */
export const logoutRoute =
  (deps: RouterDeps, verifier: Verifier): RestHandler =>
  async (call) => {
    const given = await readInput(call.request, input);
    try {
      const presented = presentedTokens(deps, given, call.request);
      clearNamesakes(call.headers, deps.cookies, call.request);
      const own = ownRefreshTokens(deps, presented).map(({ sessionId }) => sessionId);
      const sessionIds = own.length > 0 ? own : await sessionOfAccessToken(call, verifier);
      const isBad = given.refreshToken !== undefined && own.length === 0;
      if (sessionIds.length === 0 && isBad) throw invalidCredential("malformed_refresh_token");
      for (const sessionId of sessionIds) await signOut(deps, { sessionId, reason: "logout", from: call.from });
      clearCookies(call.headers, deps.cookies);
      return { ok: true };
    } catch (error) {
      if (error instanceof Refusal && error.code === "UNAUTHORIZED") clearCookies(call.headers, deps.cookies);
      throw error;
    }
  };

function presentedTokens({ cookies }: RouterDeps, given: z.output<typeof input>, request: Request): readonly string[] {
  return given.refreshToken === undefined ? cookies.readRefresh(request.headers.get("cookie")) : [given.refreshToken];
}

/**
 * None without an access token.
 *
 * @throws Refusal UNAUTHORIZED for a bad one, FORBIDDEN for a service's, SERVICE_UNAVAILABLE when it cannot be told
 */
async function sessionOfAccessToken({ request }: RestCall, verifier: Verifier): Promise<readonly string[]> {
  const token = readBearer(request.headers);
  if (token === null) return [];
  const { user, service } = await verifier.verify(token);
  if (user === null || service !== null) throw new Refusal("FORBIDDEN", "No service signs a user out.");
  return [user.sessionId];
}
