import { describe, expect, it } from "vitest";
import { isSerializationFailure, isUnavailable, isUniqueViolation } from "./error-codes.ts";

function withCode(code: string, more: object = {}): Error {
  return Object.assign(new Error(code), { code, ...more });
}

function wrapped(cause: unknown, times = 1): unknown {
  return times === 0 ? cause : wrapped(new Error("wrapped", { cause }), times - 1);
}

describe("isUnavailable", () => {
  it.each([
    ["a refused connection", withCode("ECONNREFUSED")],
    ["addresses that all refuse", new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")], "none")],
    ["a server that starts", withCode("57P03")],
    ["too many connections", withCode("53300")],
    ["a connection exception", withCode("08006")],
    ["a statement that was given up", withCode("57014")],
    ["a socket that is not there", withCode("ENOENT", { syscall: "connect" })],
    ["a lost connection", new Error("Connection terminated unexpectedly")],
    ["a closed PGlite", new Error("PGlite is closed")],
    ["a cause within", wrapped(withCode("ECONNRESET"), 3)],
  ])("is true of %s", (_, error) => {
    expect(isUnavailable(error)).toBe(true);
    expect(isUnavailable(wrapped(error))).toBe(true);
  });

  it.each([
    ["a unique violation", withCode("23505")],
    ["a missing table", withCode("42P01")],
    ["a missing file", withCode("ENOENT", { syscall: "open" })],
    ["an error without a code", new Error("timeout of something else")],
    ["a value that is no error", "ECONNREFUSED"],
    ["nothing", undefined],
  ])("is false of %s", (_, error) => {
    expect(isUnavailable(error)).toBe(false);
  });

  it("does not follow a cause in circles", () => {
    const error = new Error("circular");
    error.cause = error;
    expect(isUnavailable(error)).toBe(false);
  });
});

describe("the other codes", () => {
  it("are told apart, through causes", () => {
    const unique = wrapped(withCode("23505", { constraint: "users_email" }));
    expect(isUniqueViolation(unique)).toBe(true);
    expect(isUniqueViolation(unique, "users_email")).toBe(true);
    expect(isUniqueViolation(unique, "users_name")).toBe(false);
    expect(isSerializationFailure(unique)).toBe(false);
    expect(isSerializationFailure(wrapped(withCode("40001")))).toBe(true);
    expect(isSerializationFailure(wrapped(withCode("40P01")))).toBe(true);
  });
});
