import { declare } from "../new-service/edits/access.ts";

/** The services of the fixture: the real four, and one more. */
export const fixtureServices = ["auth", "products", "orders", "inventory", "fifth"] as const;
type FixtureService = (typeof fixtureServices)[number];

/** Sixty procedures for each service, in six routers of ten. */
export const groups = 6;
export const perGroup = 10;

/** Who calls whom with typed calls; the router types form the DAG that the real ones do. */
const callees: Readonly<Record<FixtureService, readonly FixtureService[]>> = {
  auth: [],
  inventory: [],
  products: ["inventory"],
  orders: ["products", "inventory"],
  fifth: [],
};

const guards = [
  "publicProcedure",
  "protectedProcedure",
  'roleProcedure("admin")',
  'permissionProcedure("orders:place")',
  'delegatedProcedure("products")',
] as const;

/**
 * Writes the house as it would be with five services and 300 procedures: every file by its path. A file for each
 * procedure with an input of its own, a router for each service, and a client that calls every one of them.
 *
 * @param access the sources of `packages/access/src`, by name; the fifth service is declared in them
 */
export function writeFixture(access: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const files = new Map<string, string>([["client.ts", client()]]);
  for (const [name, text] of access) {
    files.set(`access/${name}`, name === "services.ts" ? declare(text, { name: "fifth", port: 4099 }) : text);
  }
  for (const service of fixtureServices) {
    files.set(`${service}/router.ts`, router());
    if (callees[service].length > 0) files.set(`${service}/calls.ts`, calls(service));
    for (const [group, index] of procedures()) {
      files.set(`${service}/procedures/${nameOf(group, index)}.ts`, procedure(service, group, index));
    }
  }
  return files;
}

function procedures(): readonly (readonly [number, number])[] {
  return Array.from({ length: groups * perGroup }, (_, at) => [Math.floor(at / perGroup), at % perGroup] as const);
}

function nameOf(group: number, index: number): string {
  return `g${group}p${index}`;
}

function isQuery(index: number): boolean {
  return index % 2 === 0;
}

function procedure(service: FixtureService, group: number, index: number): string {
  const name = nameOf(group, index);
  const guard = guards[index % guards.length] ?? guards[0];
  const callee = callees[service][0];
  const calling = callee !== undefined && index % 5 === 1;
  const asked = `await ctx.call.${callee}.g${group}.${nameOf(group, 0)}({ id: input.id, count: 1, kind: "${callee}-a", lines: [] })`;
  return `import { ${guard.split("(")[0]} } from "@countersign/context";
import { z } from "zod";
${calling ? 'import { calls } from "../calls.ts";\n' : ""}
const inputSchema = z.object({
  id: z.uuid(),
  count: z.int().min(0),
  kind: z.enum(["${service}-a", "${service}-b", "${name}"]),
  note: z.string().max(200).optional(),
  lines: z.array(z.object({ key: z.string(), amount: z.number(), tags: z.array(z.literal("${name}")) })),
});

type Answer = {
  readonly id: string;
  readonly of: "${service}.${name}";
  readonly lines: readonly { readonly key: string; readonly amount: number }[];
  readonly next: string | null;
};

export const ${name} = (deps: { readonly now: () => number }) =>
  ${guard}${calling ? ".use(calls)" : ""}
    .input(inputSchema)
    .${isQuery(index) ? "query" : "mutation"}(async ({ ${calling ? "ctx, " : ""}input }): Promise<Answer> => {
      const id = ${calling ? `(${asked}).id` : "input.id"};
      return { id, of: "${service}.${name}", lines: input.lines, next: deps.now() > 0 ? null : input.kind };
    });
`;
}

function router(): string {
  const names = procedures().map(([group, index]) => nameOf(group, index));
  const imports = names.map((name) => `import { ${name} } from "./procedures/${name}.ts";`);
  const lists = Array.from({ length: groups }, (_, group) => {
    const own = names.filter((name) => name.startsWith(`g${group}p`)).map((name) => `${name}: ${name}(deps)`);
    return `    g${group}: router({ ${own.join(", ")} }),`;
  });
  return `import { router } from "@countersign/context";
${imports.join("\n")}

export function createRouter(deps: { readonly now: () => number }) {
  return router({
${lists.join("\n")}
  });
}

export type Router = ReturnType<typeof createRouter>;
`;
}

function calls(service: FixtureService): string {
  const names = callees[service];
  const imports = names.map((name) => `import type { Router as ${name} } from "../${name}/router.ts";`);
  const routers = names.map((name) => `${name}: ${name}`).join("; ");
  return `import { defineCalls } from "@countersign/context";
${imports.join("\n")}

export const calls = defineCalls<"${service}", { ${routers} }>("${service}");
`;
}

/** Calls every procedure, and states what comes back; a wrong input must not compile. */
function client(): string {
  const imports = fixtureServices.map((name) => `import type { Router as ${name} } from "./${name}/router.ts";`);
  const uses = fixtureServices.flatMap((service) =>
    procedures().map(([group, index]) => {
      const name = nameOf(group, index);
      const call = `client.${service}.g${group}.${name}.${isQuery(index) ? "query" : "mutate"}`;
      return `  const ${service}_${name}: "${service}.${name}" = (await ${call}({ id, count: 1, kind: "${name}", lines: [] })).of;
  // @ts-expect-error: no kind of this procedure
  void ${call}({ id, count: 1, kind: "none", lines: [] });
  seen.push(${service}_${name});`;
    }),
  );
  return `import { createPlatformClient } from "@countersign/client";
${imports.join("\n")}

const client = createPlatformClient<{ ${fixtureServices.map((name) => `${name}: ${name}`).join("; ")} }>({ url: "", mode: "cookie" });

export async function callAll(id: string): Promise<string[]> {
  const seen: string[] = [];
${uses.join("\n")}
  return seen;
}
`;
}
