import { checkByIntrospection, checkByKeys } from "@countersign/context";
import { badCredentials, createTestGateway, createTestIssuer, readClaims, testUserId } from "@countersign/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { ask, bearer, keysOf, modes, setUp, type World, withAssertion } from "../test/token-worlds.ts";

const refused = { status: 401, error: { data: { code: "UNAUTHORIZED" } } };

describe.each(modes)("tokens checked $name", (mode) => {
  let world: World;
  let call: Awaited<ReturnType<typeof setUp>>["call"];
  let revoke: Awaited<ReturnType<typeof setUp>>["revoke"];
  beforeEach(async () => {
    ({ world, call, revoke } = await setUp(mode));
  });

  it("admits a user, whose token goes on for calls on the user's behalf", async () => {
    const token = await world.issuer.userToken();
    const headers = await mode.dress(world, token);
    const data = { user: testUserId, roles: ["user"], service: null };
    expect(await call(headers, "who")).toMatchObject({ status: 200, data });
    expect(await call(headers)).toMatchObject({ status: 200, data: token });
  });

  it.each(["a service", "a user through a service"])("refuses %s that may not call here", async (who) => {
    const { issuer } = world;
    const token = await (who === "a service"
      ? issuer.serviceToken("inventory", "orders")
      : issuer.delegatedToken("inventory", "orders"));
    expect(await call(await bearer(world, token))).toMatchObject({ status: 403 });
  });

  it.each(badCredentials)("refuses $name", async ({ header }) => {
    const forger = await createTestIssuer(world.clock);
    const authorization = await header({ service: "orders", issuer: world.issuer, forger });
    expect(await call({ authorization }, "who")).toMatchObject(refused);
  });

  it("never believes a bare header about who is calling", async () => {
    const headers = { "x-user-id": testUserId, "x-user-roles": "admin", "x-service": "orders" };
    expect(await call(headers, "who")).toMatchObject({ status: 200, data: { user: null, roles: [], service: null } });
    expect(await call(headers)).toMatchObject(refused);
  });

  it("refuses what was revoked, also a token that it remembers", async () => {
    const sessionId = crypto.randomUUID();
    const headers = await mode.dress(world, await world.issuer.userToken({ sessionId }));
    expect(await call(headers)).toMatchObject({ status: 200 });
    await revoke(sessionId);
    expect(await call(headers)).toMatchObject(refused);
  });

  it("remembers nothing past its end", async () => {
    const headers = await mode.dress(world, await world.issuer.userToken());
    expect(await call(headers)).toMatchObject({ status: 200 });
    world.clock.advance(606);
    expect(await call(headers)).toMatchObject(refused);
  });

  it("says that it cannot know, never that the token is bad, when whom it depends on is down", async () => {
    const headers = await mode.dress(world, await world.issuer.userToken());
    world.isDown = true;
    expect(await call(headers)).toMatchObject({ status: 503, error: { data: { code: "SERVICE_UNAVAILABLE" } } });
  });
});

describe("asking auth", () => {
  const remembering = (rememberSeconds: number) => ({
    check: (world: World) => checkByIntrospection({ ask: (token) => ask(world, token), rememberSeconds }),
  });

  it("remembers an answer for as long as it is told, and with 0 asks every time", async () => {
    for (const [seconds, asked] of [
      [5, 2],
      [0, 3],
    ] as const) {
      const { world, call } = await setUp(remembering(seconds));
      const headers = await bearer(world, await world.issuer.userToken());
      await call(headers);
      world.clock.advance(4);
      await call(headers);
      world.clock.advance(2);
      await call(headers);
      expect(world.asked).toBe(asked);
    }
  });

  it("asks nobody about what cannot be good", async () => {
    const { world, call } = await setUp(remembering(0));
    const token = await world.issuer.userToken({ audience: ["products"] });
    for (const bad of ["garbage", `${token}x`, token]) await call(await bearer(world, bad));
    expect(world.asked).toBe(0);
  });

  it.each<[string, unknown]>([
    ["that it is inactive", { active: false }],
    ["nothing that can be read", "yes"],
    ["that it is active, and no more", { active: true }],
    ["active in another word", { active: "true" }],
  ])("believes no answer that says %s", async (_what, answer) => {
    const { world, call } = await setUp({
      check: () => checkByIntrospection({ ask: async () => answer, rememberSeconds: 5 }),
    });
    expect(await call(await bearer(world, await world.issuer.userToken()))).toMatchObject(refused);
  });

  it("holds the answer to the policy: another service's token is not ours because auth says active", async () => {
    const { world, call } = await setUp({
      check: (given) =>
        checkByIntrospection({
          ask: async (token) => ({ active: true, ...readClaims(token), aud: ["products"] }),
          rememberSeconds: given.asked,
        }),
    });
    expect(await call(await bearer(world, await world.issuer.userToken()))).toMatchObject(refused);
  });
});

describe("the word of the gateway", () => {
  const [, , byGateway] = modes;
  const open = () => setUp(byGateway);

  it("is needed for every user: a token alone does not come in through a side door", async () => {
    const { world, call } = await open();
    expect(await call(await bearer(world, await world.issuer.userToken()))).toMatchObject(refused);
  });

  it("is about exactly this token", async () => {
    const { world, call } = await open();
    const [mine, other] = await Promise.all([world.issuer.userToken(), world.issuer.userToken({ id: "mallory" })]);
    const headers = await withAssertion(world, mine);
    expect(await call({ ...headers, authorization: `Bearer ${other}` })).toMatchObject(refused);
    expect(await call({ "x-countersign-assertion": headers["x-countersign-assertion"] ?? "" })).toMatchObject(refused);
  });

  it("is no token, and no token is it", async () => {
    const { world, call } = await open();
    const token = await world.issuer.userToken();
    const assertion = (await withAssertion(world, token))["x-countersign-assertion"] ?? "";
    expect(await call({ authorization: `Bearer ${assertion}` })).toMatchObject(refused);
    expect(await call({ authorization: `Bearer ${token}`, "x-countersign-assertion": token })).toMatchObject(refused);
    expect(
      await call({ authorization: `Bearer ${token}`, "x-countersign-assertion": `${assertion}, ${assertion}` }),
    ).toMatchObject(refused);
  });

  it("is for this service, by the gateway's own key, and for seconds", async () => {
    const { world, call } = await open();
    const token = await world.issuer.userToken();
    expect(await call(await withAssertion(world, token, "products"))).toMatchObject(refused);
    const forger = await createTestGateway(world.issuer, world.clock);
    expect(await call(await withAssertion({ ...world, gateway: forger }, token))).toMatchObject(refused);
    const headers = await withAssertion(world, token);
    world.clock.advance(36);
    expect(await call(headers)).toMatchObject(refused);
  });

  it("means nothing to a service that checks by itself", async () => {
    const { world, call } = await setUp({ check: (given) => checkByKeys(keysOf(given)) });
    const { "x-countersign-assertion": assertion = "" } = await withAssertion(world, await world.issuer.userToken());
    expect(await call({ "x-countersign-assertion": assertion }, "who")).toMatchObject({ data: { user: null } });
  });
});
