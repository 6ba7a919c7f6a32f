import type { ServiceName } from "@countersign/access";
import { type Served, serve } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { type AsymmetricAlgorithm, generateSigningKey } from "@countersign/tokens";
import * as oauth from "oauth4webapi";
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  type Configuration,
  clientCredentialsGrant,
  discovery,
  genericGrantRequest,
  None,
  PrivateKeyJwt,
  refreshTokenGrant,
  tokenIntrospection,
  tokenRevocation,
} from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { registerUser, type Tokens } from "../../test/requests.ts";
import { addServiceKey } from "../services/service-keys.ts";
import { addServiceSecret } from "../services/service-secrets.ts";

const change = { actor: "test", at: Date.now() };

const importParameters = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

/** A client that knows the standards and not us, over HTTP: RFC 8414, 6749, 7523, 8693, 7662, 7009, 9068. */
describeDatabases("openid-client", { migrations }, (open) => {
  let served: Served;
  let test: TestAuth;
  let alice: Tokens;

  beforeAll(async () => {
    served = await serve((request, peer) => test.app.fetch(request, peer), { port: 0, hostname: "127.0.0.1" });
    test = await openTestAuth(await open(), { issuer: served.url, now: Date.now, algorithm: "ES256" });
    alice = await registerUser(test.app, someEmail());
  });
  afterAll(() => served.stop());

  const as = (clientId: string, auth: ClientAuth, algorithm: "oauth2" | "oidc" = "oauth2") =>
    // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; this is loopback
    discovery(new URL(served.url), clientId, undefined, auth, { algorithm, execute: [allowInsecureRequests] });

  async function withKey(service: ServiceName, algorithm: AsymmetricAlgorithm = "ES256"): Promise<Configuration> {
    const { privateJwk, publicJwk } = await generateSigningKey(algorithm);
    await addServiceKey(test.auth.deps.db, { service, publicJwk }, change);
    const key = await crypto.subtle.importKey("jwk", privateJwk, importParameters[algorithm], false, ["sign"]);
    return await as(service, PrivateKeyJwt({ key, kid: privateJwk.kid }));
  }
  async function withSecret(service: ServiceName): Promise<Configuration> {
    const { secret } = await addServiceSecret(test.auth.deps.db, service, change);
    return await as(service, ClientSecretBasic(secret));
  }
  const exchange = async (config: Configuration, subject_token: string, audience: string) =>
    await genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
      subject_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience,
    });

  it("finds everything by discovery, in both places", async () => {
    for (const algorithm of ["oauth2", "oidc"] as const) {
      const metadata = (await as("orders", None(), algorithm)).serverMetadata();
      expect(metadata).toMatchObject({
        issuer: served.url,
        token_endpoint: `${served.url}/oauth/token`,
        introspection_endpoint: `${served.url}/oauth/introspect`,
        revocation_endpoint: `${served.url}/oauth/revoke`,
        jwks_uri: `${served.url}/.well-known/jwks.json`,
      });
    }
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)(
    "gets tokens by private_key_jwt with %s, every time",
    async (algorithm) => {
      const orders = await withKey("orders", algorithm);
      for (let times = 0; times < 6; times++) {
        const { access_token, token_type, expires_in } = await clientCredentialsGrant(orders, {
          audience: "inventory",
        });
        expect([typeof access_token, token_type, expires_in]).toEqual(["string", "bearer", 299]);
      }
    },
  );

  it("gets tokens by client_secret_basic", async () => {
    const orders = await withSecret("orders");
    const { expires_in } = await clientCredentialsGrant(orders, { audience: "inventory" });
    expect(expires_in).toBe(299);
    const wrong = await as("orders", ClientSecretBasic("cs_wrong"));
    await expect(clientCredentialsGrant(wrong, { audience: "inventory" })).rejects.toMatchObject({
      code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
      status: 401,
      cause: [{ scheme: "basic", parameters: { realm: "countersign" } }],
    });
  });

  describe("as a service that calls for a user", () => {
    it("exchanges a token, and the callee finds it active", async () => {
      const [orders, inventory] = [await withKey("orders"), await withSecret("inventory")];
      const delegated = await exchange(orders, alice.accessToken, "inventory");
      expect(delegated).toMatchObject({
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "bearer",
        expires_in: 119,
      });
      expect(await tokenIntrospection(inventory, delegated.access_token)).toMatchObject({
        active: true,
        sub: alice.user.id,
        aud: "inventory",
        client_id: "orders",
        act: { sub: "orders" },
        permissions: ["orders:place", "orders:read", "orders:cancel"],
      });
      expect(await tokenIntrospection(orders, delegated.access_token)).toEqual({ active: false });
      await tokenRevocation(orders, delegated.access_token);
      expect(await tokenIntrospection(inventory, delegated.access_token)).toEqual({ active: false });
    });

    it("is refused what the policy does not allow, by name", async () => {
      const products = await withKey("products");
      await expect(exchange(products, alice.accessToken, "orders")).rejects.toMatchObject({
        code: "OAUTH_RESPONSE_BODY_ERROR",
        error: "invalid_target",
        status: 400,
      });
      const inventory = await withKey("inventory");
      const refused = { error: "invalid_request", status: 400 };
      await expect(exchange(inventory, alice.accessToken, "auth")).rejects.toMatchObject(refused);
    });
  });

  describe("as the client of a user", () => {
    it("refreshes, and signs out by revocation", async () => {
      const web = await as("countersign-web", None());
      const renewed = await refreshTokenGrant(web, alice.refreshToken);
      const { refresh_token = "" } = renewed;
      expect(refresh_token).not.toBe(alice.refreshToken);
      const orders = await withKey("orders");
      expect(await tokenIntrospection(orders, renewed.access_token)).toMatchObject({
        active: true,
        sub: alice.user.id,
      });
      await tokenRevocation(web, refresh_token);
      expect(await tokenIntrospection(orders, renewed.access_token)).toEqual({ active: false });
      await expect(refreshTokenGrant(web, refresh_token)).rejects.toMatchObject({
        error: "invalid_grant",
        status: 400,
      });
    });
  });

  it("finds the access tokens of every class as RFC 9068 has them", async () => {
    const orders = await withKey("orders");
    const { accessToken } = await registerUser(test.app, someEmail());
    const tokens = [
      [accessToken, "orders"],
      [(await clientCredentialsGrant(orders, { audience: "inventory" })).access_token, "inventory"],
      [(await exchange(orders, accessToken, "inventory")).access_token, "inventory"],
    ] as const;
    for (const [token, audience] of tokens) {
      const request = new Request("http://service.test", { headers: { authorization: `Bearer ${token}` } });
      const claims = await oauth.validateJwtAccessToken(orders.serverMetadata(), request, audience, {
        // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; this is loopback
        [oauth.allowInsecureRequests]: true,
      });
      expect(claims).toMatchObject({ iss: served.url, jti: expect.any(String), client_id: expect.any(String) });
    }
  });
});
