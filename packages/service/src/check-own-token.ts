import { type Log, Refusal, type TokenCheck, TokenError, type VerifierDeps } from "@countersign/context";
import type { ReadinessCheck } from "./health.ts";

export type OwnTokenDeps = Pick<VerifierDeps, "issuer" | "algorithms" | "now"> & {
  /** A token of this service's own for auth, which it keeps and renews. */
  readonly token: () => Promise<string>;
  /** Drops that token, so that the next one is new. */
  readonly drop: () => void;
  readonly check: TokenCheck;
  readonly sharesSecret: boolean;
  readonly log: Log;
};

/** The check of a service's tokens, and what readiness says of it. */
export type OwnTokenCheck = { readonly check: TokenCheck; readonly readiness: ReadinessCheck };

/** The least time between two new tokens that refused ones cause, in milliseconds. */
const renewalFloor = 10_000;

/**
 * Readiness check: whether this process accepts what auth signs, tried on a token that auth gave it. Settings that
 * differ are named by their variable: a shared secret, the issuer, the clock. A token that auth does not give, or keys
 * that cannot be had, are left to the checks of those.
 *
 * @returns the check, and `deps.check` wrapped: a refused signature makes the next look use a new token, so that a
 * secret that changes at auth is noticed before the present token ends
 */
export function checkOwnToken(deps: OwnTokenDeps): OwnTokenCheck {
  const { check, issuer, algorithms, log, now } = deps;
  const policy = { issuer, audience: "auth", algorithms, classes: ["service"] as const, now };
  let isDoubted = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let lastSaid = "";
  let isWarned = false;

  function warnOnce(): void {
    if (!isWarned) log.warn({}, "INSECURE: a shared secret is accepted here, and auth signs with keys; unset it.");
    isWarned = true;
  }

  async function find(): Promise<string> {
    if (isDoubted && Math.abs(now() - renewedAt) >= renewalFloor) {
      deps.drop();
      renewedAt = now();
      isDoubted = false;
    }
    const token = await deps.token().catch(() => null); // the check of the credential says so
    if (token === null) return "";
    try {
      await check.check(token, policy);
      if (deps.sharesSecret && !isShared(token)) warnOnce();
      return "";
    } catch (error) {
      return describe(error, token);
    }
  }

  return {
    check: {
      ...check,
      async check(credential, asked) {
        try {
          return await check.check(credential, asked);
        } catch (error) {
          if (error instanceof TokenError && doubtful.has(error.code)) isDoubted = true;
          throw error;
        }
      },
    },
    async readiness() {
      const said = await find();
      if (said !== "" && said !== lastSaid) log.warn({ problem: said }, "Tokens of auth are refused here.");
      lastSaid = said;
      return said === "" ? undefined : said;
    },
  };
}

const doubtful: ReadonlySet<string> = new Set(["unknown_key", "wrong_algorithm", "bad_signature"]);
const aboutTime: ReadonlySet<string> = new Set(["issued_in_future", "not_yet_valid", "expired"]);
const aboutOthers: ReadonlySet<string> = new Set(["keys_unavailable", "revoked_key"]);

/** What is wrong, in words for an operator; empty where another check says it. */
function describe(error: unknown, token: string): string {
  if (error instanceof Refusal) return "";
  if (!(error instanceof TokenError)) throw error;
  const { code } = error;
  if (aboutOthers.has(code)) return "";
  if (aboutTime.has(code)) return "the clock differs from that of auth";
  if (code === "wrong_issuer") return "PUBLIC_URL differs from that of auth";
  if (!isShared(token)) return code;
  if (code === "wrong_algorithm") return "INSECURE_SHARED_TOKEN_SECRET is set at auth and not here";
  return code === "unknown_key" ? "INSECURE_SHARED_TOKEN_SECRET differs from that of auth" : code;
}

/** Whether a token that auth gave says that a shared secret signed it. */
function isShared(token: string): boolean {
  const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
  return typeof header === "object" && header !== null && "alg" in header && header.alg === "HS256";
}
