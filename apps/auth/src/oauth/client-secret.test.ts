import { describeDatabases } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createOAuthClient, type OAuthAnswer, postForm } from "../../test/oauth-client.ts";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { serviceSecrets } from "../schema.ts";
import { disableService, enableService } from "../services/service-keys.ts";
import { addServiceSecret, removeServiceSecret } from "../services/service-secrets.ts";

const form = { grant_type: "client_credentials", audience: "inventory" };
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

describeDatabases("client_secret_basic", { migrations }, (open) => {
  let test: TestAuth;
  let secret: string;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    ({ secret } = await add());
  });

  const change = () => ({ actor: "test", at: test.clock.now() });
  const add = () => addServiceSecret(test.auth.deps.db, "orders", change());
  const ask = (authorization: string, body: Record<string, string> = form) =>
    postForm(test, "/oauth/token", { body, headers: { authorization } });
  const expectRefused = ({ status, json, headers }: OAuthAnswer) => {
    expect([status, json]).toEqual([401, { error: "invalid_client", error_description: expect.any(String) }]);
    expect(headers.get("www-authenticate")).toBe('Basic realm="countersign"');
  };

  it("grants what a key would", async () => {
    const { status, json } = await ask(basic("orders", secret));
    expect([status, json]).toMatchObject([200, { token_type: "Bearer", expires_in: 299 }]);
    expect((await ask(basic("orders", secret))).status).toBe(200); // and is no assertion, to be used once
  });

  it("takes id and secret form-encoded, as RFC 6749 §2.3.1 has it, and the scheme in any case", async () => {
    const escaped = Buffer.from(secret).toString("hex").replaceAll(/../g, "%$&");
    expect((await ask(basic("%6frders", escaped))).status).toBe(200);
    expect((await ask(basic("orders", secret).replace("Basic", "bAsIc"))).status).toBe(200);
    const { status } = await ask(basic("orders", secret), { ...form, client_id: "orders" });
    expect(status).toBe(200);
  });

  it("is off for a service that was given no secret, whatever it sends", async () => {
    await createOAuthClient(test, "inventory");
    for (const sent of ["", "undefined", "null", secret]) expectRefused(await ask(basic("inventory", sent)));
  });

  it("turns over without a gap: several count at once, and each ends by itself", async () => {
    const { db } = test.auth.deps;
    const [first, second] = [await add(), await add()];
    for (const one of [first, second]) expect((await ask(basic("orders", one.secret))).status).toBe(200);
    expect(await removeServiceSecret(db, { service: "products", id: first.id }, change())).toBe(false);
    expect(await removeServiceSecret(db, { service: "orders", id: first.id }, change())).toBe(true);
    expect(await removeServiceSecret(db, { service: "orders", id: first.id }, change())).toBe(false);
    expectRefused(await ask(basic("orders", first.secret)));
    expect((await ask(basic("orders", second.secret))).status).toBe(200);
  });

  it("is not in the database: a hash is, and that opens nothing", async () => {
    const rows = await test.auth.deps.db.select().from(serviceSecrets);
    expect(JSON.stringify(rows)).not.toContain(secret);
    for (const { hash } of rows) expectRefused(await ask(basic("orders", hash)));
  });

  it("does not pass a service that was disabled", async () => {
    const { db } = test.auth.deps;
    await disableService(db, "orders", change());
    expectRefused(await ask(basic("orders", secret)));
    await enableService(db, "orders", change());
    expect((await ask(basic("orders", secret))).status).toBe(200);
  });

  describe("refuses, with one answer and the scheme that is taken,", () => {
    const headers: readonly (readonly [string, () => string])[] = [
      ["a wrong secret", () => basic("orders", `${secret.slice(0, -1)}_`)],
      ["the secret of another", () => basic("products", secret)],
      ["nobody", () => basic("nobody", secret)],
      ["a name of the language", () => basic("constructor", secret)],
      ["no id", () => basic("", secret)],
      ["no secret", () => basic("orders", "")],
      ["no colon", () => `Basic ${Buffer.from("orders").toString("base64")}`],
      ["a broken escape", () => basic("orders", "%zz")],
      ["no base64", () => "Basic ???"],
      ["nothing", () => "Basic"],
      ["two headers", () => `${basic("orders", secret)}, ${basic("orders", secret)}`],
      ["a Bearer token", () => `Bearer ${secret}`],
    ];
    it.each(headers)("%s", async (_, header) => {
      expectRefused(await ask(header()));
    });

    it("another client_id in the body", async () => {
      expectRefused(await ask(basic("orders", secret), { ...form, client_id: "products" }));
    });
  });

  it("is not taken from the body, and is one way of two", async () => {
    const body = { ...form, client_id: "orders", client_secret: secret };
    expect(await postForm(test, "/oauth/token", { body })).toMatchObject({ status: 401 });
    const invalid = { status: 400, json: { error: "invalid_request" } };
    expect(await ask(basic("orders", secret), body)).toMatchObject(invalid);
    const orders = await createOAuthClient(test, "orders");
    expect(await ask(basic("orders", secret), { ...form, ...(await orders.proof()) })).toMatchObject(invalid);
    expect(await orders.post("/oauth/token", body)).toMatchObject(invalid);
  });
});
