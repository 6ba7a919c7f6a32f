import { login } from "../accounts/login.ts";
import { register } from "../accounts/register.ts";
import type { RouterDeps } from "../deps.ts";
import { loginInput, registerInput } from "../inputs.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, mailed } from "../sessions/deliver.ts";
import type { RestHandler } from "./face.ts";
import { readInput } from "./read-input.ts";

/** `POST /auth/register`: as the procedure. An access token that comes along is not looked at: it may have expired. */
export const registerRoute =
  (deps: RouterDeps): RestHandler =>
  async ({ request, from, headers }) => {
    const input = await readInput(request, registerInput);
    const issued = await register(deps, { ...input, ...broughtBy(deps, request, input) }, from);
    return issued === null ? mailed : deliver(issued, input.mode, { ...deps, headers });
  };

/** `POST /auth/login`: as the procedure, and as little interested in an access token. */
export const loginRoute =
  (deps: RouterDeps): RestHandler =>
  async ({ request, from, headers }) => {
    const input = await readInput(request, loginInput);
    return deliver(await login(deps, { ...input, ...broughtBy(deps, request, input) }, from), input.mode, {
      ...deps,
      headers,
    });
  };
