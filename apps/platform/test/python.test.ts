import { spawn, spawnSync } from "node:child_process";
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTestIssuer } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../examples/python-service/", import.meta.url));
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import jwt, cryptography"]).status === 0,
);
const missing = python === undefined ? ", skipped: no Python here has PyJWT and cryptography" : "";

const issuer = "http://issuer.test";
const now = () => Math.floor(Date.now() / 1000);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What people write who have read the first page of PyJWT. */
const naiveVerifier = `
import sys, jwt
pem, *tokens = sys.stdin.read().split("\\0")
for token in tokens:
    try:
        jwt.decode(token, pem, algorithms=["ES256"], audience="orders", issuer="${issuer}", leeway=5)
        print("passed")
    except Exception as error:
        print(type(error).__name__)
`;

/** The same in every version of PyJWT. */
const leftOpen = [
  "the class of a service",
  "the class of a delegated token",
  "no class",
  "no end",
  "a life of an hour",
  "an end in milliseconds",
  "an end that is no number",
  "no beginning",
  "no id",
  "roles that are one string",
  "another type",
  "the type of an assertion",
  "no type",
  "no key id",
  "a key of its own",
  "an address of keys",
];

describe.skipIf(missing !== "")(`the Python of the guide to other languages${missing}`, { timeout: 60_000 }, () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "known", alg: "ES256", use: "sig" };
  let fetches = 0;
  let keys: object = {};
  const jwks = createServer((_request, response) => {
    fetches += 1;
    response.end(JSON.stringify(keys));
  });
  const ended: (() => void)[] = [];
  const url = () => `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`; // it listens on a port
  const environment = () => ({ ISSUER: issuer, AUDIENCE: "orders", ALGORITHM: "ES256", JWKS_URL: url() });

  /** Verifies one token after the other in one process, by the script itself. */
  function startVerifier(env: Record<string, string> = {}) {
    const child = spawn(python ?? "", [`${folder}verify.py`], { env: { ...environment(), ...env } });
    child.stderr.pipe(process.stderr);
    ended.push(() => child.kill());
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return async (token: string): Promise<string> => {
      child.stdin.write(`${token}\n`);
      return String((await lines.next()).value);
    };
  }

  const userToken = (claims: object = {}) => ({
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
    ...claims,
  });
  const header = (members: object = {}) => ({ alg: "ES256", typ: "at+jwt", kid: "known", ...members });
  const signed = (head: object, claims: object, key: KeyObject = privateKey) => {
    const input = `${encode(head)}.${encode(claims)}`;
    return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  const hmac = (head: object, claims: object, secret: string) => {
    const input = `${encode(head)}.${encode(claims)}`;
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };

  let verify: (token: string) => Promise<string>;
  beforeAll(async () => {
    await new Promise<void>((resolve) => jwks.listen(0, "127.0.0.1", resolve));
    keys = { keys: [jwk] };
    verify = startVerifier();
  });
  afterAll(async () => {
    for (const end of ended) end();
    await new Promise((resolve) => jwks.close(resolve));
  });

  it("accepts the tokens that auth signs, of every class that it is told to", async () => {
    const ours = await createTestIssuer();
    keys = { keys: [ours.publicJwk] };
    const accept = startVerifier({ CLASSES: "user service delegated" });
    expect(await accept(await ours.userToken({ id: "user-7" }))).toBe("passed user-7");
    expect(await accept(await ours.serviceToken("products", "orders"))).toBe("passed products");
    const through = { id: "user-7", through: ["inventory"] as const };
    expect(await accept(await ours.delegatedToken("products", "orders", through))).toBe("passed user-7");
    expect(await accept(await ours.userToken({ age: 700 }))).toBe("refused ExpiredSignatureError");
    expect(await accept(await ours.serviceToken("products", "inventory"))).toMatch(/^refused/);
    keys = { keys: [jwk] };
  });

  it("accepts what the refusals below differ from in one thing each", async () => {
    expect(await verify(signed(header(), userToken()))).toBe("passed user-1");
  });

  const bad: readonly (readonly [string, object, object])[] = [
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
    ["roles that are one string", {}, { roles: "admin" }],
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
  it.each(bad)("refuses %s", async (_name, head, claims) => {
    expect(await verify(signed(header(head), userToken(claims)))).toMatch(/^refused/);
  });

  it("is needed: PyJWT alone, asked for algorithm, issuer and audience, lets these through", () => {
    const pem = publicKey.export({ type: "spki", format: "pem" });
    const tokens = bad.map(([, head, claims]) => signed(header(head), userToken(claims)));
    const naive = spawnSync(python ?? "", ["-c", naiveVerifier], {
      input: [pem, ...tokens].join("\0"),
      encoding: "utf8",
    });
    const through = bad.filter((_, index) => naive.stdout.split("\n")[index] === "passed").map(([name]) => name);
    expect(through).toEqual(expect.arrayContaining(leftOpen));
  });

  it("refuses a stranger's signature, none at all, and a public key used as a secret", async () => {
    expect(await verify(signed(header(), userToken(), stranger))).toBe("refused InvalidSignatureError");
    expect(await verify(`${encode(header({ alg: "none" }))}.${encode(userToken())}.`)).toBe("refused malformed");
    const secret = publicKey.export({ type: "spki", format: "pem" });
    expect(await verify(hmac(header({ alg: "HS256" }), userToken(), secret))).toBe("refused bad_header");
    expect(await verify("x".repeat(5_000))).toBe("refused malformed");
  });

  it("asks for keys no more often because of key ids that nobody knows", async () => {
    const before = fetches;
    for (const kid of ["a", "b", "c", "d"]) await verify(signed(header({ kid }), userToken()));
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it("does not call a token bad when there are no keys to be had", async () => {
    const blind = startVerifier({ JWKS_URL: "http://127.0.0.1:1/" });
    expect(await blind(signed(header(), userToken()))).toBe("unavailable keys_unavailable");
    const empty = startVerifier({ JWKS_URL: `${url()}/empty` });
    keys = { keys: [] };
    expect(await empty(signed(header(), userToken()))).toBe("unavailable keys_unavailable");
    keys = { keys: [jwk] };
  });

  it("believes the gateway's assertion for its own audience, for seconds", async () => {
    const believe = startVerifier({ KIND: "assertion", AUDIENCE: "reports" });
    const typ = { typ: "gateway-assertion+jwt" };
    const said = { aud: "reports", exp: now() + 30, token_class: undefined, token_jti: "token-1" };
    expect(await believe(signed(header(typ), userToken(said)))).toBe("passed user-1");
    expect(await believe(signed(header(typ), userToken({ ...said, aud: "orders" })))).toMatch(/^refused/);
    expect(await believe(signed(header(typ), userToken({ ...said, exp: now() + 90 })))).toBe("refused lives_too_long");
    expect(await believe(signed(header(), userToken({ ...said, token_class: "user" })))).toBe("refused bad_header");
  });
});
