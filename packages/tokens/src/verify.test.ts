import { describe, expect, it } from "vitest";
import {
  at,
  codeOf,
  createTestIssuer,
  decode,
  delegatedClaims,
  encode,
  policyFor,
  serviceClaims,
  signParts,
  userClaims,
} from "../test/fixtures.ts";
import type { AccessClaims } from "./claims.ts";
import { signAccessToken } from "./sign.ts";
import { type TokenPolicy, verifyCompact } from "./verify.ts";

const issuer = await createTestIssuer("EdDSA");
const policy = policyFor("EdDSA");
const [header = "", payload = "", signature = ""] = issuer.token.split(".");

/** What verification says, and whether it went so far as to ask for a key. */
async function verdict(token: string, changes: Partial<TokenPolicy> = {}) {
  let asked = false;
  const keys: typeof issuer.keys = {
    find: (kid, algorithm) => {
      asked = true;
      return issuer.keys.find(kid, algorithm);
    },
  };
  const code = await codeOf(() => verifyCompact(token, keys, { ...policy, ...changes }));
  return asked ? `${code}, key asked for` : code;
}

describe("verifyCompact", () => {
  it.each<AccessClaims>([userClaims, serviceClaims, delegatedClaims])(
    "gives back what was signed: $class",
    async (claims) => {
      const token = await signAccessToken(claims, issuer.key);
      await expect(verifyCompact(token, issuer.keys, policy)).resolves.toEqual(claims);
    },
  );

  it.each(["RS256", "ES256"] as const)("verifies %s", async (algorithm) => {
    const other = await createTestIssuer(algorithm);
    await expect(verifyCompact(other.token, other.keys, policyFor(algorithm))).resolves.toEqual(userClaims);
  });

  it("takes a single audience that stands alone, as RFC 7519 lets it", async () => {
    const claims = await verifyCompact(await issuer.signWith({}, { aud: "orders" }), issuer.keys, policy);
    expect(claims.audience).toEqual(["orders"]);
  });

  it("ignores claims that no class knows, and lets nothing of them through", async () => {
    const text = `${decode(payload).slice(0, -1)},"__proto__":{"roles":["admin"]},"constructor":1,"isAdmin":true}`;
    const claims = await verifyCompact(await issuer.signText(decode(header), text), issuer.keys, policy);
    expect(claims).toEqual(userClaims);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(Object.keys(claims)).toEqual(expect.not.arrayContaining(["__proto__", "constructor", "isAdmin"]));
  });

  it("refuses a clock tolerance that makes no sense", async () => {
    for (const clockToleranceSeconds of [-1, 61, Number.NaN]) {
      await expect(verifyCompact(issuer.token, issuer.keys, { ...policy, clockToleranceSeconds })).rejects.toThrow(
        RangeError,
      );
    }
  });
});

describe("the string of a token", () => {
  it.each([
    ["too_large", `${issuer.token}${"A".repeat(4096)}`],
    ["not_compact", ""],
    ["not_compact", "garbage"],
    ["not_compact", ".."],
    ["not_compact", `${header}.${payload}`],
    ["not_compact", `${header}.${payload}.`],
    ["not_compact", `.${payload}.${signature}`],
    ["not_compact", `${header}..${signature}`],
    ["not_compact", `${issuer.token}.`],
    ["not_compact", `${issuer.token}.${signature}`],
    ["bad_encoding", `${issuer.token}=`],
    ["bad_encoding", `${issuer.token} `],
    ["bad_encoding", `${issuer.token}\n`],
    ["bad_encoding", `${header}.${payload}.${signature.slice(0, -1)}${otherLast(signature)}`],
    ["bad_encoding", `${header}=.${payload}.${signature}`],
    ["bad_encoding", `\u0165${issuer.token}`],
    ["bad_json", `${encode("[]")}.${payload}.${signature}`],
    ["bad_json", `${encode("null")}.${payload}.${signature}`],
    ["bad_json", `${encode("{")}.${payload}.${signature}`],
    ["bad_json", `${encode(`\u{feff}${decode(header)}`)}.${payload}.${signature}`],
    ["bad_json", `${encode(Buffer.from([0x7b, 0xff, 0x7d]))}.${payload}.${signature}`],
    ["bad_json", `${header}.${encode('"text"')}.${signature}`],
    ["bad_json", `${header}.${encode("[".repeat(2000))}.${signature}`],
    ["bad_json", `${header}.${encode(`{"a":${"[".repeat(900)}${"]".repeat(900)}}`)}.${signature}`],
  ])("%s, without asking for a key: case %#", async (code, token) => {
    expect(await verdict(token)).toBe(code);
  });
});

