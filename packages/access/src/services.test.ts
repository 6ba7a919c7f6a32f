import { describe, expect, it } from "vitest";
import { permissionsOf } from "./roles.ts";
import { rightsThrough } from "./services.ts";

const held = (role: "user" | "admin") => ({ roles: [role] as const, permissions: permissionsOf([role]) });

describe("the rights of a user through a service", () => {
  it("are what both have: a role that grants nothing else stays", () => {
    expect(rightsThrough("orders", held("user"))).toEqual({
      roles: ["user"],
      permissions: ["orders:place", "orders:read", "orders:cancel"],
    });
  });

  it("never grow by a role that grants more than the service passes on", () => {
    expect(rightsThrough("orders", held("admin"))).toEqual({
      roles: [],
      permissions: ["orders:place", "orders:read", "orders:cancel"],
    });
    expect(rightsThrough("products", held("admin"))).toEqual({ roles: [], permissions: ["products:write"] });
  });

  it("are none through a service that passes nothing on", () => {
    expect(rightsThrough("inventory", held("admin"))).toEqual({ roles: [], permissions: [] });
  });

  it("do not come back at the next service of a chain", () => {
    const once = rightsThrough("products", held("admin"));
    expect(rightsThrough("orders", once)).toEqual({ roles: [], permissions: [] });
  });
});
