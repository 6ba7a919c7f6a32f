import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `npm run bench -- <suite>`. What the suites need is installed on first use, apart from the product's own packages. */
const suites: Readonly<Record<string, () => Promise<{ run(options: readonly string[]): Promise<void> }>>> = {
  tokens: () => import("./tokens/suite.ts"),
  calls: () => import("./calls/suite.ts"),
  gateway: () => import("./gateway/suite.ts"),
  soak: () => import("./soak/suite.ts"),
};

const [name = "", ...options] = process.argv.slice(2);
const load = suites[name];
if (load === undefined) {
  console.error(`Usage: npm run bench -- <${Object.keys(suites).join(" | ")}> [--quick] [--node | --bun]`);
  process.exit(2);
}
install();
await (await load()).run(options);

function install(): void {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return;
  console.error("Installing the peers to measure against (bench/package-lock.json)…");
  const { status } = spawnSync("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
