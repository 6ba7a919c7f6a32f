import { serviceNames } from "@countersign/access";
import { demoUsers } from "../demo-users.ts";
import type { Platform } from "./start-platform.ts";

/** What a start shows: where everything is and how it is, whom to sign in as, and two lines to go on with. */
export async function describePlatform({ url, origins, demo }: Platform): Promise<string> {
  const rows = await Promise.all([
    row("gateway", url, `${url}/health`),
    ...serviceNames.map((name) => row(name, origins[name], `${origins[name]}/health/ready`)),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0), 8));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  const table = [["service", "URL", "health"], widths.map((width) => "-".repeat(width)), ...rows].map(line);
  return [...table, "", ...(demo ? users : []), ...tries(url, demo)].map((text) => text.trimEnd()).join("\n");
}

async function row(name: string, url: string, health: string): Promise<readonly string[]> {
  const response = await fetch(health, { signal: AbortSignal.timeout(3_000) });
  await response.body?.cancel();
  return [name, url, response.ok ? "ready" : "not ready"];
}

const users = ["Sign in as:", ...demoUsers.map(({ email, password }) => `  ${email.padEnd(20)}${password}`), ""];

function tries(url: string, demo: boolean): readonly string[] {
  const [{ email, password }] = demoUsers;
  const body = JSON.stringify({ email, password, mode: "bearer" });
  const curl = `  curl -s ${url}/auth/login -H 'content-type: application/json' -d '${body}'`;
  return ["Try:", ...(demo ? [curl] : [`  curl -s ${url}/trpc/products/list`]), "  npm run demo"];
}
