import { readFile } from "node:fs/promises";
import { serviceNames } from "@countersign/access";
import { walkRouter } from "@countersign/context";
import { describeRefusals } from "@countersign/testing";
import { initTRPC } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { readRouters } from "../src/access/read-routers.ts";
import { renderAccess, UndeclaredProcedureError } from "../src/access/render-table.ts";

const routers = readRouters();

describe("who may call what", () => {
  it.each(serviceNames)("every procedure of %s is made by a builder of context", (service) => {
    const procedures = walkRouter(routers[service]);
    expect(procedures.length).toBeGreaterThan(0);
    expect(procedures.filter(({ access }) => access === null).map(({ path }) => path)).toEqual([]);
  });

  it("a procedure from anywhere else is found out, also when it claims a guard in its meta", () => {
    const foreign = initTRPC.meta<{ access: unknown }>().create();
    const bare = foreign.procedure.meta({ access: { kind: "public" } }).query(() => "let through");
    const forged = { ...routers, orders: foreign.router({ open: bare }) };
    expect(() => renderAccess(forged)).toThrow(UndeclaredProcedureError);
    expect(() => renderAccess(forged)).toThrow("orders.open");
  });

  it("docs/access.md is up to date: else run `npm run access`", async () => {
    const page = await readFile(new URL("../../../docs/access.md", import.meta.url), "utf8");
    expect(page).toBe(renderAccess(routers));
  });
});

/** The signed-in procedures of every service, refused in every way that they owe. */
for (const service of serviceNames) describeRefusals(service, routers[service]);
