/** Verification without a server: ours with every check, jose's own, and the bare check of the signature. */
import { createPublicKey, verify } from "node:crypto";
import { type AsymmetricAlgorithm, createLocalKeySet, signAccessToken, verifyCompact } from "@countersign/tokens";
import { jwtVerify } from "jose";
import { answer, cpu } from "../harness/answer.ts";
import { audience, createIdentity, issuer } from "./identity.ts";

const algorithms: readonly AsymmetricAlgorithm[] = ["RS256", "ES256", "EdDSA"];

type Contest = { readonly ours: Verify; readonly jose: Verify; readonly bare: Verify };
type Verify = (token: string) => unknown;

const importAs: Record<AsymmetricAlgorithm, { name: string; hash?: string; namedCurve?: string }> = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

const contests = new Map<string, Contest & { readonly tokens: readonly string[] }>();
for (const algorithm of algorithms) {
  const identity = await createIdentity(algorithm);
  const tokens = await Promise.all(Array.from({ length: 64 }, () => signAccessToken(identity.claims(), identity.key)));
  contests.set(algorithm, { ...(await toContest(algorithm, identity)), tokens });
}

async function toContest(algorithm: AsymmetricAlgorithm, identity: Awaited<ReturnType<typeof createIdentity>>) {
  const keys = createLocalKeySet(() => identity.publicJwks);
  const classes = ["user", "service", "delegated"] as const;
  const policy = { issuer, audience, algorithms: [algorithm], classes, now: Date.now };
  const own = crypto.subtle;
  const publicKey = await own.importKey("jwk", { ...identity.publicJwk }, importAs[algorithm], true, ["verify"]);
  const demands = {
    issuer,
    audience,
    algorithms: [algorithm],
    typ: "at+jwt",
    requiredClaims: ["exp", "iat", "sub", "jti"],
  };
  const key = createPublicKey({ key: identity.publicJwk, format: "jwk" });
  const bareKey = algorithm === "ES256" ? ({ key, dsaEncoding: "ieee-p1363" } as const) : key;
  const hash = algorithm === "EdDSA" ? null : "sha256";
  const contest: Contest = {
    ours: (token) => verifyCompact(token, keys, policy),
    jose: (token) => jwtVerify(token, publicKey, demands),
    bare: (token) => {
      const end = token.lastIndexOf(".");
      return verify(hash, Buffer.from(token.slice(0, end)), bareKey, Buffer.from(token.slice(end + 1), "base64url"));
    },
  };
  return contest;
}

answer({
  /** Verifies this many times, one after another; gives microseconds of CPU per token. */
  measure: async ({ algorithm, by, calls }: { algorithm: string; by: keyof Contest; calls: number }) => {
    const contest = contests.get(algorithm);
    if (contest === undefined) throw new Error(`There is no contest in ${algorithm}.`);
    const before = cpu();
    for (let call = 0; call < calls; call += 1) await contest[by](contest.tokens[call % 64] ?? "");
    return (cpu() - before) / calls;
  },
});
