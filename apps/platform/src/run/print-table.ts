import { serviceNames } from "@countersign/access";
import { demoUsers } from "../demo-users.ts";
import type { Platform } from "./start-platform.ts";

/**
 * What a start shows: where everything is and how it is, whom to sign in as, and two lines to go on with. It asks each
 * process where that listens: the public URL may lead here from elsewhere only. One that does not answer is a cell of
 * the table.
 */
export async function describePlatform({
  url,
  origins,
  demo,
  demoProvider,
}: Omit<Platform, "announceStop" | "stop">): Promise<string> {
  const rows = await Promise.all([
    row("gateway", url, `${origins.gateway}/health`),
    ...serviceNames.map((name) => row(name, origins[name], `${origins[name]}/health/ready`)),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0), 8));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  const table = [["service", "URL", "health"], widths.map((width) => "-".repeat(width)), ...rows].map(line);
  const local = origins.gateway.replace("127.0.0.1", "localhost");
  const elsewhere = url === local ? [] : [`The gateway itself listens on ${local}; PUBLIC_URL has to lead there.`, ""];
  return [
    ...table,
    "",
    ...elsewhere,
    ...(demo ? users : []),
    ...(demoProvider ? providerLines(local) : []),
    ...tries(local, demo),
  ]
    .map((text) => text.trimEnd())
    .join("\n");
}

async function row(name: string, url: string, health: string): Promise<readonly string[]> {
  return [name, url, await readHealth(health)];
}

async function readHealth(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.ok ? "ready" : "not ready";
  } catch {
    return "does not answer"; // why, its own log says
  }
}

const users = ["Sign in as:", ...demoUsers.map(({ email, password }) => `  ${email.padEnd(20)}${password}`), ""];

function providerLines(url: string): readonly string[] {
  return [
    "Or with a provider, which is one of the demo until you configure Google or another:",
    `  ${url}/auth/demo`,
    "",
  ];
}

function tries(url: string, demo: boolean): readonly string[] {
  const [{ email, password }] = demoUsers;
  const body = JSON.stringify({ email, password, mode: "bearer" });
  const curl = `  curl -s ${url}/auth/login -H 'content-type: application/json' -d '${body}'`;
  return ["Try:", ...(demo ? [curl] : [`  curl -s ${url}/trpc/products/list`]), "  npm run demo"];
}
