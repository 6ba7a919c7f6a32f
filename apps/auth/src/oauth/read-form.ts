import { OAuthError } from "./oauth-error.ts";

/** The parameters of an OAuth request. */
export type Form = {
  /** The value of a parameter that stands there once at most. */
  get(name: string): string | undefined;
  /** The values of a parameter that may stand there several times. */
  all(name: Repeatable): readonly string[];
};

type Repeatable = "audience" | "resource";

/** RFC 8693 §2.1 and RFC 8707 §2: a token may be requested for several targets. */
const repeatable: ReadonlySet<string> = new Set<Repeatable>(["audience", "resource"]);

/**
 * Reads an OAuth request: by POST, form encoding alone, no parameter twice but for targets, and one without a value counts
 * as absent (RFC 6749 §3.2). The query is refused as a whole: a secret or token in an address ends up in logs (§2.3.1).
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
  const parameters = new URLSearchParams(await request.text());
  const names = [...parameters.keys()].filter((name) => !repeatable.has(name));
  if (names.length > new Set(names).size)
    throw new OAuthError("invalid_request", "A parameter stands in the request twice.");
  return {
    get: (name) => parameters.get(name) || undefined,
    all: (name) => parameters.getAll(name).filter((value) => value !== ""),
  };
}
