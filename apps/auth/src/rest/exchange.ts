import type { RouterDeps } from "../deps.ts";
import { exchangeInput } from "../inputs.ts";
import { exchangeCode } from "../providers/sign-in-codes.ts";
import { deliver } from "../sessions/deliver.ts";
import type { RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

/** `POST /auth/exchange`: as the procedure `identities.exchange`. */
export const exchangeRoute =
  (deps: RouterDeps): RestHandler =>
  async ({ request, from, headers }) => {
    const { code, codeVerifier, deviceToken } = await readInput(request, exchangeInput);
    const devices = deviceToken === undefined ? [] : [deviceToken];
    return deliver(await exchangeCode(deps, { code, codeVerifier, devices }, from), "bearer", { ...deps, headers });
  };
