import {
  createLocalKeySet,
  generateSigningKey,
  importSigningKey,
  type KeySource,
  signGatewayAssertion,
} from "@countersign/tokens";
import { z } from "zod";
import { readClaims } from "./read-claims.ts";
import type { TestIssuer } from "./test-issuer.ts";

/** The part of a gateway that vouches for users. */
export type TestGateway = {
  readonly keys: KeySource;
  /** Its word, to one service, on the user of a token; the token is not looked at closely, as a real one's is. */
  assert(token: string, audience: string): Promise<string>;
};

const userClaims = z.object({
  sub: z.string(),
  sid: z.string(),
  auth_time: z.number(),
  roles: z.array(z.string()),
  user_version: z.int().default(0),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
});

/** A gateway with a key of its own: to whoever believes another one, what it signs is forged. */
export async function createTestGateway({ issuer }: TestIssuer, { now }: { now: () => number }): Promise<TestGateway> {
  const { privateJwk, publicJwk } = await generateSigningKey("ES256");
  const key = await importSigningKey(privateJwk);
  return {
    keys: createLocalKeySet(() => [publicJwk]),
    assert(token, audience) {
      const {
        sub: subject,
        sid: sessionId,
        auth_time: authenticatedAt,
        roles,
        user_version: userVersion,
        ...of
      } = userClaims.parse(readClaims(token));
      const account = { subject, sessionId, authenticatedAt, roles, userVersion };
      const user = { ...account, tokenId: of.jti, issuedAt: of.iat, expiresAt: of.exp };
      return signGatewayAssertion({ issuer, audience, user, key, now });
    },
  };
}
