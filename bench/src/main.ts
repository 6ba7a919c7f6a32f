import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Suite = {
  load(): Promise<{ run(options: readonly string[]): Promise<void> }>;
  /** Whether it needs what is installed beside the product: peers, and a driver of databases. */
  readonly hasPeers: boolean;
};

/** `npm run bench -- <suite>`. The peers are installed on first use, apart from the product's own packages. */
const suites: Readonly<Record<string, Suite>> = {
  tokens: { load: () => import("./tokens/suite.ts"), hasPeers: true },
  calls: { load: () => import("./calls/suite.ts"), hasPeers: true },
  gateway: { load: () => import("./gateway/suite.ts"), hasPeers: true },
  "sign-outs": { load: () => import("./sign-outs/suite.ts"), hasPeers: true },
  soak: { load: () => import("./soak/suite.ts"), hasPeers: false },
};

const [name = "", ...options] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined) {
  console.error(`Usage: npm run bench -- <${Object.keys(suites).join(" | ")}> [--quick] [--node | --bun]`);
  process.exit(2);
}
if (suite.hasPeers) install();
await (await suite.load()).run(options);

function install(): void {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return;
  console.error("Installing the peers to measure against (bench/package-lock.json)…");
  const { status } = spawnSync("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