describe("the header", () => {
  it.each([
    ["unknown_header", { crit: ["b64"] }],
    ["unknown_header", { b64: false }],
    ["unknown_header", { b64: true }],
    ["unknown_header", { jwk: issuer.publicJwk }],
    ["unknown_header", { jku: "https://evil.example/keys" }],
    ["unknown_header", { x5u: "https://evil.example/cert" }],
    ["unknown_header", { x5c: ["AA=="] }],
    ["unknown_header", { cty: "JWT" }],
    ["unknown_header", { zip: "DEF" }],
    ["wrong_type", { typ: undefined }],
    ["wrong_type", { typ: "JWT" }],
    ["wrong_type", { typ: "AT+JWT" }],
    ["wrong_type", { typ: "application/at+jwt" }],
    ["wrong_type", { typ: ["at+jwt"] }],
    ["wrong_type", { typ: "client-authentication+jwt" }],
    ["wrong_algorithm", { alg: "none" }],
    ["wrong_algorithm", { alg: "eddsa" }],
    ["wrong_algorithm", { alg: "HS256" }],
    ["wrong_algorithm", { alg: "RS256" }],
    ["wrong_algorithm", { alg: undefined }],
    ["wrong_algorithm", { alg: ["EdDSA"] }],
    ["bad_key_id", { kid: undefined }],
    ["bad_key_id", { kid: "" }],
    ["bad_key_id", { kid: 1 }],
    ["bad_key_id", { kid: "../../etc/passwd" }],
    ["bad_key_id", { kid: "a b" }],
    ["bad_key_id", { kid: "a".repeat(129) }],
    ["bad_key_id", { kid: { toString: "x" } }],
  ])("%s, without asking for a key: %j", async (code, members) => {
    expect(await verdict(await issuer.signWith(members))).toBe(code);
  });

  it("refuses members that stand twice, even when both say the same or one is spelled with an escape", async () => {
    const text = decode(header).slice(1);
    for (const twice of ['"alg":"none",', '"kid":"x",', `"\\u0061lg":"EdDSA",`]) {
      expect(await verdict(await issuer.signText(`{${twice}${text}`, decode(payload)))).toBe("duplicate_member");
    }
    expect(await verdict(await issuer.signText(decode(header), `{"sub":"user-1",${decode(payload).slice(1)}`))).toBe(
      "duplicate_member",
    );
    const nested = `${decode(payload).slice(0, -1)},"x":[{"a":1,"a":1}]}`;
    expect(await verdict(await issuer.signText(decode(header), nested))).toBe("duplicate_member");
  });

  it("refuses __proto__ as a header member", async () => {
    const text = `${decode(header).slice(0, -1)},"__proto__":{"kid":"x"}}`;
    expect(await verdict(await issuer.signText(text, decode(payload)))).toBe("unknown_header");
  });
});

