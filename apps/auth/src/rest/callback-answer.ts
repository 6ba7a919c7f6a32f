import { SignInProblem } from "../providers/problem.ts";

/** What of a provider's answer counts (RFC 6749 §4.1.2, RFC 9207). Everything else it sends, such as a name, is dropped. */
const known = ["code", "state", "iss", "error", "error_description"] as const;

const mostBytes = 16 * 1024;

/** A provider's answer: the parameters that count, each once, as a query. */
export type CallbackAnswer = { readonly state: string; readonly query: string };

/**
 * Reads what a provider sent with a browser to our callback, from the query or from a form.
 *
 * @throws SignInProblem `faulty` when a parameter stands there twice or the form is too large, `other_browser` without a state
 */
export async function readCallback(request: Request): Promise<CallbackAnswer> {
  const given = request.method === "POST" ? await readForm(request) : new URL(request.url).searchParams;
  const kept = new URLSearchParams();
  for (const name of known) {
    const [value, ...more] = given.getAll(name);
    if (more.length > 0) throw new SignInProblem("faulty", { detail: "repeated_parameter" });
    if (value !== undefined) kept.set(name, value);
  }
  const query = kept.toString();
  if (query.length > mostBytes) throw new SignInProblem("faulty", { detail: "too_large" });
  const state = kept.get("state");
  if (state === null) throw new SignInProblem("other_browser", { detail: "no_state" });
  return { state, query };
}

async function readForm(request: Request): Promise<URLSearchParams> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  const isForm = type.trim().toLowerCase() === "application/x-www-form-urlencoded";
  if (!isForm) throw new SignInProblem("faulty", { detail: "no_form" });
  const text = await request.text(); // the listener bounds it
  if (text.length > mostBytes) throw new SignInProblem("faulty", { detail: "too_large" });
  return new URLSearchParams(text);
}
