import { describe, expect, it } from "vitest";
import { codeOf, createTestIssuer, encode, policyFor, type TestIssuer, userClaims } from "../test/fixtures.ts";
import { signAccessToken } from "./sign.ts";
import { toLowS } from "./signature.ts";
import { verifyCompact } from "./verify.ts";

const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ed25519Order = (1n << 252n) + 27742317777372353535851937790883648493n;

describe("ES256", () => {
  it("signs with the lower s always, and refuses the twin of every signature by its own code", async () => {
    const issuer = await createTestIssuer("ES256");
    for (let round = 0; round < 20; round += 1) {
      const token = await signAccessToken({ ...userClaims, tokenId: `token-${round}` }, issuer.key);
      const { text, bytes } = split(token);
      const s = toBigInt(bytes.subarray(32));
      expect(s <= p256Order >> 1n).toBe(true);
      const twin = Buffer.concat([bytes.subarray(0, 32), fromBigInt(p256Order - s)]);
      expect(await codeOf(() => verify(issuer, token))).toBe("passed");
      expect(await codeOf(() => verify(issuer, `${text}.${encode(twin)}`))).toBe("twin_signature");
      expect(Buffer.from(toLowS(twin))).toEqual(bytes);
    }
  });

  it("refuses an s that was wound round, zeros, and the DER form", async () => {
    const issuer = await createTestIssuer("ES256");
    const { text, bytes } = split(issuer.token);
    const der = Buffer.concat([
      Buffer.from([0x30, 0x44, 0x02, 0x20]),
      bytes.subarray(0, 32),
      Buffer.from([0x02, 0x20]),
      bytes.subarray(32),
    ]);
    expect(await codeOf(() => verify(issuer, `${text}.${encode(Buffer.alloc(64))}`))).toBe("bad_signature");
    expect(await codeOf(() => verify(issuer, `${text}.${encode(Buffer.alloc(64, 0xff))}`))).toBe("twin_signature");
    expect(await codeOf(() => verify(issuer, `${text}.${encode(der)}`))).toBe("bad_signature");
  });
});

describe("EdDSA", () => {
  it("refuses the twin with the group's order added to s (RFC 8032 §5.1.7)", async () => {
    const issuer = await createTestIssuer("EdDSA");
    const { text, bytes } = split(issuer.token);
    const s = toBigInt(Buffer.from(bytes.subarray(32)).toReversed());
    const twin = Buffer.concat([bytes.subarray(0, 32), fromBigInt(s + ed25519Order).toReversed()]);
    expect(await codeOf(() => verify(issuer, `${text}.${encode(twin)}`))).toBe("bad_signature");
  });
});

describe("RS256", () => {
  it("refuses the twin with the modulus added, and one that is longer or shorter by a zero", async () => {
    const issuer = await createTestIssuer("RS256");
    const { text, bytes } = split(issuer.token);
    const modulus = toBigInt(Buffer.from("n" in issuer.publicJwk ? issuer.publicJwk.n : "", "base64url"));
    const twin = Buffer.from((toBigInt(bytes) + modulus).toString(16).padStart(514, "0"), "hex");
    for (const other of [
      twin,
      Buffer.concat([Buffer.alloc(1), bytes]),
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.alloc(1)]),
    ]) {
      expect(await codeOf(() => verify(issuer, `${text}.${encode(other)}`))).toBe("bad_signature");
    }
  });
});

function verify(issuer: TestIssuer, token: string) {
  return verifyCompact(token, issuer.keys, policyFor("RS256", "ES256", "EdDSA"));
}

function split(token: string): { text: string; bytes: Buffer } {
  const end = token.lastIndexOf(".");
  return { text: token.slice(0, end), bytes: Buffer.from(token.slice(end + 1), "base64url") };
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function fromBigInt(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}
