import { expect, it } from "vitest";
import { readDeadline } from "./read-deadline.ts";

const read = (left?: string) =>
  readDeadline(new Headers(left === undefined ? {} : { "x-request-timeout-ms": left }), 1_000);

it("is now and what is left to the caller", () => {
  expect(read("250")).toBe(1_250);
  expect(read("0")).toBe(1_000);
});

it.each([undefined, "", "soon", "-5", "1.5", "1e3", "0x10", "600001", "99999999999"])("is not told by %j", (left) => {
  expect(read(left)).toBeNull();
});
