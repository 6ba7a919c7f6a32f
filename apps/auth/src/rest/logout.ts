import { Refusal, readBearer, type Verifier } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { refreshToken } from "../inputs.ts";
import { clearCookies } from "../sessions/deliver.ts";
import { signOut } from "../sessions/sign-out.ts";
import type { RestCall, RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

const input = z.object({ refreshToken: refreshToken.optional() });

/**
 * `POST /auth/logout`: ends the session of the refresh token, from the body or the cookie, or else of the access token.
 * It removes the cookies and answers alike whether there was a session or not: who signs out is signed out.
 */
export const logoutRoute =
  (deps: RouterDeps, verifier: Verifier): RestHandler =>
  async (call) => {
    const given = await readInput(call.request, input);
    const presented = given.refreshToken ?? deps.cookies.readRefresh(call.request.headers.get("cookie"));
    const fromRefresh = presented === null ? null : deps.refreshTokens.read(presented);
    const sessionId = fromRefresh?.sessionId ?? (await sessionOfAccessToken(call, verifier));
    if (sessionId !== null) await signOut(deps, { sessionId, reason: "logout", from: call.from });
    clearCookies(call.headers, deps.cookies);
    return { ok: true };
  };

async function sessionOfAccessToken({ request }: RestCall, verifier: Verifier): Promise<string | null> {
  try {
    const token = readBearer(request.headers);
    if (token === null) return null;
    const { user, service } = await verifier.verify(token);
    return service === null ? (user?.sessionId ?? null) : null; // no service signs a user out
  } catch (error) {
    if (error instanceof Refusal && error.code !== "SERVICE_UNAVAILABLE") return null; // nothing to end by this token
    throw error;
  }
}
