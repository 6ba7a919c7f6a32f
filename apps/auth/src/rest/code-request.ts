import { Refusal } from "@countersign/context";
import { isRegisteredRedirect } from "../providers/redirects.ts";

/** What a client asks for that wants to end a sign-in with a code, as in an authorization request (RFC 6749 §4.1.1). */
export type CodeRequest = {
  readonly kind: "code";
  readonly redirect: string;
  readonly state: string | null;
  readonly codeChallenge: string;
};

/**
 * Reads `redirect`, `state`, `code_challenge` and `code_challenge_method`; null where there is no `redirect`.
 *
 * @param registered the addresses that may get a code
 * @throws Refusal BAD_REQUEST for another address, a challenge that is none of S256 (RFC 7636 §4.3), or a `to` beside it
 */
export function readCodeRequest(query: URLSearchParams, registered: readonly string[]): CodeRequest | null {
  if (!query.has("redirect")) return null;
  const redirect = readOnce(query, "redirect") ?? "";
  if (!isRegisteredRedirect(redirect, registered)) throw wrong("redirect", "is not registered in SIGN_IN_REDIRECTS");
  if (query.has("to")) throw wrong("to", "goes with no `redirect`");
  const codeChallenge = readOnce(query, "code_challenge") ?? "";
  if (!/^[\w-]{43}$/.test(codeChallenge))
    throw wrong("code_challenge", "is not one of S256, 43 characters of base64url");
  if (readOnce(query, "code_challenge_method") !== "S256") throw wrong("code_challenge_method", "is not S256");
  const state = readOnce(query, "state");
  if (state !== null && !/^[\x20-\x7e]{1,512}$/.test(state)) throw wrong("state", "is not 1 to 512 ASCII characters");
  return { kind: "code", redirect, state, codeChallenge };
}

function readOnce(query: URLSearchParams, name: string): string | null {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) throw wrong(name, "stands there twice");
  return value ?? null;
}

function wrong(field: string, problem: string): Refusal {
  return new Refusal("BAD_REQUEST", `\`${field}\` ${problem}.`, { field });
}
