import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gatewayPort, serviceNames, services } from "../packages/access/src/index.ts";

describe("docker-compose.yml", () => {
  const text = readFileSync("docker-compose.yml", "utf8");

  it.each(serviceNames)("runs %s on its port and tells the others where it is", (name) => {
    expect(blockOf(text, name)).toContain(`command: [node, apps/${name}/src/main.ts]`);
    expect(blockOf(text, name)).toContain(`PORT: "${services[name].port}"`);
    expect(text).toContain(`${name.toUpperCase()}_URL: http://${name}:${services[name].port}\n`);
  });

  it("opens the gateway to this machine, and nothing else", () => {
    expect(text.match(/ports:\n.*/g)).toEqual([`ports:\n      - '127.0.0.1:\${PORT:-${gatewayPort}}:${gatewayPort}'`]);
  });

  it("runs files that exist", () => {
    const files = [...text.matchAll(/apps\/[\w/.-]+\.ts/g)].map(([file]) => file);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

/** The lines of one service. */
function blockOf(text: string, name: string): string {
  const [, below = ""] = text.split("\nservices:\n");
  return new RegExp(`^ {2}${name}:\\n(?:(?: {4}.*)?\\n)+`, "m").exec(below)?.[0] ?? "";
}
