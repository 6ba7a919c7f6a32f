import type { RouterDeps } from "../deps.ts";
import { verifyInput } from "../inputs.ts";
import { verifyToken } from "../sessions/verify-token.ts";
import type { RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

/** `POST /auth/verify`: what an access token is worth, for services in other languages. */
export const verifyRoute =
  (deps: RouterDeps): RestHandler =>
  async ({ request }) =>
    verifyToken(deps, await readInput(request, verifyInput));
