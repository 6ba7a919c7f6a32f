import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emitContracts } from "./contracts/emit.ts";

const onBun = "bun" in process.versions ? ", skipped: it is the compiler that is asked, whatever runs this test" : "";

describe.skipIf(onBun !== "")(`npm run contracts${onBun}`, { timeout: 120_000 }, () => {
  /** A project outside of the workspace, with tRPC installed and nothing of ours but the contracts. */
  let consumer = "";
  const contracts = () => join(consumer, "node_modules/@countersign/contracts");
  beforeAll(() => {
    consumer = mkdtempSync(join(tmpdir(), "consumer-"));
    for (const name of ["@trpc/client", "@trpc/server"]) {
      cpSync(join("node_modules", name), join(consumer, "node_modules", name), { recursive: true });
    }
    const compilerOptions = { ...strict, types: [], lib: ["es2024", "esnext.disposable", "dom"] };
    write("package.json", JSON.stringify({ type: "module" }));
    write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["client.ts"] }));
    write("client.ts", readFileSync("scripts/contracts/consumer/client.ts.template", "utf8"));
  });
  afterAll(() => rmSync(consumer, { recursive: true, force: true }));

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(consumer, path)), { recursive: true });
    writeFileSync(join(consumer, path), text);
  };
  const run = (cwd: string, command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
    return { status, said: stdout + stderr };
  };
  const compile = () => run(consumer, resolve("node_modules/.bin/tsc"), "--noEmit");

  it("writes files that name no package of ours", () => {
    expect(run(".", process.execPath, "scripts/contracts.ts", contracts())).toEqual({
      status: 0,
      said: expect.any(String),
    });
    for (const service of ["auth", "inventory", "orders", "products"]) {
      const text = readFileSync(join(contracts(), `${service}.d.ts`), "utf8");
      expect(text.match(/from "[^"]+"|import\([^)]*\)|countersign/g)).toEqual(['from "@trpc/server"']);
    }
  });

  it("gives a consumer that has only tRPC exact types, and no any", () => {
    expect(compile()).toEqual({ status: 0, said: "" });
  });

  it("would be found out if it had an any, or named what is not there", () => {
    const path = join(contracts(), "orders.d.ts");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace("placedAt: string", "placedAt: any"));
    expect(compile()).toEqual({ status: 1, said: expect.stringContaining("client.ts") });
    writeFileSync(path, text.replace("placedAt: string", 'placedAt: import("@countersign/access").Role'));
    expect(compile()).toEqual({ status: 1, said: expect.stringContaining("client.ts") });
    writeFileSync(path, text);
  });

  it("takes names of ours apart wherever they stand, and keeps what others may know", async () => {
    const file = join(mkdtempSync(resolve(".data", "router-")), "router.ts");
    writeFileSync(file, hardRouter);
    const text = (await emitContracts([{ service: "hard", type: "HardRouter", file }])).get("hard");
    rmSync(dirname(file), { recursive: true });
    expect(text?.replaceAll(/\s+/g, " ")).toContain(
      `input: { at?: Date; maybe: "admin" | "user" | null; nested: { role: "admin" | "user"; }[]`,
    );
    expect(text?.replaceAll(/\s+/g, " ")).toContain(`output: [number, ...("admin" | "user")[]]`);
    expect(text?.replaceAll(/\s+/g, " ")).toContain("output: unknown;");
  });
});

const strict = {
  target: "es2024",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // tRPC declares more than a browser has. An any that comes of a missing module is found by the consumer itself.
  skipLibCheck: true,
  noEmit: true,
};

/** Aliases, interfaces and optional fields of kinds that the real routers may have one day. */
const hardRouter = `
import type { Role } from "@countersign/access";
import { publicProcedure, router } from "@countersign/context";
import { z } from "zod";

export interface Note { maybe: Role | null; at?: Date; note?: string; nested: { role: Role }[] }
type Pair = [number, ...Role[]];
export const createRouter = () => router({
  deep: router({ note: publicProcedure.input(z.custom<Note>()).query((): Pair => [1, "user"]) }),
  anything: publicProcedure.mutation((): unknown => null),
});
export type HardRouter = ReturnType<typeof createRouter>;
`;
