import { createHash, createPrivateKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { generateSigningKey } from "@countersign/tokens";
import { beforeAll, describe, expect, it } from "vitest";
import { json, startHostileProvider } from "../../test/hostile-provider.ts";
import { createClientProof } from "./client-proof.ts";
import { createProvider } from "./create-provider.ts";
import { apple, github } from "./presets.ts";
import { createProviderFetch } from "./provider-fetch.ts";
import type { ProviderSettings } from "./provider-settings.ts";

const secrets = { state: "state", nonce: "nonce", verifier: "v".repeat(43) };
const proof = { kind: "secret", secret: "s" } as const;
const deps = { fetch: createProviderFetch({ development: true, networks: [] }), now: Date.now };

let server: Awaited<ReturnType<typeof startHostileProvider>>;
let settings: ProviderSettings;
let privateJwk: Awaited<ReturnType<typeof generateSigningKey>>["privateJwk"];
let publicJwk: Awaited<ReturnType<typeof generateSigningKey>>["publicJwk"];

beforeAll(async () => {
  server = await startHostileProvider();
  ({ privateJwk, publicJwk } = await generateSigningKey("ES256"));
  settings = {
    name: "acme",
    label: "Acme",
    issuer: server.origin,
    clientId: "us",
    proof,
    scopes: ["openid"],
    claims: { email: "email", emailVerified: "email_verified" },
    verifiedValues: [true],
    responseMode: "query",
  };
  return () => server.stop();
});

function metadata(changes: object = {}) {
  const { origin } = server;
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    id_token_signing_alg_values_supported: ["ES256"],
    ...changes,
  };
}

const well = "/.well-known/openid-configuration";
const callback = () => new URL("http://localhost:4000/auth/acme/callback?code=c&state=state");

async function identifyWith(claims: object, header: object = {}, described = metadata()) {
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: server.origin, aud: "us", sub: "person", nonce: "nonce", iat: now, exp: now + 60, ...claims };
  const protectedHeader = { alg: "ES256", kid: privateJwk.kid, ...header };
  const text = [protectedHeader, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const key = createPrivateKey({ key: { ...privateJwk }, format: "jwk" });
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const signed = `${text}.${signature}`;
  server.routes.set(well, json(described));
  server.routes.set("/jwks", json({ keys: [publicJwk] }));
  server.routes.set("/token", json({ access_token: "a", token_type: "Bearer", id_token: signed }));
  return await createProvider(settings, deps).identify(callback(), secrets);
}

