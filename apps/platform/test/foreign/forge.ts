import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A header and claims, signed with ES256 by the key. */
function signed(head: object, claims: object, key: KeyObject): string {
  const input = `${encode(head)}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

/** The same with HS256. */
export function hmac(head: object, claims: object, secret: string | Buffer): string {
  const input = `${encode(head)}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** The same without a signature. */
export function unsigned(head: object, claims: object): string {
  return `${encode(head)}.${encode(claims)}.`;
}

/** One thing each that is wrong with a token which is good otherwise: what it is, and members of header and claims. */
export type Wrong = readonly [string, object, object];

/** An issuer that signs whatever it is told to, for what verifiers must refuse. */
export function createForge(issuer: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "known", alg: "ES256", use: "sig" };
  const header = (members: object = {}) => ({ alg: "ES256", typ: "at+jwt", kid: "known", ...members });
  const userClaims = (members: object = {}) => ({
    iss: issuer,
    sub: "user-1",
    aud: ["auth", "products", "orders"],
    jti: "token-1",
    client_id: "web",
    iat: now(),
    exp: now() + 600,
    token_class: "user",
    sid: "session-1",
    auth_time: now(),
    roles: ["user"],
    ...members,
  });
  return {
    publicKey,
    jwk,
    header,
    userClaims,
    /** The token of a user of `orders`, but for these members. */
    token: (head: object = {}, claims: object = {}, key: KeyObject = privateKey) =>
      signed(header(head), userClaims(claims), key),
    wrongs: wrongsOf(jwk),
  };
}

function wrongsOf(jwk: object): readonly Wrong[] {
  return [
    ["another audience", {}, { aud: ["auth", "products"] }],
    ["no audience", {}, { aud: undefined }],
    ["another issuer", {}, { iss: "http://evil.test" }],
    ["the class of a service", {}, { token_class: "service", aud: ["orders"], roles: undefined, sid: undefined }],
    ["the class of a delegated token", {}, { token_class: "delegated", aud: ["orders"], exp: now() + 60 }],
    ["no class", {}, { token_class: undefined }],
    ["an end in the past", {}, { iat: now() - 300, exp: now() - 10 }],
    ["no end", {}, { exp: undefined }],
    ["a life of an hour", {}, { exp: now() + 3_600 }],
    ["an end in milliseconds", {}, { exp: Date.now() }],
    ["an end that is no number", {}, { exp: String(now() + 60) }],
    ["a beginning in the future", {}, { iat: now() + 60, exp: now() + 120 }],
    ["no beginning", {}, { iat: undefined }],
    ["a subject that is no string", {}, { sub: 7 }],
    ["no id", {}, { jti: undefined }],
    ["no session", {}, { sid: undefined }],
    ["roles that are one string", {}, { roles: "admin" }],
    ["the permissions of a delegated token", {}, { permissions: ["users:write"] }],
    ["an actor, where nobody acts", {}, { act: { sub: "orders" } }],
    ["another type", { typ: "JWT" }, {}],
    ["the type of an assertion", { typ: "gateway-assertion+jwt" }, {}],
    ["no type", { typ: undefined }, {}],
    ["no key id", { kid: undefined }, {}],
    ["an unknown key id", { kid: "unknown" }, {}],
    ["a key of its own", { jwk }, {}],
    ["an address of keys", { jku: "http://evil.test" }, {}],
    ["crit", { crit: ["exp"] }, {}],
    ["the algorithm none", { alg: "none" }, {}],
    ["another algorithm", { alg: "RS256" }, {}],
  ];
}
