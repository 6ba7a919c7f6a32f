import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Entry = {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Packages = Readonly<Record<string, Entry>>;

describe("package-lock.json", () => {
  const lock: { packages: Packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));

  // An address pins everyone to one registry; integrity hashes pin the content wherever it comes from.
  it("names no download address", () => {
    expect(downloadAddresses(lock.packages)).toEqual([]);
  });

  // npm ci installs what has an entry: without one, a tool is missing its binary on that platform.
  it("has an entry for every platform's optional dependency", () => {
    expect(missingOptionals(lock.packages)).toEqual([]);
  });

  it("would be refused if it did not", () => {
    const bad = {
      "node_modules/a": { resolved: "https://example.com/a.tgz", optionalDependencies: { "a-darwin": "1" } },
    };
    expect(downloadAddresses(bad)).toEqual(["node_modules/a"]);
    expect(missingOptionals(bad)).toEqual(["node_modules/a needs a-darwin"]);
  });
});

/** The entries that are fetched from one place; a workspace is a link to its folder and is not. */
function downloadAddresses(packages: Packages): string[] {
  const addressed = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined && entry.link !== true);
  return addressed.map(([path]) => path);
}

function missingOptionals(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isInstalledFor(packages, path, name))
      .map((name) => `${path} needs ${name}`),
  );
}

/** Node's resolution: the nearest node_modules on the way up. */
function isInstalledFor(packages: Packages, path: string, name: string): boolean {
  const inside = path === "" ? "" : `${path}/`;
  if (`${inside}node_modules/${name}` in packages) return true;
  if (path === "") return false;
  const above = path.lastIndexOf("/node_modules/");
  return isInstalledFor(packages, above === -1 ? "" : path.slice(0, above), name);
}
