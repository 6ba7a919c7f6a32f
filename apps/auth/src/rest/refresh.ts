import { Refusal } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { refreshToken } from "../inputs.ts";
import { clearCookies, clearNamesakes, deliver, type Mode } from "../sessions/deliver.ts";
import { chooseRefreshToken } from "../sessions/own-refresh.ts";
import { refresh, refreshRefused } from "../sessions/refresh.ts";
import type { RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

const input = z.object({ refreshToken: refreshToken.optional(), mode: z.enum(["cookie", "bearer"]).optional() });

/**
 * `POST /auth/refresh`: renews the session of the refresh cookie, or of `{ refreshToken, mode: "bearer" }`. An access
 * token that comes along is not looked at: it has ended, or is about to. A session that is over takes its cookies with
 * it; one that cannot be decided about keeps them. Of several cookies of the name the token of ours counts.
 */
export const refreshRoute =
  (deps: RouterDeps): RestHandler =>
  async ({ request, from, headers }) => {
    const { tokens, mode } = chooseTokens(deps, await readInput(request, input), request.headers.get("cookie"));
    try {
      if (mode === "cookie") clearNamesakes(headers, deps.cookies, request);
      const token = (await chooseRefreshToken(deps, tokens)) ?? tokens[0];
      if (token === undefined) throw refreshRefused("no_refresh_token");
      return deliver(await refresh(deps, { token }, from), mode, { ...deps, headers });
    } catch (error) {
      const isOver = error instanceof Refusal && error.code === "UNAUTHORIZED";
      if (isOver && mode === "cookie") clearCookies(headers, deps.cookies);
      throw error;
    }
  };

function chooseTokens(
  { cookies }: RouterDeps,
  given: z.output<typeof input>,
  cookieHeader: string | null,
): { tokens: readonly string[]; mode: Mode } {
  const { refreshToken: held, mode } = given;
  if (held === undefined && mode !== "bearer") return { tokens: cookies.readRefresh(cookieHeader), mode: "cookie" };
  if (mode === "cookie") {
    const message = 'A refresh token in the body goes with mode "bearer"; in mode "cookie" the cookie counts.';
    throw new Refusal("BAD_REQUEST", message, { field: "refreshToken" });
  }
  if (held === undefined) {
    throw new Refusal("BAD_REQUEST", 'Mode "bearer" needs a refresh token.', { field: "refreshToken" });
  }
  return { tokens: [held], mode: "bearer" };
}
