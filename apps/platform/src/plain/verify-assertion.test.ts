import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { expect, it } from "vitest";
import { createGatewayKeys } from "./gateway-keys.ts";
import { verifyAssertion } from "./verify-assertion.ts";

const at = 1_800_000_000;
const now = () => at * 1000;
const issuer = "https://shop.example";
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid: "known", alg: "ES256", use: "sig" };

let asked = 0;
const gateway = async () => {
  asked += 1;
  return Response.json({ keys: [jwk] });
};
const keys = createGatewayKeys({ url: "http://gateway.test/keys", fetch: gateway, now });
const verify = (assertion: string) => verifyAssertion(assertion, { issuer, audience: "plain", keys, now });

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const header = { alg: "ES256", kid: "known", typ: "gateway-assertion+jwt" };
const claims = { iss: issuer, aud: "plain", sub: "user-1", roles: ["user"], iat: at, exp: at + 30 };
function signed(head: object = {}, body: object = {}, key: KeyObject = pair.privateKey): string {
  const input = `${encode({ ...header, ...head })}.${encode({ ...claims, ...body })}`;
  return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

it("says who is calling", async () => {
  expect(await verify(signed())).toEqual({ userId: "user-1", roles: ["user"] });
});

it.each<[string, object, object]>([
  ["another audience", {}, { aud: "reports" }],
  ["several audiences", {}, { aud: ["plain", "reports"] }],
  ["another issuer", {}, { iss: "https://evil.example" }],
  ["an end in the past", {}, { iat: at - 60, exp: at - 30 }],
  ["a beginning in the future", {}, { iat: at + 20, exp: at + 40 }],
  ["a life of a minute", {}, { exp: at + 60 }],
  ["no end", {}, { exp: undefined }],
  ["roles that are one string", {}, { roles: "admin" }],
  ["the type of an access token", { typ: "at+jwt" }, {}],
  ["no key id", { kid: undefined }, {}],
  ["an unknown key id", { kid: "unknown" }, {}],
  ["a key of its own", { jwk }, {}],
  ["the algorithm none", { alg: "none" }, {}],
])("refuses %s", async (_name, head, body) => {
  expect(await verify(signed(head, body))).toBeNull();
});

it("refuses a stranger's signature, none, and what is no token", async () => {
  expect(await verify(signed({}, {}, stranger.privateKey))).toBeNull();
  for (const bad of ["", "a.b.c", "x".repeat(5_000), `${encode(header)}.${encode(claims)}.`]) {
    expect(await verify(bad)).toBeNull();
  }
});

it("does not ask for keys again because of ids that nobody knows", async () => {
  const before = asked;
  for (const kid of ["a", "b", "c"]) await verify(signed({ kid }));
  expect(asked).toBe(before);
});

it("does not say that an assertion is bad when there are no keys to be had", async () => {
  const down = createGatewayKeys({ url: "http://gateway.test/keys", fetch: () => Promise.reject(new Error()), now });
  const policy = { issuer, audience: "plain", keys: down, now };
  await expect(verifyAssertion(signed(), policy)).rejects.toThrow(Error);
});
