import { describe, expect, it } from "vitest";
import { readBearer } from "./bearer.ts";
import { Refusal } from "./errors.ts";

const headers = (...values: string[]) => {
  const made = new Headers();
  for (const value of values) made.append("authorization", value);
  return made;
};

describe("readBearer", () => {
  it("gives null when there is no credential: absent is not invalid", () => {
    expect(readBearer(headers())).toBeNull();
  });

  it.each(["Bearer abc.def.ghi", "bearer abc.def.ghi", "BEARER abc.def.ghi"])("reads %s", (value) => {
    expect(readBearer(headers(value))).toBe("abc.def.ghi");
  });

  it.each([
    ["another scheme", ["Basic YTpi"]],
    ["no token", ["Bearer"]],
    ["two tokens", ["Bearer a, Bearer b"]],
    ["two headers", ["Bearer a", "Bearer b"]],
    ["a token with a space", ["Bearer a b"]],
    ["an empty header", [""]],
  ])("refuses %s", (_name, values) => {
    expect(() => readBearer(headers(...values))).toThrow(Refusal);
    expect(() => readBearer(headers(...values))).toThrow("The access token is invalid or has ended");
  });
});
