import { KeySetError, type KeySetFailure } from "./key-set-error.ts";
import { readKeySet } from "./read-key-set.ts";
import type { VerificationKey } from "./verification-key.ts";

/** The part of `fetch` that a key set needs. */
export type FetchKeySet = (
  url: string,
  init: { redirect: "manual"; signal: AbortSignal; headers: Record<string, string> },
) => Promise<Response>;

/** One attempt: where from, how long it may take, body included, and how much it may answer. */
export type KeySetRequest = { url: string; fetch: FetchKeySet; timeoutMs: number; maxBytes: number };

/**
 * Asks an issuer for its keys once. The address is the one that was configured: a redirect is a failure, as is anything
 * but status 200.
 *
 * @throws KeySetError always, whatever went wrong; nothing of a failed answer is kept
 */
export async function fetchKeySet(request: KeySetRequest): Promise<ReadonlyMap<string, VerificationKey>> {
  const controller = new AbortController();
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new KeySetError("timed_out")), request.timeoutMs);
  try {
    // A race, because a fetch or a body that minds no signal must not hold the caller either.
    return await Promise.race([attempt(request, controller.signal), timeUp]);
  } catch (cause) {
    throw cause instanceof KeySetError ? cause : new KeySetError("unreachable", { cause });
  } finally {
    clearTimeout(timer);
    controller.abort(); // lets go of the connection when the body was not read to its end
  }
}

async function attempt(request: KeySetRequest, signal: AbortSignal): Promise<ReadonlyMap<string, VerificationKey>> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  const response = await request.fetch(request.url, { redirect: "manual", signal, headers });
  const failure = failureOf(response);
  if (failure !== undefined) throw new KeySetError(failure);
  return readKeySet(await readBody(response, request.maxBytes));
}

function failureOf(response: Response): KeySetFailure | undefined {
  const { status } = response;
  if (response.redirected || response.type === "opaqueredirect" || (status >= 300 && status < 400)) return "redirected";
  return status === 200 ? undefined : "bad_status";
}

/** Reads no further than the limit, whatever length the headers promise. */
async function readBody(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const received of response.body ?? []) {
    const chunk: unknown = received;
    if (!(chunk instanceof Uint8Array)) throw new KeySetError("not_a_key_set");
    size += chunk.byteLength;
    if (size > maxBytes) throw new KeySetError("too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