describe("the claims", () => {
  it.each([
    ...["iss", "sub", "aud", "jti", "client_id", "iat", "exp", "sid", "auth_time", "roles"].map((name) => ({
      [name]: undefined,
    })),
    { sub: "" },
    { sub: 1 },
    { sub: {} },
    { sub: null },
    { sub: "a\u0000b" },
    { sub: "a".repeat(256) },
    { aud: [] },
    { aud: ["orders", 1] },
    { aud: { 0: "orders" } },
    { roles: "admin" },
    { roles: [null] },
    { roles: [""] },
    { roles: { length: 0 } },
    { exp: "1800000060" },
    { exp: at + 0.5 },
    { exp: null },
    { exp: at * 1000 },
    { exp: 1e300 },
    { exp: -1 },
    { exp: at },
    { iat: at + 0.25 },
    { iat: 0 },
    { iat: true },
    { nbf: "now" },
    { auth_time: at + 1 },
    { act: { sub: "products" } },
    { permissions: [] },
  ])("bad_claims, without asking for a key: %j", async (members) => {
    expect(await verdict(await issuer.signWith({}, members))).toBe("bad_claims");
  });

  it("names the claim and never its value", async () => {
    const token = await issuer.signWith({}, { sub: 4711 });
    await expect(verifyCompact(token, issuer.keys, policy)).rejects.toMatchObject({ code: "bad_claims", claim: "sub" });
    await expect(verifyCompact(token, issuer.keys, policy)).rejects.not.toThrow("4711");
  });

  it.each([
    ["wrong_class", { token_class: undefined }],
    ["wrong_class", { token_class: "admin" }],
    ["wrong_class", { token_class: ["user"] }],
    ["wrong_class", { token_class: "__proto__" }],
    ["wrong_issuer", { iss: "https://issuer.example/" }],
    ["wrong_issuer", { iss: "https://evil.example" }],
    ["wrong_audience", { aud: ["auth"] }],
    ["wrong_audience", { aud: "order" }],
    ["wrong_audience", { aud: ["Orders"] }],
    ["lives_too_long", { exp: at + 601 }],
    ["lives_too_long", { exp: at + 1e9 }],
    ["issued_in_future", { iat: at + 6 }],
    ["not_yet_valid", { nbf: at + 6 }],
    ["expired", { iat: at - 100, auth_time: at - 100, exp: at - 5 }],
  ])("%s, without asking for a key: %j", async (code, members) => {
    expect(await verdict(await issuer.signWith({}, members))).toBe(code);
  });

  it("forgives clocks that differ by the tolerance and no more", async () => {
    const early = await issuer.signWith({}, { iat: at + 5, nbf: at + 5 });
    const late = await issuer.signWith({}, { iat: at - 100, auth_time: at - 100, exp: at - 4 });
    expect(await verdict(early)).toBe("passed, key asked for");
    expect(await verdict(late)).toBe("passed, key asked for");
    expect(await verdict(early, { clockToleranceSeconds: 0 })).toBe("issued_in_future");
    expect(await verdict(late, { clockToleranceSeconds: 0 })).toBe("expired");
  });

  it("refuses when the clock gives no number", async () => {
    expect(await verdict(issuer.token, { now: () => Number.NaN })).toBe("issued_in_future");
  });

  it("never lets one class pass for another", async () => {
    const tokens: readonly AccessClaims[] = [userClaims, serviceClaims, delegatedClaims];
    for (const claims of tokens) {
      const token = await signAccessToken(claims, issuer.key);
      for (const accepted of ["user", "service", "delegated"] as const) {
        const expected = accepted === claims.class ? "passed, key asked for" : "wrong_class";
        expect(await verdict(token, { classes: [accepted] })).toBe(expected);
      }
      for (const token_class of ["user", "service", "delegated"].filter((name) => name !== claims.class)) {
        const [, own = ""] = token.split(".");
        const relabelled = JSON.stringify({ ...JSON.parse(decode(own)), token_class });
        expect(await verdict(await issuer.signText(decode(header), relabelled))).toBe("bad_claims");
      }
    }
  });

  it("wants exactly one audience of a service's or a delegated token", async () => {
    for (const claims of [serviceClaims, delegatedClaims]) {
      const [, own = ""] = (await signAccessToken(claims, issuer.key)).split(".");
      const wide = JSON.stringify({ ...JSON.parse(decode(own)), aud: ["orders", "products"] });
      expect(await verdict(await issuer.signText(decode(header), wide))).toBe("bad_claims");
    }
  });

  it("refuses a chain of actors that is too long or malformed", async () => {
    const [, own = ""] = (await signAccessToken(delegatedClaims, issuer.key)).split(".");
    const withActor = (act: unknown) =>
      issuer.signText(decode(header), JSON.stringify({ ...JSON.parse(decode(own)), act }));
    const chain = (length: number): object => (length === 1 ? { sub: "s" } : { sub: "s", act: chain(length - 1) });
    expect(await verdict(await withActor(chain(4)))).toBe("passed, key asked for");
    expect(await verdict(await withActor(chain(5)))).toBe("actor_too_deep");
    for (const bad of [
      undefined,
      null,
      "products",
      [],
      { sub: "" },
      { sub: "s", act: { sub: 1 } },
      { sub: "s", act: null },
    ]) {
      expect(await verdict(await withActor(bad))).toBe("bad_claims");
    }
  });
});

describe("the signature", () => {
  it("is checked over the very bytes that were sent", async () => {
    const admin = encode(decode(payload).replace('["user"]', '["admin"]'));
    expect(await verdict(`${header}.${admin}.${signature}`)).toBe("bad_signature, key asked for");
    expect(await verdict(`${header}.${payload}.${encode(Buffer.alloc(64))}`)).toBe("bad_signature, key asked for");
    expect(await verdict(`${header}.${payload}.AA`)).toBe("bad_signature, key asked for");
  });

  it("is refused from another key under the same kid", async () => {
    const impostor = await createTestIssuer("EdDSA");
    const token = await signParts(`${header}.${payload}`, impostor.key);
    expect(await verdict(token)).toBe("bad_signature, key asked for");
    expect(await verdict(impostor.token)).toBe("unknown_key, key asked for");
  });
});

/** Another last character for a part of 64 bytes that a lenient decoder reads the same: two of its bits mean nothing. */
function otherLast(part: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet.charAt(alphabet.indexOf(part.slice(-1)) + 1);
}
