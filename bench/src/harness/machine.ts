import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";

/** One line on the machine: processor, cores, memory, system. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${first?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${memory}, ${type()} ${release()}`;
}

/** The versions of both runtimes. */
export function runtimeVersions(): { readonly node: string; readonly bun: string } {
  return { node: process.versions.node, bun: execFileSync("bun", ["--version"]).toString().trim() };
}

/** The version of each package that takes part, as its own package.json says. */
export function packageVersions(names: readonly string[]): string {
  const base = new URL("../../node_modules/", import.meta.url);
  const versionOf = (name: string) => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, base), "utf8")) as { version: string }; // npm wrote it
    return manifest.version;
  };
  return names.map((name) => `${name} ${versionOf(name)}`).join(", ");
}
