import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const index = new URL("../src/index.ts", import.meta.url);

/** Every package that `file` imports at run time, directly or through files of its own. */
function importsOf(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return new Set();
  seen.add(file.href);
  const targets = [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms)];
  return new Set(
    targets.flatMap(([, target = ""]) =>
      target.startsWith(".") ? [...importsOf(new URL(target, file), seen)] : [target],
    ),
  );
}

describe("what a browser imports", () => {
  it("needs nothing of Node's and no key", () => {
    expect([...importsOf(index)].toSorted()).toEqual([
      "@countersign/access",
      "@trpc/client",
      "@trpc/server/observable",
      "eventsource",
    ]);
  });
});
