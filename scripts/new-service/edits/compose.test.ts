import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compose } from "./compose.ts";

const text = readFileSync("docker-compose.yml", "utf8");
const linesOf = (all: string): string[] => all.split("\n").filter((line) => line !== "");
/** What is in the first and not in the second, line by line. */
const added = (name: string): string[] => {
  const old = linesOf(text);
  return linesOf(compose(text, { name, port: 4099 })).filter((line) => !old.includes(line));
};

describe("the container of a new service", () => {
  it("has a port, a key and an address of its own, and nothing of the one that it is made from", () => {
    expect(added("billing")).toEqual([
      "  BILLING_URL: http://billing:4099",
      "  billing:",
      "      - billing-key:/keys/billing:ro",
      '      PORT: "4099"',
      "      SERVICE_KEY_FILE: /keys/billing/billing.json",
      "    command: [node, apps/billing/src/main.ts]",
      "      billing:",
      "      - billing-key:/keys/billing",
      expect.stringMatching(/^ {8}for service in .+ billing; do cp /),
      "  billing-key: {}",
    ]);
  });

  it.each(["aardvark", "paging", "zebra"])("stands where %s belongs by its name", (name) => {
    const [, below = ""] = compose(text, { name, port: 4099 }).split("\nservices:\n");
    const services = [...(below.split(/^\S/m)[0] ?? "").matchAll(/^ {2}([a-z]+):$/gm)].map(([, service]) => service);
    expect(services).toContain(name);
    expect(services).toEqual(services.toSorted((a = "", b = "") => (a < b ? -1 : 1)));
  });

  it("is not guessed into a file that looks otherwise", () => {
    expect(() => compose(text.replace("\nvolumes:", "\nvolume:"), { name: "billing", port: 4099 })).toThrow("Expected");
    expect(() => compose("services: {}\n", { name: "billing", port: 4099 })).toThrow("Expected");
  });
});
