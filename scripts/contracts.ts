import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "../packages/access/src/index.ts";
import { emitContracts } from "./contracts/emit.ts";
import { manifestOf } from "./contracts/manifest.ts";

/**
 * `npm run contracts [-- folder]`: writes the types of all routers as a package of declaration files, for consumers that
 * have `@trpc/client` and `@trpc/server` and nothing of ours. Writes nothing when one of them says too much.
 */
const [folder = "contracts"] = process.argv.slice(2);
const routers = serviceNames.map((service) => ({
  service,
  type: `${service.charAt(0).toUpperCase()}${service.slice(1)}Router`,
  file: `apps/${service}/src/router.ts`,
}));

try {
  const contracts = await emitContracts(routers);
  mkdirSync(folder, { recursive: true });
  for (const [service, text] of contracts) writeFileSync(join(folder, `${service}.d.ts`), text);
  const manifest = manifestOf(serviceNames, readFileSync("package.json", "utf8"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${folder}: the routers of ${serviceNames.join(", ")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
