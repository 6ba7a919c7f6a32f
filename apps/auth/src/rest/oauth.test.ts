import { describeDatabases } from "@countersign/testing";
import { generateSigningKey, importSigningKey, type SigningKey, signClientAssertion } from "@countersign/tokens";
import { desc, eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { postForm } from "../../test/oauth-client.ts";
import { migrations, openTestAuth, publicUrl, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf } from "../../test/requests.ts";
import { audit } from "../schema.ts";
import { addServiceKey, disableService, enableService } from "../services/service-keys.ts";
import { verifyToken } from "../sessions/verify-token.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

describeDatabases("the token endpoint", { migrations }, (open) => {
  let test: TestAuth;
  let key: SigningKey;
  let form: Record<string, string>;

  beforeAll(async () => {
    test = await openTestAuth(await open());
    const pair = await generateSigningKey("EdDSA");
    key = await importSigningKey(pair.privateJwk);
    const change = { actor: "test", at: test.clock.now() };
    await addServiceKey(test.auth.deps.db, { service: "orders", publicJwk: pair.publicJwk }, change);
  });

  const assert = (options: Partial<Parameters<typeof signClientAssertion>[0]> = {}) =>
    signClientAssertion({ clientId: "orders", audience: publicUrl, key, now: test.clock.now, ...options });

  beforeEach(async () => {
    form = {
      grant_type: "client_credentials",
      client_assertion_type: assertionType,
      client_assertion: await assert(),
      audience: "inventory",
    };
  });

  async function ask(body: string | URLSearchParams, headers: Record<string, string> = {}) {
    const response = await test.app.request("/oauth/token", { method: "POST", body, headers });
    const json: unknown = await response.json();
    return { status: response.status, headers: response.headers, json };
  }
  const askWith = (changes: Record<string, string> = {}) => ask(new URLSearchParams({ ...form, ...changes }));
  const refusal = (error: string) => ({ error, error_description: expect.any(String) });

  it("grants a token of the service's own for exactly one callee, never to be kept by a cache", async () => {
    const { status, headers, json } = await askWith();
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(json).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 299 });
    const { access_token: token } = Object(json);
    expect(claimsOf(token)).toMatchObject({
      iss: publicUrl,
      sub: "orders",
      client_id: "orders",
      token_class: "service",
    });
    expect(claimsOf(token)["aud"]).toBe("inventory");
    const verified = await test.app.request("/auth/verify", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    expect(await verified.json()).toMatchObject({ valid: true, service: { name: "orders" } });
  });

  it("takes the callee as a resource (RFC 8707) too, and the endpoint itself as the assertion's audience", async () => {
    const { audience: _, ...rest } = form;
    const client_assertion = await assert({ audience: `${publicUrl}/oauth/token` });
    const body = new URLSearchParams({ ...rest, client_assertion, resource: `${publicUrl}/trpc/products` });
    const { status, json } = await ask(body);
    expect(status).toBe(200);
    expect([claimsOf(Object(json).access_token)["aud"]].flat()).toEqual(["products"]);
  });

  it("takes an assertion once, also when two replicas are asked at the same time", async () => {
    const second = await openTestAuth(await open(), { now: test.clock.now });
    const replicas = [test, second, test, second, test, second];
    const body = new URLSearchParams(form).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const statuses = await Promise.all(
      replicas.map(async ({ app }) => (await app.request("/oauth/token", { method: "POST", body, headers })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  });

  describe("refuses", () => {
    it("a client that does not prove itself, with one answer for every cause", async () => {
      const stranger = await importSigningKey((await generateSigningKey("EdDSA")).privateJwk);
      const attempts = [
        { client_assertion: "garbage" },
        { client_assertion_type: "urn:other" },
        { client_id: "products" },
        { client_assertion: await assert({ key: stranger }) },
        { client_assertion: await assert({ clientId: "products" }) },
        { client_assertion: await assert({ clientId: "nobody" }) },
        { client_assertion: await assert({ audience: "http://evil.test" }) },
        { client_assertion: await assert({ now: () => test.clock.now() - 3_600_000 }) },
        { client_assertion: "" },
      ];
      const answers = await Promise.all(attempts.map((changes) => askWith(changes)));
      for (const { status, json, headers } of answers) {
        expect(status).toBe(401);
        expect(json).toEqual(answers[0]?.json);
        expect(json).toEqual(refusal("invalid_client"));
        expect(headers.get("cache-control")).toBe("no-store");
      }
    });

    it("another class of token in place of an assertion", async () => {
      const granted = await askWith();
      const { access_token } = Object(granted.json);
      expect((await askWith({ client_assertion: String(access_token) })).json).toEqual(refusal("invalid_client"));
    });

    it("a callee that the policy does not allow, is unknown, missing, or named twice over", async () => {
      const { audience: _, ...rest } = form;
      const twice = new URLSearchParams({ ...form, client_assertion: await assert() });
      twice.append("audience", "products");
      const answers = [
        await askWith({ audience: "orders" }),
        await askWith({ audience: "nowhere", client_assertion: await assert() }),
        await ask(new URLSearchParams({ ...rest, client_assertion: await assert() })),
        await askWith({ resource: `${publicUrl}/trpc/products`, client_assertion: await assert() }),
        await askWith({ audience: "inventory products", client_assertion: await assert() }),
        await ask(twice),
      ];
      for (const { status, json } of answers) expect([status, json]).toEqual([400, refusal("invalid_target")]);
    });

    it.each([
      [{ grant_type: "password" }, "unsupported_grant_type"],
      [{ grant_type: "" }, "invalid_request"],
      [{ scope: "everything" }, "invalid_scope"],
    ])("%j with %s", async (changes, code) => {
      const { status, json } = await askWith(changes);
      expect([status, json]).toEqual([400, refusal(code)]);
    });

    it("a repeated parameter, another encoding, and two ways of proof at once", async () => {
      const repeated = new URLSearchParams(form);
      repeated.append("client_id", "orders");
      repeated.append("client_id", "orders");
      const basic = { authorization: "Basic b3JkZXJzOnNlY3JldA==" };
      const answers = [
        await ask(repeated),
        await ask(JSON.stringify(form), { "content-type": "application/json" }),
        await ask(new URLSearchParams(form), basic),
      ];
      for (const { status, json } of answers) expect([status, json]).toEqual([400, refusal("invalid_request")]);
    });

    it("a service that was disabled, whose tokens end at once", async () => {
      const { json } = await askWith();
      const { access_token: token } = Object(json);
      const { db, relay } = test.auth.deps;
      const change = { actor: "test", at: test.clock.now() };
      await disableService(db, "orders", change);
      await relay.flush();
      expect((await askWith({ client_assertion: await assert() })).json).toEqual(refusal("invalid_client"));
      expect(await verifyToken(test.auth.deps, { token: String(token) })).toEqual({ valid: false });
      await enableService(db, "orders", change);
    });
  });

  describe.each(["/oauth/token", "/oauth/introspect", "/oauth/revoke"])("%s refuses", (path) => {
    const expectRefused = async (response: Response, status = 400) => {
      expect(response.status).toBe(status);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toEqual(refusal("invalid_request"));
    };

    it.each(["GET", "PUT", "DELETE", "PATCH"])("%s, and says what is taken", async (method) => {
      const body = method === "GET" ? null : new URLSearchParams({ ...form, token: "t" });
      const response = await test.app.request(path, { method, body });
      expect(response.headers.get("allow")).toBe("POST");
      await expectRefused(response, 405);
    });

    it("parameters in the address, also beside good ones in the body", async () => {
      const query = new URLSearchParams({ ...form, token: "t", client_secret: "s" });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      for (const body of ["", new URLSearchParams({ ...form, token: "t" }).toString()]) {
        await expectRefused(await test.app.request(`${path}?${query.toString()}`, { method: "POST", body, headers }));
        await expectRefused(await test.app.request(`${path}?client_id=orders`, { method: "POST", body, headers }));
      }
    });

    it.each(["application/json", "multipart/form-data; boundary=x", "text/plain", ""])("a body of %j", async (type) => {
      const body = new TextEncoder().encode(JSON.stringify({ ...form, token: "t" }));
      await expectRefused(await test.app.request(path, { method: "POST", body, headers: { "content-type": type } }));
    });

    it("a parameter that stands there twice, even with one value", async () => {
      for (const name of ["token", "client_assertion", "grant_type"]) {
        const repeated = new URLSearchParams({ ...form, token: "t" });
        repeated.append(name, repeated.get(name) ?? "");
        await expectRefused(await test.app.request(path, { method: "POST", body: repeated }));
      }
    });
  });

  it("writes grants and refusals down, without the assertion", async () => {
    await askWith();
    await askWith();
    const { db } = test.auth.deps;
    const lines = await db
      .select()
      .from(audit)
      .where(eq(audit.action, "token.issued"))
      .orderBy(desc(audit.id))
      .limit(2);
    expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["refused", "assertion_replayed"],
      ["allowed", null],
    ]);
    expect(JSON.stringify(lines)).not.toContain(form["client_assertion"]);
  });

  it("publishes keys without a private member, and metadata that names only what exists", async () => {
    const keys = await test.app.request("/.well-known/jwks.json");
    expect(keys.headers.get("cache-control")).toBe("public, max-age=300");
    const text = await keys.text();
    expect(JSON.parse(text)).toEqual({
      keys: [expect.objectContaining({ alg: "EdDSA", use: "sig", kid: expect.any(String) })],
    });
    for (const member of ["d", "p", "q", "dp", "dq", "qi", "k"]) expect(text).not.toContain(`"${member}":`);

    for (const [name, ofTokens] of [
      ["oauth-authorization-server", {}],
      [
        "openid-configuration",
        { subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["EdDSA"] },
      ],
    ] as const) {
      const answer = await test.app.request(`/.well-known/${name}`);
      const metadata = z.record(z.string(), z.unknown()).parse(await answer.json());
      expect(metadata).toMatchObject({ issuer: publicUrl, ...ofTokens });
      const ofOpenId = Object.keys(metadata).filter((member) => /^(id_token|subject)_/.test(member));
      expect(ofOpenId.toSorted()).toEqual(Object.keys(ofTokens).toSorted());
      for (const value of Object.values(metadata)) expect(value).not.toEqual([]); // RFC 8414 §3.2
      for (const absent of ["authorization", "userinfo", "registration"]) {
        expect(metadata).not.toHaveProperty(`${absent}_endpoint`);
      }
      const named = Object.entries(metadata).filter(([member]) => member.endsWith("_endpoint"));
      expect(named).toHaveLength(3);
      for (const [, url] of named) {
        const { status, json } = await postForm(test, new URL(String(url)).pathname, { body: {} });
        expect([status, json]).toEqual([401, refusal("invalid_client")]);
      }
    }
  });
});
