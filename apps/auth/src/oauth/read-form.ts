import { OAuthError } from "./oauth-error.ts";

/** The parameters of an OAuth request, each at most once. */
export type Form = { get(name: string): string | undefined };

/**
 * Reads an OAuth request: by POST, form encoding alone, no parameter twice, and one without a value counts as absent
 * (RFC 6749 §3.2). The query is refused as a whole: a secret or token in an address ends up in logs (§2.3.1).
 *
 * @throws OAuthError invalid_request
 */
export async function readForm(request: Request): Promise<Form> {
  if (request.method !== "POST") throw new OAuthError("invalid_request", "The method is POST.");
  if (new URL(request.url).search !== "") {
    throw new OAuthError("invalid_request", "Parameters stand in the body, none in the address.");
  }
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new OAuthError("invalid_request", "The body is application/x-www-form-urlencoded.");
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await request.text())) {
    if (parameters.has(name)) throw new OAuthError("invalid_request", "A parameter stands in the request twice.");
    parameters.set(name, value);
  }
  return { get: (name) => parameters.get(name) || undefined };
}
