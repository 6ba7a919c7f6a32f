import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseSecrets } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { deriveSecrets } from "./derive-secrets.ts";
import { openSecretsFile } from "./open-secrets-file.ts";
import { isSealedWith, SealError, seal, unseal } from "./seal.ts";

const older = new Uint8Array(32).fill(1);
const newer = new Uint8Array(32).fill(2);

function sealingKeyOf(...masters: Uint8Array[]) {
  const [first] = deriveSecrets(masters).sealing;
  if (first === undefined) throw new Error("there is a key for every secret");
  return first;
}

describe("seal", () => {
  it("opens with the secret that made it, also after a newer one came first", () => {
    const sealed = seal("private", "kid-1", sealingKeyOf(older));
    expect(sealed).not.toContain("private");
    expect(unseal(sealed, "kid-1", deriveSecrets([newer, older]).sealing)).toBe("private");
    expect(isSealedWith(sealed, sealingKeyOf(older))).toBe(true);
    expect(isSealedWith(sealed, sealingKeyOf(newer))).toBe(false);
  });

  it("never gives the same text twice", () => {
    expect(seal("private", "kid-1", sealingKeyOf(older))).not.toBe(seal("private", "kid-1", sealingKeyOf(older)));
  });

  it("refuses a secret that is gone, a moved text and a changed one, each by its code", () => {
    const sealed = seal("private", "kid-1", sealingKeyOf(older));
    const keys = deriveSecrets([older]).sealing;
    const codeOf = (open: () => string) => {
      try {
        return open();
      } catch (error) {
        return error instanceof SealError ? error.code : error;
      }
    };
    expect(codeOf(() => unseal(sealed, "kid-1", deriveSecrets([newer]).sealing))).toBe("unknown_secret");
    expect(codeOf(() => unseal(sealed, "kid-2", keys))).toBe("not_authentic");
    const middle = sealed.length - 8; // not the last character, whose lowest bits may carry nothing
    const changed = sealed[middle] === "A" ? "B" : "A";
    const altered = `${sealed.slice(0, middle)}${changed}${sealed.slice(middle + 1)}`;
    expect(codeOf(() => unseal(altered, "kid-1", keys))).toBe("not_authentic");
    expect(codeOf(() => unseal(sealed.split(".").slice(0, 2).join("."), "kid-1", keys))).toBe("not_authentic");
  });
});

describe("deriveSecrets", () => {
  it("gives each purpose its own bytes, and refuses a short secret or none", () => {
    const { sealing, refresh } = deriveSecrets([older]);
    expect(Buffer.from(sealing[0]?.key ?? []).equals(Buffer.from(refresh[0] ?? []))).toBe(false);
    expect(() => deriveSecrets([])).toThrow(RangeError);
    expect(() => deriveSecrets([new Uint8Array(31)])).toThrow(RangeError);
  });
});

describe("parseSecrets", () => {
  it("reads a list in either alphabet and names the entry at fault without quoting it", () => {
    const text = Buffer.from(older).toString("base64");
    expect(parseSecrets(`${text}, ${Buffer.from(newer).toString("base64url")}`)).toEqual([older, newer]);
    expect(() => parseSecrets(`${text},c2hvcnQ=`)).toThrow("entry 2 has 5 bytes");
    expect(() => parseSecrets("not base64!")).toThrow(/^entry 1 is not base64$/);
  });
});

describe("openSecretsFile", () => {
  it("makes the file once, for its owner alone", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "auth-secrets-"));
    try {
      const file = path.join(directory, "new", "secrets.key");
      const [first, second] = await Promise.all([openSecretsFile(file), openSecretsFile(file)]);
      expect(first).toEqual(second);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
