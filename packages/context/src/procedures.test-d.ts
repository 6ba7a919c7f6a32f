// Type tests: this file is compiled, never run. Each @ts-expect-error fails the compile when the line below it is let through.
import {
  delegatedProcedure,
  directProcedure,
  permissionProcedure,
  protectedProcedure,
  publicProcedure,
  roleProcedure,
  serviceProcedure,
} from "./procedures.ts";

// ctx.user is there exactly where a guard holds a call to a user
protectedProcedure.query(({ ctx }) => ctx.user.id);
directProcedure.query(({ ctx }) => ctx.user.id);
roleProcedure("admin").query(({ ctx }) => ctx.user.roles);
permissionProcedure("users:read", "audit:read").query(({ ctx }) => ctx.user.sessionId);
publicProcedure.query(({ ctx }) => ctx.user?.id);

// @ts-expect-error: nobody has to be signed in here
publicProcedure.query(({ ctx }) => ctx.user.id);
// @ts-expect-error: a service calls for itself, without a user
serviceProcedure("orders").query(({ ctx }) => ctx.user.id);
// @ts-expect-error: a user calls directly, without a service
protectedProcedure.query(({ ctx }) => ctx.service.name);

// ctx.service is there for a service procedure, and its name is one of the callers
serviceProcedure("orders").query(({ ctx }): "orders" => ctx.service.name);
serviceProcedure("orders", "products").query(({ ctx }): "orders" | "products" => ctx.service.name);
// @ts-expect-error: products is not among the callers
serviceProcedure("orders").query(({ ctx }): "products" => ctx.service.name);

// a delegated call has both
delegatedProcedure("orders").query(({ ctx }): readonly ["orders", string] => [ctx.service.name, ctx.user.id]);
// @ts-expect-error: no such service
delegatedProcedure("nowhere");
// @ts-expect-error: a delegated procedure for no caller
delegatedProcedure();

// names are literal types, and at least one of them is needed
// @ts-expect-error: no such role
roleProcedure("superuser");
// @ts-expect-error: no such permission
permissionProcedure("users:reed");
// @ts-expect-error: no such service
serviceProcedure("nowhere");
// @ts-expect-error: a role procedure for nobody
roleProcedure();
// @ts-expect-error: a permission procedure for no permission
permissionProcedure();
// @ts-expect-error: a service procedure for no caller
serviceProcedure();

// freshness is one of two words
protectedProcedure.meta({ freshness: "live" });
// @ts-expect-error: not a freshness
protectedProcedure.meta({ freshness: "fresh" });

// an identity cannot be written to
protectedProcedure.query(({ ctx }) => {
  // @ts-expect-error: read-only
  ctx.user.id = "somebody else";
  // @ts-expect-error: read-only
  ctx.user.roles.push("admin");
});
