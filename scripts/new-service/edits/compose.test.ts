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
    const lines = [
      "  SPECIMEN_URL: http://specimen:4099",
      "  specimen:",
      "      - specimen-key:/keys/specimen:ro",
      '      PORT: "4099"',
      "      SERVICE_KEY_FILE: /keys/specimen/specimen.json",
      "    command: [node, apps/specimen/src/main.ts]",
      "      specimen:",
      "      - specimen-key:/keys/specimen",
      expect.stringMatching(/^ {8}for service in .+ specimen; do cp /),
      "  specimen-key: {}",
      "      - database_url_specimen",
      "      - --role=specimen=/run/secrets/database_url_specimen",
      "    secrets: [database_url_specimen, events_url_service, redis_url]",
      "      DATABASE_URL_FILE: /run/secrets/database_url_specimen",
      "  database_url_specimen:",
      "    file: ./secrets/database_url_specimen",
    ];
    expect(added("specimen")).toHaveLength(lines.length);
    expect(added("specimen")).toEqual(expect.arrayContaining(lines));
  });

  it.each(["aardvark", "paging", "zebra"])("stands where %s belongs by its name", (name) => {
    const [, below = ""] = compose(text, { name, port: 4099 }).split("\nservices:\n");
    const services = [...(below.split(/^\S/m)[0] ?? "").matchAll(/^ {2}([a-z]+):$/gm)].map(([, service]) => service);
    expect(services).toContain(name);
    expect(services).toEqual(services.toSorted((a = "", b = "") => (a < b ? -1 : 1)));
  });

  it("is not guessed into a file that looks otherwise", () => {
    expect(() => compose(text.replace("\nvolumes:", "\nvolume:"), { name: "specimen", port: 4099 })).toThrow(
      "Expected",
    );
    expect(() => compose("services: {}\n", { name: "specimen", port: 4099 })).toThrow("Expected");
  });
});
