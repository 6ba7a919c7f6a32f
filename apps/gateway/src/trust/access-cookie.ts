import { createRevocations, createVerifier, invalidCredential, Refusal, type Verifier } from "@countersign/context";
import { isTokenShaped } from "../token-shape.ts";
import type { TrustDeps } from "./create-trust.ts";

/** Verifies the tokens of access cookies, as auth would: every user's token names it. */
export type CookieVerifier = Pick<Verifier, "verify">;

/**
 * A verifier by auth's keys alone, for a gateway without a bus: it tells tokens of ours from all else, while whether they
 * were revoked is for the services to say.
 */
export function createCookieVerifier(deps: Pick<TrustDeps, "issuer" | "algorithms" | "check" | "now">): CookieVerifier {
  return createVerifier({ ...deps, service: "auth", revocations: createRevocations({ now: deps.now }) });
}

/** What the values of the access cookie are worth together. */
export type AccessCookie = {
  /** The token of ours; null for none. */
  readonly token: string | null;
  /** Set where there are several and none can be chosen: UNAUTHORIZED, or SERVICE_UNAVAILABLE without keys. */
  readonly conflict: Refusal | null;
  /** Whether the cookie that auth itself sets is to go: no value is a token of ours, or it cannot be told which. */
  readonly isWorthless: boolean;
};

/**
 * Chooses the token of ours among the values that came under the name of the access cookie. A cookie is ambient and may be
 * somebody else's: a value that is no access token of a user, has ended, or was signed by others counts as none. Of several
 * tokens of one session the newest counts; two sessions are a conflict. A revoked token is ours and is left to the service
 * to refuse, and so is the only one that cannot be verified for want of keys.
 */
export async function chooseAccessToken(
  values: readonly string[],
  verifier: CookieVerifier | undefined,
): Promise<AccessCookie> {
  const found = await Promise.all([...new Set(values)].map((value) => inspect(value, verifier)));
  const live = found.filter((one) => one.kind === "ours").toSorted((one, other) => other.issuedAt - one.issuedAt);
  const unknown = found.filter((one) => one.kind === "unknown");
  const [newest] = live;
  if (newest !== undefined) {
    const isOne = live.every(({ sessionId }) => sessionId === newest.sessionId);
    return isOne
      ? chosen(newest.token)
      : { token: null, conflict: invalidCredential("two_sessions"), isWorthless: true };
  }
  const [only, ...more] = unknown;
  if (only !== undefined) return more.length === 0 ? chosen(only.token) : { ...chosen(null), conflict: only.refusal };
  const ended = found.find(({ kind }) => kind === "revoked");
  const isWorthless = ended === undefined && found.every(({ kind }) => kind === "foreign");
  return { ...chosen(ended?.token ?? null), isWorthless };
}

function chosen(token: string | null): AccessCookie {
  return { token, conflict: null, isWorthless: false };
}

type Inspected = { readonly token: string } & (
  | { readonly kind: "ours"; readonly sessionId: string; readonly issuedAt: number }
  /** `early`: by the clock of whoever signed it, it is not valid yet. */
  | { readonly kind: "revoked" | "foreign" | "early" }
  | { readonly kind: "unknown"; readonly refusal: Refusal }
);

async function inspect(token: string, verifier: CookieVerifier | undefined): Promise<Inspected> {
  if (!isTokenShaped(token)) return { kind: "foreign", token };
  if (verifier === undefined) return { kind: "ours", token, sessionId: token, issuedAt: 0 };
  try {
    const { user, service, token: verified } = await verifier.verify(token);
    if (user === null || service !== null) return { kind: "foreign", token };
    return { kind: "ours", token, sessionId: user.sessionId, issuedAt: verified.issuedAt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "SERVICE_UNAVAILABLE") return { kind: "unknown", token, refusal: error };
    if (error.reason === "revoked") return { kind: "revoked", token };
    const isEarly = error.reason === "issued_in_future" || error.reason === "not_yet_valid";
    return { kind: isEarly ? "early" : "foreign", token };
  }
}
