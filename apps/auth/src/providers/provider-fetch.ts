import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { createTrustedNetworks } from "@countersign/service";
import type { CustomFetch } from "openid-client";
import { SignInProblem } from "./problem.ts";
import { isPublicAddress } from "./public-address.ts";

/** One request, its body included, may take this long. Four in a row stay below what the gateway waits for. */
const timeoutMs = 5_000;
/** More than the largest key set or metadata of a provider. */
const mostBytes = 512 * 1024;

/** Where requests to providers may go. */
export type ProviderReach = {
  /** Whether plain http to this machine, and private addresses, are allowed: in development alone. */
  readonly development: boolean;
  /** Private networks, in CIDR form, in which a provider may be all the same. */
  readonly networks: readonly string[];
};

/**
 * A fetch for providers. It follows no redirect, speaks https (in development also http with this machine), goes to no
 * private address, and takes a bounded time and size. The address is looked up before the connection is made: a name that
 * changes in between would still have to show a certificate of the provider's name.
 *
 * @throws SignInProblem `unavailable` (no answer, late, 429, 5xx), `faulty` (too large), `misconfigured` (a forbidden address)
 */
export function createProviderFetch({ development, networks }: ProviderReach): CustomFetch {
  const isTrusted = createTrustedNetworks(networks);
  const mayReach = (address: string) => development || isPublicAddress(address) || isTrusted(address);

  return async (address, { headers, method, body, signal }) => {
    const url = new URL(address);
    checkScheme(url, development);
    const within = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
    try {
      for (const found of await lookUp(url.hostname, within)) if (!mayReach(found)) throw forbidden("private_address");
      const sent = body === undefined || body === null ? {} : { body };
      const response = await fetch(url, { method, headers, ...sent, redirect: "manual", signal: within });
      if (response.status >= 500 || response.status === 429) {
        await response.body?.cancel();
        throw new SignInProblem("unavailable", { detail: `status_${response.status}` });
      }
      return await readBounded(response);
    } catch (cause) {
      if (cause instanceof SignInProblem) throw cause;
      throw new SignInProblem("unavailable", { detail: within.aborted ? "late" : "no_answer", cause });
    }
  };
}

function checkScheme(url: URL, development: boolean): void {
  const isLocal = loopback.has(url.hostname);
  if (url.protocol === "https:" || (development && isLocal && url.protocol === "http:")) return;
  throw forbidden("not_https");
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

function forbidden(detail: string): SignInProblem {
  return new SignInProblem("misconfigured", { detail });
}

/** A resolver that hangs is given up with the request. */
async function lookUp(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0) return [bare];
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  const found = await Promise.race([lookup(bare, { all: true }), aborted.promise]);
  return found.map(({ address }) => address);
}

async function readBounded(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > mostBytes) throw new SignInProblem("faulty", { detail: "too_large" }); // which cancels the rest
    chunks.push(chunk);
  }
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name); // of the bytes before
  const isEmpty = response.status === 204 || response.status === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status: response.status, headers });
}
