import {
  delegatedProcedure,
  directProcedure,
  permissionProcedure,
  protectedProcedure,
  router,
  serviceProcedure,
} from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer, testUserId } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";

const inventory = router({
  reserve: delegatedProcedure("orders").mutation(({ ctx }) => ({
    user: ctx.user.id,
    through: [ctx.service.name, ...ctx.service.chain],
    permissions: ctx.user.permissions,
  })),
  levels: serviceProcedure("orders", "products").query(() => 3),
  readAll: permissionProcedure("orders:read-all").query(() => 3),
  place: permissionProcedure("orders:place").query(() => 3),
  know: protectedProcedure.query(({ ctx }) => ctx.user.id),
  own: directProcedure.query(({ ctx }) => ctx.user.id),
});

const issuer = await createTestIssuer();
const app = createServiceApp(createTestChassis("inventory", { issuer }), inventory);
const call = async (path: string, token: Promise<string>) =>
  callProcedure(app, path, { type: path === "reserve" ? "mutation" : "query", token: await token });

const refused = { status: 403, error: { data: { code: "FORBIDDEN" } } };

describe("a delegated procedure", () => {
  it("has the user, the caller, and whoever stands behind it", async () => {
    const token = issuer.delegatedToken("orders", "inventory", { through: ["products"], roles: ["admin"] });
    const data = { user: testUserId, through: ["orders", "products"], permissions: [] };
    expect(await call("reserve", token)).toMatchObject({ status: 200, data });
  });

  it("refuses the service alone, the user alone, and the user through another service", async () => {
    expect(await call("reserve", issuer.serviceToken("orders", "inventory"))).toMatchObject(refused);
    expect(await call("reserve", issuer.userToken({ audience: ["inventory"] }))).toMatchObject(refused);
    expect(await call("reserve", issuer.delegatedToken("products", "inventory"))).toMatchObject(refused);
  });

  it("refuses a chain that begins with a service that may not call here", async () => {
    expect(await call("reserve", issuer.delegatedToken("auth", "inventory"))).toMatchObject(refused);
  });
});

describe("a user through a service", () => {
  it("passes where the service alone would: a missing user never means more rights", async () => {
    expect(await call("levels", issuer.delegatedToken("orders", "inventory"))).toMatchObject({ status: 200 });
  });

  it("is known, and does not do what is the user's alone to do", async () => {
    const delegated = () => issuer.delegatedToken("orders", "inventory", { roles: ["admin"] });
    expect(await call("know", delegated())).toMatchObject({ status: 200, data: testUserId });
    expect(await call("own", delegated())).toMatchObject(refused);
    expect(await call("own", issuer.serviceToken("orders", "inventory"))).toMatchObject(refused);
    const user = issuer.userToken({ audience: ["inventory"] });
    expect(await call("own", user)).toMatchObject({ status: 200, data: testUserId });
  });

  it("has what both have and nothing else, whoever the user is", async () => {
    const admin = () => issuer.delegatedToken("orders", "inventory", { roles: ["admin"] });
    expect(await call("place", admin())).toMatchObject({ status: 200 });
    expect(await call("readAll", admin())).toMatchObject(refused);
    expect(await call("place", issuer.serviceToken("orders", "inventory"))).toMatchObject(refused);
  });
});
