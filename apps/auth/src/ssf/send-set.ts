import { z } from "zod";

/** What became of one push: `refused` is the receiver's word on this event, which no second try changes; `failed` is anything else. */
export type PushOutcome =
  | { readonly result: "taken" }
  | { readonly result: "refused" | "failed"; readonly reason: string };

export type PushFetch = (url: string, init: RequestInit) => Promise<Response>;

export type PushTarget = { readonly endpoint: string; readonly authorization: string | null };

const timeoutMs = 5_000;
const mostBytes = 4_096;

/**
 * Pushes one Security Event Token (RFC 8935 §2.1). 202 is success, and so is any other 2xx. A redirect is a failure: nobody
 * but the receiver says where its events go. Never rejects, and never says in a reason what a receiver has sent beyond a word.
 *
 * @param closing ends what is under way
 */
export async function sendSet(
  token: string,
  { endpoint, authorization }: PushTarget,
  { fetch, closing }: { readonly fetch: PushFetch; readonly closing: AbortSignal },
): Promise<PushOutcome> {
  const headers = { "content-type": "application/secevent+jwt", accept: "application/json" };
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      body: token,
      headers: authorization === null ? headers : { ...headers, authorization },
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]),
    });
    if (response.status === 400) {
      const reason = await readError(response);
      return { result: aboutEvent.has(reason) ? "refused" : "failed", reason };
    }
    await response.body?.cancel();
    return response.ok ? { result: "taken" } : { result: "failed", reason: `status ${response.status}` };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return { result: "failed", reason: isLate ? "no answer in time" : "unreachable" }; // the cause may hold an address
  }
}

/** The codes of RFC 8935 §2.4 that speak of the event; a key or an access that is missing can be there at the next try. */
const aboutEvent: ReadonlySet<string> = new Set(["invalid_request", "invalid_issuer", "invalid_audience"]);

const refusal = z.object({ err: z.string().regex(/^[\w.-]{1,64}$/) });

async function readError(response: Response): Promise<string> {
  const text = await readBounded(response);
  try {
    return refusal.parse(JSON.parse(text)).err;
  } catch {
    return "status 400"; // without a word that RFC 8935 knows
  }
}

async function readBounded({ body }: Response): Promise<string> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  const bytes: AsyncIterable<Uint8Array> = body;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= mostBytes) break; // leaving the loop cancels the rest
  }
  return Buffer.concat(chunks).toString("utf8");
}
