import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRefreshTokens } from "./refresh-tokens.ts";

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const newer = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
const sessionId = "0b9e2b9c-6a6e-4f0e-8d55-9a4e5d1f6a01";

describe("refresh tokens", () => {
  it("read back what they were issued for, and are the same string every time", () => {
    const tokens = createRefreshTokens([secret]);
    const token = tokens.issue(sessionId, 7);
    expect(token).toMatch(new RegExp(`^${sessionId}\\.7\\.[\\w-]{43}$`));
    expect(tokens.issue(sessionId, 7)).toBe(token);
    expect(tokens.read(token)).toEqual({ sessionId, generation: 7 });
  });

  it("outlive a change of the secret for as long as the old one is kept", () => {
    const before = createRefreshTokens([secret]);
    const during = createRefreshTokens([newer, secret]);
    const after = createRefreshTokens([newer]);
    expect(during.read(before.issue(sessionId, 1))).toEqual({ sessionId, generation: 1 });
    expect(during.read(during.issue(sessionId, 1))).toEqual({ sessionId, generation: 1 });
    expect(after.read(during.issue(sessionId, 1))).toEqual({ sessionId, generation: 1 });
    expect(after.read(before.issue(sessionId, 1))).toBeNull();
  });

  it("keep their own copy of a secret", () => {
    const given = Uint8Array.from(secret);
    const tokens = createRefreshTokens([given]);
    const token = tokens.issue(sessionId, 1);
    given.fill(0);
    expect(tokens.issue(sessionId, 1)).toBe(token);
  });

  it("stand for nothing once a character is changed, wherever it is", () => {
    const tokens = createRefreshTokens([newer, secret]);
    const token = tokens.issue(sessionId, 1);
    const anyCharacter = fc.nat(0x2ff).map((code) => String.fromCharCode(code));
    const edit = fc.tuple(fc.nat(token.length), fc.nat(2), fc.string({ unit: anyCharacter, maxLength: 2 }));
    fc.assert(
      fc.property(edit, ([from, removed, inserted]) => {
        const changed = token.slice(0, from) + inserted + token.slice(from + removed);
        fc.pre(changed !== token);
        expect(tokens.read(changed)).toBeNull();
      }),
      { numRuns: 2000 },
    );
    for (const other of [
      "",
      "..",
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      token.repeat(100),
      token.replace(".1.", ".01."),
    ]) {
      expect(tokens.read(other)).toBeNull();
    }
  });

  it("have one string each: the spare bits of the last character count", () => {
    const tokens = createRefreshTokens([secret]);
    const token = tokens.issue(sessionId, 1);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const read = alphabet.split("").filter((last) => tokens.read(token.slice(0, -1) + last) !== null);
    expect(read).toEqual([token.slice(-1)]);
  });

  it("need secrets of 32 bytes, and ids and generations that fit", () => {
    expect(() => createRefreshTokens([])).toThrow(RangeError);
    expect(() => createRefreshTokens([secret, secret.subarray(1)])).toThrow(RangeError);
    const tokens = createRefreshTokens([secret]);
    const wrong: readonly [string, number][] = [
      ["", 1],
      ["a.b", 1],
      ["a".repeat(65), 1],
      ["a", -1],
      ["a", 0.5],
      ["a", 1e21],
      ["a", Number.NaN],
    ];
    for (const [id, generation] of wrong) expect(() => tokens.issue(id, generation)).toThrow(RangeError);
    expect(tokens.read(tokens.issue("a", 0))).toEqual({ sessionId: "a", generation: 0 });
  });
});
