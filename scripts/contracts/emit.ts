import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "../run.ts";
import { ContractError, renderContract } from "./render.ts";

/** A router whose type is published: the name of its service, the name of its type, and the file that exports it. */
export type Published = { readonly service: string; readonly type: string; readonly file: string };

/**
 * Lets the compiler write out the types of routers.
 *
 * @returns the declaration file of each service
 * @throws ContractError when the routers do not compile, or when what they say is not for others; see `renderContract`
 */
export async function emitContracts(routers: readonly Published[]): Promise<ReadonlyMap<string, string>> {
  mkdirSync(".data", { recursive: true });
  const folder = mkdtempSync(join(".data", "contracts-"));
  try {
    for (const router of routers) writeFileSync(join(folder, `${router.service}.ts`), entry(router, folder));
    const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: "../..", outDir: "out" };
    const config = { extends: "../../tsconfig.base.json", compilerOptions: options, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { ok, output } = await run(["tsc", "--project", folder]);
    if (!ok) throw new ContractError(output);
    const declared = ({ service }: Published) => readFileSync(join(folder, "out", folder, `${service}.d.ts`), "utf8");
    return new Map(routers.map((router) => [router.service, renderContract(router.type, declared(router))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function entry({ type, file }: Published, folder: string): string {
  const from = (path: string) => JSON.stringify(relative(folder, path).replaceAll("\\", "/"));
  return `import type { ${type} } from ${from(file)};
import { contractOf } from ${from("scripts/contracts/plain.ts")};

export const contract = contractOf<${type}>();
`;
}
