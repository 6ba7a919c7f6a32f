import type { ServiceTokenError } from "@countersign/client/service";
import type { ReadinessCheck } from "./health.ts";

/** What auth says of the credential with which a service proves itself. */
export type Credential = {
  /** Takes an answer of auth to a request for a token: null for a grant. */
  readonly hear: (error: ServiceTokenError | null) => void;
  /** `refused` from a refusal of the credential until the next grant; while auth does not answer, what it said last. */
  readonly check: ReadinessCheck;
};

/** How long readiness waits for an answer of auth, in milliseconds: half of what a check may take. */
const patienceMs = 1_000;

/**
 * Watches over the credential of a service.
 *
 * @param ask asks auth for a token of the service's own, or gives one that it has: no request for each look
 */
export function createCredential(ask: () => Promise<unknown>): Credential {
  let isRefused = false;

  return {
    hear(error) {
      if (error === null || error.refused === "subject")
        isRefused = false; // a subject is looked at once the client is proved
      else if (error.refused === "credential") isRefused = true;
    },
    async check() {
      const asked = ask().catch(() => undefined); // heard by `hear`
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, patienceMs);
      await Promise.race([asked, late.promise]);
      clearTimeout(timer);
      return isRefused ? "refused" : undefined;
    },
  };
}
