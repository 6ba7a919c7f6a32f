import type { CookieUse, Fetch } from "./fetch.ts";

/**
 * A call of auth's REST face failed; `status` is 0 when there was no answer. The message is the server's own, and so is the
 * code, such as `UNAUTHORIZED`: null when whatever answered was not the platform.
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly status: number;
  readonly code: string | null;

  constructor(
    status: number,
    message: string,
    { code = null, ...options }: ErrorOptions & { code?: string | null } = {},
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** What every request of a `Rest` has in common. */
export type RestOptions = {
  readonly url: string | URL;
  readonly fetch: Fetch;
  readonly credentials: CookieUse;
  readonly headers: () => Record<string, string> | Promise<Record<string, string>>;
};

/** Posts JSON to `<url>/auth/<name>` and gives the answer's JSON. @throws {AuthError} for everything else. */
export async function postAuth(options: RestOptions, name: string, input: object): Promise<unknown> {
  const { ok, status, text } = await send(options, name, input);
  const body = readBody(text, ok ? 502 : status);
  if (!ok) throw new AuthError(status, messageOf(body) ?? `Auth answered ${status}.`, { code: codeOf(body) });
  return body;
}

/**
 * The answer may set the only cookies that still count: a refresh has used up those that the browser sends. So the request
 * outlives a page that is left meanwhile.
 */
const keepalive = true;

type Answer = { readonly ok: boolean; readonly status: number; readonly text: string };

async function send({ url, fetch, credentials, headers }: RestOptions, name: string, input: object): Promise<Answer> {
  const own = { "content-type": "application/json", accept: "application/json", ...(await headers()) };
  const lasting = { credentials, keepalive };
  const target = `${url.toString().replace(/\/$/, "")}/auth/${name}`;
  try {
    const response = await fetch(target, { method: "POST", headers: own, body: JSON.stringify(input), ...lasting });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (cause) {
    throw new AuthError(0, "Auth could not be reached.", { cause });
  }
}

function readBody(text: string, statusIfUnreadable: number): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the body, which may hold tokens: it is left out on purpose.
    throw new AuthError(statusIfUnreadable, "Auth answered with something that is no JSON.");
  }
}

/** `{ message }`, or `{ error: { message } }` as tRPC has it. */
function messageOf(body: unknown): string | undefined {
  const holder = memberOf(body, "error") ?? body;
  const message = memberOf(holder, "message");
  return typeof message === "string" ? message : undefined;
}

/** `{ error: { data: { code } } }`, as every refusal of the platform has it. */
function codeOf(body: unknown): string | null {
  const code = memberOf(memberOf(memberOf(body, "error"), "data"), "code");
  return typeof code === "string" ? code : null;
}

/** A member of something that came from outside; undefined when it is not there. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
