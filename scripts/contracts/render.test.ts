import { describe, expect, it } from "vitest";
import { ContractError, renderContract } from "./render.ts";

const declared = (of: string) => `export declare const contract: import("@trpc/server").TRPCBuiltRouter<${of}>;\n`;

describe("a contract", () => {
  it("exports the router's type, and names tRPC at the top", () => {
    expect(renderContract("OrdersRouter", declared('{ get: import("@trpc/server").TRPCQueryProcedure<"any"> }'))).toBe(
      `// Made by \`npm run contracts\`.
import type { TRPCBuiltRouter, TRPCQueryProcedure } from "@trpc/server";

export type OrdersRouter = TRPCBuiltRouter<{ get: TRPCQueryProcedure<"any"> }>;
`,
    );
  });

  it.each([
    ['{ role: import("@countersign/access").Role }', "Role of @countersign/access is not public."],
    ['{ status: import("../../apps/auth/src/schema.ts").UserStatus }', "UserStatus of ../../apps/auth/src/schema.ts"],
    ['{ table: import("drizzle-orm").Table }', "Table of drizzle-orm is not public."],
    ['{ all: typeof import("drizzle-orm") }', "it imports a module as a whole."],
    ["{ input: any }", "there is an any in it."],
    ["{ input: { anyInContract: never } }", "there is an any in it."],
  ])("does not leave the house with %s", (of, problem) => {
    expect(() => renderContract("OrdersRouter", declared(of))).toThrow(ContractError);
    expect(() => renderContract("OrdersRouter", declared(of))).toThrow(`OrdersRouter: ${problem}`);
  });

  it("is not made of nothing", () => {
    expect(() => renderContract("OrdersRouter", "export {};")).toThrow("the compiler declared no contract");
  });
});