describe("an OpenID provider", () => {
  it("proves a person by a good ID token", async () => {
    const claims = { email: "Some@Example.com", email_verified: true };
    expect(await identifyWith(claims)).toEqual({
      provider: "acme",
      issuer: server.origin,
      subject: "person",
      email: "some@example.com",
      confirmedEmail: "some@example.com",
    });
  });

  it.each<[string, object]>([
    ["of another issuer", { iss: "https://accounts.google.com" }],
    ["for another client", { aud: "them" }],
    ["with another nonce", { nonce: "other" }],
    ["without a nonce", { nonce: undefined }],
    ["that has ended", { exp: 1 }],
    ["without a subject", { sub: undefined }],
    ["with a subject that is too long", { sub: "x".repeat(256) }],
  ])("proves nobody by an ID token %s", async (_what, claims) => {
    await expect(identifyWith(claims)).rejects.toMatchObject({ code: "faulty" });
  });

  it("proves nobody by an ID token that somebody else signed", async () => {
    const other = await generateSigningKey("ES256");
    const own = publicJwk;
    publicJwk = { ...other.publicJwk, kid: own.kid };
    await expect(identifyWith({})).rejects.toMatchObject({ code: "faulty" });
    publicJwk = own;
  });

  it.each<[string, object]>([
    ["names another issuer", { issuer: "https://accounts.google.com" }],
    ["names no token endpoint", { token_endpoint: undefined }],
    ["leads to a private address over http", { token_endpoint: "http://10.0.0.1/token" }],
    ["leads to a file", { jwks_uri: "file:///etc/passwd" }],
  ])("proves nobody where its metadata %s", async (_what, changes) => {
    const refused = await identifyWith({}, {}, metadata(changes)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "SignInProblem", code: expect.stringMatching(/faulty|misconfigured/) });
  });

  it("is asked for its metadata once by many at once, and again after a failure", async () => {
    const provider = createProvider(settings, deps);
    server.routes.set(well, (response) => response.writeHead(503).end());
    await expect(provider.authorizationUrl("http://localhost:4000/c", secrets)).rejects.toMatchObject({
      code: "unavailable",
    });
    server.routes.set(well, json(metadata()));
    const before = server.seen.length;
    const urls = await Promise.all([1, 2, 3].map(() => provider.authorizationUrl("http://localhost:4000/c", secrets)));
    expect(server.seen.length - before).toBe(1);
    const challenge = createHash("sha256").update(secrets.verifier).digest("base64url");
    expect(Object.fromEntries(urls[0]?.searchParams ?? [])).toEqual({
      client_id: "us",
      response_type: "code",
      redirect_uri: "http://localhost:4000/c",
      scope: "openid",
      state: "state",
      nonce: "nonce",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
  });

  it("goes on with older metadata while it does not answer", async () => {
    let at = Date.now();
    const provider = createProvider(settings, { ...deps, now: () => at });
    server.routes.set(well, json(metadata()));
    await provider.authorizationUrl("http://localhost:4000/c", secrets);
    at += 2 * 60 * 60_000;
    server.routes.set(well, (response) => response.writeHead(503).end());
    expect((await provider.authorizationUrl("http://localhost:4000/c", secrets)).pathname).toBe("/authorize");
  });
});

describe("GitHub", () => {
  const gitHub = () => {
    const { origin } = server;
    const endpoints = { authorize: `${origin}/authorize`, token: `${origin}/token`, api: origin };
    return createProvider(github({ clientId: "us", proof }, endpoints), deps);
  };
  const address = (email: string, primary: boolean, verified: boolean) => ({ email, primary, verified });
  const identify = (addresses: object[]) => {
    server.routes.set("/token", json({ access_token: "a", token_type: "bearer", scope: "read:user,user:email" }));
    server.routes.set("/user", json({ id: 583231, login: "octocat", email: "shown@example.com" }));
    server.routes.set("/user/emails", json(addresses));
    return gitHub().identify(new URL("http://localhost:4000/auth/github/callback?code=c&state=state"), secrets);
  };

  it("knows a person by the account's number, and takes the primary address", async () => {
    const addresses = [address("b@example.com", false, true), address("a@example.com", true, true)];
    expect(await identify(addresses)).toMatchObject({
      issuer: "https://github.com/login/oauth",
      subject: "583231",
      confirmedEmail: "a@example.com",
    });
  });

  it("takes a primary address that is not verified, and no other, for unconfirmed", async () => {
    const addresses = [address("b@example.com", false, true), address("a@example.com", true, false)];
    expect(await identify(addresses)).toMatchObject({ confirmedEmail: null });
  });

  it("says with 200 that a code is bad", async () => {
    server.routes.set("/token", json({ error: "bad_verification_code" }));
    const url = new URL("http://localhost:4000/auth/github/callback?code=c&state=state");
    await expect(gitHub().identify(url, secrets)).rejects.toMatchObject({ code: "faulty" });
  });

  it("is sent the verifier's challenge too", async () => {
    const url = await gitHub().authorizationUrl("http://localhost:4000/c", secrets);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  });
});

describe("Apple", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  const appleProof = { kind: "apple", key, keyId: "k", teamId: "t" } as const;

  it("gets a secret that is signed with our key, for five minutes", async () => {
    const prove = await createClientProof(appleProof, () => 1_000_000);
    const body = new URLSearchParams();
    prove({ issuer: "https://appleid.apple.com" }, { client_id: "us" }, body, new Headers());
    const [header = "", claims = "", signature = ""] = (body.get("client_secret") ?? "").split(".");
    const signed = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    const text = Buffer.from(`${header}.${claims}`);
    expect(verify("sha256", text, signed, Buffer.from(signature, "base64url"))).toBe(true);
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({
      iss: "t",
      sub: "us",
      aud: "https://appleid.apple.com",
      iat: 1000,
      exp: 1300,
    });
  });

  it("is asked to post its answer, and its texts count as booleans", () => {
    const { responseMode, verifiedValues } = apple({ clientId: "us", proof: appleProof });
    expect([responseMode, verifiedValues]).toEqual(["form_post", [true, "true"]]);
  });
});
