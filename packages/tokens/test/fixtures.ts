import type { DelegatedClaims, ServiceClaims, UserClaims } from "../src/claims.ts";
import { TokenError, type TokenErrorCode } from "../src/errors.ts";
import { generateSigningKey } from "../src/generate-signing-key.ts";
import { importSigningKey } from "../src/import-signing-key.ts";
import type { AsymmetricAlgorithm, PrivateJwk, PublicJwk } from "../src/jwk.ts";
import type { KeySource } from "../src/key-source.ts";
import { createLocalKeySet } from "../src/local-key-set.ts";
import { signAccessToken } from "../src/sign.ts";
import type { SigningKey } from "../src/signing-key.ts";
import { type TokenPolicy, verifyCompact } from "../src/verify.ts";

/** The moment at which every test happens, in epoch seconds. */
export const at = 1_800_000_000;

const common = {
  issuer: "https://issuer.example",
  tokenId: "token-1",
  clientId: "web",
  issuedAt: at,
  expiresAt: at + 120,
};

export const userClaims: UserClaims = {
  ...common,
  class: "user",
  subject: "user-1",
  audience: ["auth", "orders"],
  sessionId: "session-1",
  authenticatedAt: at - 60,
  roles: ["user"],
  userVersion: 3,
};

export const serviceClaims: ServiceClaims = {
  ...common,
  class: "service",
  subject: "products",
  audience: ["orders"],
  clientVersion: 2,
};

export const delegatedClaims: DelegatedClaims = {
  ...userClaims,
  class: "delegated",
  audience: ["orders"],
  permissions: ["orders:read"],
  exchangedFrom: ["token-0"],
  actor: { subject: "products", version: 2, actor: { subject: "gateway", version: 0 } },
};

/** A policy that takes each of these tokens when it was signed with one of `algorithms`. */
export function policyFor(...algorithms: readonly AsymmetricAlgorithm[]): TokenPolicy {
  return {
    issuer: "https://issuer.example",
    audience: "orders",
    algorithms,
    classes: ["user", "service", "delegated"],
    now: () => at * 1000,
  };
}

export type TestIssuer = {
  key: SigningKey;
  privateJwk: PrivateJwk;
  publicJwk: PublicJwk;
  keys: KeySource;
  /** A live user token. */
  token: string;
  /** Signs whatever text it is given: what a faulty issuer, or one that was tricked, would sign. */
  signText(header: string, payload: string): Promise<string>;
  /** Signs the live user token with members of the header or payload put in another's place; undefined leaves one out. */
  signWith(header: object, payload?: object): Promise<string>;
};

export async function createTestIssuer(algorithm: AsymmetricAlgorithm): Promise<TestIssuer> {
  const { privateJwk, publicJwk } = await generateSigningKey(algorithm);
  const key = await importSigningKey(privateJwk);
  const token = await signAccessToken(userClaims, key);
  const signText = (header: string, payload: string) => signParts(`${encode(header)}.${encode(payload)}`, key);
  const [header = "", payload = ""] = token.split(".").map(decode);
  return {
    key,
    privateJwk,
    publicJwk,
    keys: createLocalKeySet(constant([publicJwk])),
    token,
    signText,
    signWith: (headerMembers, payloadMembers = {}) =>
      signText(
        JSON.stringify({ ...JSON.parse(header), ...headerMembers }),
        JSON.stringify({ ...JSON.parse(payload), ...payloadMembers }),
      ),
  };
}

/** Signs `header.payload`, whatever it says. */
export async function signParts(parts: string, key: SigningKey): Promise<string> {
  return `${parts}.${encode(key.sign(Buffer.from(parts)))}`;
}

export function encode(value: string | Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}

export function decode(part: string): string {
  return Buffer.from(part, "base64url").toString();
}

/** The code with which something refused, or "passed". Anything but a TokenError goes through. */
export async function codeOf(work: () => unknown): Promise<TokenErrorCode | "passed"> {
  try {
    await work();
    return "passed";
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

/** Says of a token what its verification came to, and whether that went so far as to ask for a key. */
export function verdictsOf(issuer: TestIssuer) {
  return async (token: string, changes: Partial<TokenPolicy> = {}): Promise<string> => {
    let asked = false;
    const keys: KeySource = {
      find: (kid, algorithm) => {
        asked = true;
        return issuer.keys.find(kid, algorithm);
      },
    };
    const policy = { ...policyFor(), algorithms: [issuer.key.algorithm], ...changes };
    const code = await codeOf(() => verifyCompact(token, keys, policy));
    return asked ? `${code}, key asked for` : code;
  };
}

function constant<T>(value: T): () => T {
  return () => value;
}
