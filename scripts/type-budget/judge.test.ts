import { expect, it } from "vitest";
import { judge } from "./judge.ts";

const output = `Types:           119962
Instantiations:  580876
Memory used:    213348K
Total time:      1.222s
`;

it("tells count, memory and time", () => {
  const said = "580,876 instantiations of at most 600,000, 208 MB, 1.222 s";
  expect(judge(output, 600_000)).toEqual({ ok: true, said });
});

it("fails above the ceiling", () => {
  expect(judge(output, 580_876).ok).toBe(true);
  expect(judge(output, 580_875).ok).toBe(false);
});

it("does not believe a compiler that tells no count", () => {
  expect(judge("", 1)).toEqual({ ok: false, said: "The compiler told no count of instantiations." });
});
