import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, createTestIssuer, decode, encode, policyFor, userClaims } from "../test/fixtures.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
const foreign = [".", "=", "+", "/", " ", "\n", "\0", "\u0141"];

describe.each(["RS256", "ES256", "EdDSA"] as const)("nothing but the token itself verifies: %s", async (algorithm) => {
  const issuer = await createTestIssuer(algorithm);
  const stranger = await createTestIssuer(algorithm);
  const other = await signAccessToken({ ...userClaims, subject: "user-2", tokenId: "token-2" }, issuer.key);
  const [header = "", payload = "", signature = ""] = issuer.token.split(".");
  const verdict = (token: string) => codeOf(() => verifyCompact(token, issuer.keys, policyFor(algorithm)));

  it("and the token itself does", async () => {
    expect(await verdict(issuer.token)).toBe("passed");
    expect(await verdict(other)).toBe("passed");
  });

  it("not with characters replaced, left out, put in or moved", async () => {
    const inserted = fc.string({ unit: fc.constantFrom(...alphabet, ...foreign), maxLength: 3 });
    const edit = fc.record({ from: fc.nat(issuer.token.length), removed: fc.nat(3), inserted });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(edits, async (all) => {
      const token = all.reduce(applyEdit, issuer.token);
      fc.pre(token !== issuer.token);
      expect(await verdict(token)).not.toBe("passed");
    });
    await fc.assert(property, { numRuns: 800 });
  });

  it("not with any single character replaced by another", async () => {
    const edit = fc.record({ from: fc.nat(issuer.token.length - 1), inserted: fc.constantFrom(...alphabet, ".") });
    const property = fc.asyncProperty(edit, async ({ from, inserted }) => {
      const token = applyEdit(issuer.token, { from, removed: 1, inserted });
      fc.pre(token !== issuer.token);
      expect(await verdict(token)).not.toBe("passed");
    });
    await fc.assert(property, { numRuns: 800 });
  });

  it("not with parts of other live tokens", async () => {
    const parts = [issuer.token, other, stranger.token].flatMap((token) => token.split("."));
    const picked = fc.array(fc.constantFrom(...parts), { minLength: 3, maxLength: 3 });
    const property = fc.asyncProperty(picked, async (three) => {
      const token = three.join(".");
      fc.pre(token !== issuer.token && token !== other);
      expect(await verdict(token)).not.toBe("passed");
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("not with another signature over the same text", async () => {
    const bytes = Buffer.from(signature, "base64url");
    const changes = fc.oneof(
      fc.uint8Array({ maxLength: 520 }),
      fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => flip(bytes, at, mask)),
      fc.constantFrom(Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), bytes])),
    );
    const property = fc.asyncProperty(changes, async (changed) => {
      expect(await verdict(`${header}.${payload}.${encode(changed)}`)).not.toBe("passed");
    });
    await fc.assert(property, { numRuns: 600 });
  });

  it("not with the same header or payload written otherwise", async () => {
    const rewritten = fc.tuple(fc.constantFrom(...rewritings), fc.constantFrom(...rewritings));
    const property = fc.asyncProperty(rewritten, async ([first, second]) => {
      const token = `${encode(first(decode(header)))}.${encode(second(decode(payload)))}.${signature}`;
      fc.pre(token !== issuer.token);
      expect(await verdict(token)).not.toBe("passed");
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

type Edit = { from: number; removed: number; inserted: string };

function applyEdit(token: string, { from, removed, inserted }: Edit): string {
  return token.slice(0, from) + inserted + token.slice(from + removed);
}

function flip(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
}

const rewritings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => ` ${text}`,
  (text) => `${text}\n`,
  (text) => JSON.stringify(JSON.parse(text), null, 1),
  (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
  (text) => text.replace("a", "\\u0061"),
  (text) => `${text.slice(0, -1)},"x":1}`,
  (text) => `\u{feff}${text}`,
];
