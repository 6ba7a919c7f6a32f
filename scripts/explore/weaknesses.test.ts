import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { weaknesses } from "./weaknesses.ts";

describe("the guards that are taken away from the model", () => {
  it("have names of their own", () => {
    expect(new Set(weaknesses.map(({ name }) => name)).size).toBe(weaknesses.length);
  });

  it.each(weaknesses)("are in the code as the list has them: $name", ({ edits }) => {
    for (const { file, find } of edits)
      expect(readFileSync(file, "utf8").split(find), `${file}: ${find}`).toHaveLength(2);
  });
});
