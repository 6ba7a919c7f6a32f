import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  at,
  codeOf,
  createTestIssuer,
  decode,
  encode,
  policyFor,
  type TestIssuer,
  userClaims,
} from "../test/fixtures.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const algorithms = ["RS256", "ES256", "EdDSA"] as const;
const anyCharacter = fc.nat(0x2ff).map((code) => String.fromCharCode(code));
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe.each(algorithms)("nothing but the token itself verifies: %s", (algorithm) => {
  const live = Promise.all([createTestIssuer(algorithm), createTestIssuer(algorithm)]).then(
    async ([issuer, stranger]) => {
      const second = await signAccessToken({ ...userClaims, subject: "user-2", tokenId: "token-2" }, issuer.key);
      return { issuer, second, stranger };
    },
  );
  const refuses = async (issuer: TestIssuer, token: string) => {
    if (token === issuer.token) return;
    expect(await codeOf(() => verifyCompact(token, issuer.keys, policyFor(algorithm)))).not.toBe("passed");
  };

  it("with characters replaced, left out, put in or moved", async () => {
    const { issuer } = await live;
    const edit = fc.record({
      from: fc.nat(issuer.token.length),
      removed: fc.nat(3),
      inserted: fc.oneof(
        fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 3 }),
        fc.string({ unit: fc.constantFrom(...alphabet, ".", "=", "+", "/", " ", "\n", "\0", "\u0141"), maxLength: 2 }),
      ),
    });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, (all) => refuses(issuer, all.reduce(applyEdit, issuer.token))),
      { numRuns: 1500 },
    );
  });

  it("with any single character replaced by any other", async () => {
    const { issuer } = await live;
    const place = fc.tuple(fc.nat(issuer.token.length - 1), fc.constantFrom(...alphabet, "."));
    await fc.assert(
      fc.asyncProperty(place, ([from, inserted]) =>
        refuses(issuer, applyEdit(issuer.token, { from, removed: 1, inserted })),
      ),
      { numRuns: 1500 },
    );
  });

  it("with parts of other live tokens", async () => {
    const { issuer, second, stranger } = await live;
    const pool = [issuer.token, second, stranger.token].map((token) => token.split("."));
    const pick = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(pick, async (picked) => {
        const token = picked.map(([whose, part]) => pool[whose]?.[part] ?? "").join(".");
        if (token !== second) await refuses(issuer, token);
      }),
      { numRuns: 300 },
    );
  });

  it("with another signature over the same text", async () => {
    const { issuer } = await live;
    const text = issuer.token.slice(0, issuer.token.lastIndexOf("."));
    const bytes = Buffer.from(issuer.token.slice(text.length + 1), "base64url");
    const lengths = fc.uint8Array({ maxLength: 520 });
    const flips = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([byte, mask]) => {
      const flipped = Uint8Array.from(bytes);
      flipped[byte] = (flipped[byte] ?? 0) ^ mask;
      return flipped;
    });
    const padded = fc.constantFrom(Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), bytes]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(lengths, flips, padded), (other) => refuses(issuer, `${text}.${encode(other)}`)),
      { numRuns: 1000 },
    );
  });

  it("with the header or the payload written otherwise", async () => {
    const { issuer } = await live;
    const [header = "", payload = "", signature = ""] = issuer.token.split(".");
    const rewrite = (part: string) => fc.constantFrom(...rewritings).map((change) => encode(change(decode(part))));
    await fc.assert(
      fc.asyncProperty(rewrite(header), rewrite(payload), (first, second) =>
        refuses(issuer, `${first}.${second}.${signature}`),
      ),
      { numRuns: 200 },
    );
  });
});

describe("whatever an issuer signs", () => {
  const live = createTestIssuer("EdDSA");

  it("claims of any kind either read back as they stand or are refused with a code", async () => {
    const issuer = await live;
    const names = [
      "iss",
      "sub",
      "aud",
      "jti",
      "client_id",
      "iat",
      "exp",
      "nbf",
      "sid",
      "auth_time",
      "roles",
      "act",
      "token_class",
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("orders", ["orders"], "user", "service", "delegated", at, at + 60, at - 60, "__proto__", {
        sub: "s",
      }),
    );
    const members = fc.dictionary(fc.constantFrom(...names, "__proto__", "toString"), value, { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(members, async (changed) => {
        const token = await issuer.signWith({}, changed);
        const code = await codeOf(() => verifyCompact(token, issuer.keys, policyFor("EdDSA"))); // a foreign error would throw
        if (code !== "passed") return;
        const claims = await verifyCompact(token, issuer.keys, policyFor("EdDSA"));
        expect(claims.subject).toBe(changed.sub ?? userClaims.subject);
        expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
      }),
      { numRuns: 1000 },
    );
  });

  it("any text at all is refused with a code", async () => {
    const issuer = await live;
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: anyCharacter, maxLength: 200 })), (token) =>
        refusesAny(issuer, token),
      ),
      { numRuns: 1000 },
    );
  });
});

async function refusesAny(issuer: TestIssuer, token: string): Promise<void> {
  expect(await codeOf(() => verifyCompact(token, issuer.keys, policyFor("EdDSA")))).not.toBe("passed");
}

type Edit = { from: number; removed: number; inserted: string };

function applyEdit(token: string, { from, removed, inserted }: Edit): string {
  return token.slice(0, from) + inserted + token.slice(from + removed);
}

const rewritings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => ` ${text}`,
  (text) => `${text}\n`,
  (text) => JSON.stringify(JSON.parse(text), null, 1),
  (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
  (text) => text.replace("a", "\\u0061"),
  (text) => `${text.slice(0, -1)},"x":1}`,
  (text) => `\u{feff}${text}`,
];
