import type { Identity, User } from "@countersign/context";
import { importSigningKey, type PublicJwk, signGatewayAssertion, toPublicJwk } from "@countersign/tokens";

/** The gateway's word on who is calling, for upstreams that do not read access tokens. */
export type Assertions = {
  /** The public keys to verify with, for publication. */
  readonly publicKeys: readonly PublicJwk[];
  /** An assertion for one upstream, good for 20 to 30 seconds, and never for longer than the token. */
  sign(audience: string, user: User, token: Identity["token"]): Promise<string>;
};

export type AssertionDeps = {
  /** The gateway's name, the public origin. */
  readonly issuer: string;
  /** Private keys; the first one signs, the others are published with it. */
  readonly privateJwks: readonly [unknown, ...unknown[]];
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** For how long an assertion is handed out again: a signature costs more than the rest of a request. */
const reuseMs = 9_000;
const mostKept = 10_000;

/** @throws Error when one of the keys is none */
export async function createAssertions({ issuer, privateJwks, now }: AssertionDeps): Promise<Assertions> {
  const key = await importSigningKey(privateJwks[0]);
  let kept = new Map<string, Promise<string>>();
  let keptSince = now();

  function recent(): Map<string, Promise<string>> {
    if (now() - keptSince >= reuseMs || kept.size >= mostKept) {
      kept = new Map();
      keptSince = now();
    }
    return kept;
  }

  return {
    publicKeys: privateJwks.map(toPublicJwk),
    sign(audience, user, token) {
      const signed = recent();
      const name = `${audience} ${token.id}`;
      const known = signed.get(name);
      if (known !== undefined) return known;
      const { id: subject, sessionId, authenticatedAt, roles } = user;
      const { id: tokenId, userVersion, issuedAt, expiresAt } = token;
      const account = { subject, sessionId, authenticatedAt, roles, userVersion: userVersion ?? 0 };
      const asserted = { ...account, tokenId, issuedAt, expiresAt };
      const made = signGatewayAssertion({ issuer, audience, user: asserted, key, now });
      signed.set(name, made);
      return made;
    },
  };
}
