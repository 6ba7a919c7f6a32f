import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createTestIssuer, decode, encode, policyFor, verdictsOf } from "../test/fixtures.ts";
import { verifyCompact } from "./verify.ts";

const issuer = await createTestIssuer("EdDSA");
const verdict = verdictsOf(issuer);
const [header = "", payload = "", signature = ""] = issuer.token.split(".");

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
    ["bad_json", `${header}.${encode(withByte(0xff))}.${signature}`],
    ["bad_json", `${header}.${encode('"text"')}.${signature}`],
    ["bad_json", `${header}.${encode("[".repeat(2000))}.${signature}`],
    ["bad_json", `${header}.${encode(`{"a":${"[".repeat(900)}${"]".repeat(900)}}`)}.${signature}`],
  ])("%s, without asking for a key: case %#", async (code, token) => {
    expect(await verdict(token)).toBe(code);
  });
});

it("says nothing of the token, in the message or its cause", async () => {
  const token = `${header}.${encode('{"sub":"a secret",')}.${signature}`;
  const error = await verifyCompact(token, issuer.keys, policyFor("EdDSA")).catch((refusal: unknown) => refusal);
  expect(inspect(error)).toContain("bad_json");
  expect(inspect(error)).not.toContain("a secret");
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

  it("counts no colon, quote or backslash inside a string", async () => {
    const members = { x: "a:b", 'y"': ":\\", 'z:"': ['\\":":{', { "\\": '":' }] };
    expect(await verdict(await issuer.signWith({}, members))).toBe("passed, key asked for");
  });

  it("refuses __proto__ as a header member", async () => {
    const text = `${decode(header).slice(0, -1)},"__proto__":{"kid":"x"}}`;
    expect(await verdict(await issuer.signText(text, decode(payload)))).toBe("unknown_header");
  });
});

/** The live payload with one more claim, a string of one byte. */
function withByte(byte: number): Buffer {
  return Buffer.concat([Buffer.from(`${decode(payload).slice(0, -1)},"x":"`), Buffer.of(byte), Buffer.from('"}')]);
}

/** Another last character for a part of 64 bytes that a lenient decoder reads the same: two of its bits mean nothing. */
function otherLast(part: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet.charAt(alphabet.indexOf(part.slice(-1)) + 1);
}
