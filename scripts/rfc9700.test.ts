import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.join(import.meta.dirname, "..");
const decisions = path.join(root, "docs/decisions");
const page = readdirSync(decisions).find((name) => name.endsWith("rfc-9700-point-by-point.md")) ?? "";
const text = readFileSync(path.join(decisions, page), "utf8");

/** A file in backquotes, and the names of tests in it that follow in quotes. */
const references = [...text.matchAll(/`([\w./-]+\.ts)`((?:,? "[^"]+")*)/g)].map(([, file = "", names = ""]) => ({
  file,
  names: [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
}));

function fileOf(name: string): string {
  return path.join(root, /^(apps|packages|scripts)\//.test(name) ? name : path.join("apps/auth/src", name));
}

describe("the walk through RFC 9700", () => {
  it("has a row for every point of the checklist", () => {
    const points = [...text.matchAll(/^\| (\d\.\d+(?:\.\d)?) /gm)].map(([, point]) => point);
    const attacks = Array.from({ length: 17 }, (_, index) => `4.${index + 1}`);
    const recommendations = ["2.1", "2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6"];
    const expected = [...recommendations, ...attacks.filter((point) => point !== "4.9"), "4.9.1", "4.9.2"];
    expect(new Set(points)).toEqual(new Set(expected));
  });

  it.each(references)("names tests that there are: $file $names", ({ file, names }) => {
    expect(existsSync(fileOf(file))).toBe(true);
    const source = readFileSync(fileOf(file), "utf8");
    for (const part of names.flatMap((name) => name.split("…"))) expect(source).toContain(part.trim());
  });
});
