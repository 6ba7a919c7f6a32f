import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { describe, expect, it } from "vitest";
import { Refusal, type RefusalCode, refusals, statusOf, toRefusal } from "./errors.ts";

const codes = Object.keys(refusals) as RefusalCode[]; // the keys of the table are the codes
const never = () => false;

describe("the table of errors", () => {
  it.each(codes)("gives %s the status that tRPC answers with", (code) => {
    const refusal = new Refusal(code);
    expect(getHTTPStatusCodeFromError(refusal)).toBe(refusals[code].status);
    expect(statusOf(refusal)).toBe(refusals[code].status);
  });
});

describe("toRefusal", () => {
  it("keeps a refusal, also one that was wrapped on its way", () => {
    const refusal = new Refusal("CONFLICT", "Already there.");
    expect(toRefusal(refusal, never)).toBe(refusal);
    expect(toRefusal(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: refusal }), never)).toBe(refusal);
  });

  it("keeps an error of tRPC's own", () => {
    const error = new TRPCError({ code: "METHOD_NOT_SUPPORTED" });
    expect(toRefusal(error, never)).toBe(error);
  });

  it("says SERVICE_UNAVAILABLE when a store is down, and never lets its words out", () => {
    const down = new Error("connect ECONNREFUSED 10.1.2.3:5432");
    const refusal = toRefusal(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: down }), (error) => error === down);
    expect(refusal).toMatchObject({ code: "SERVICE_UNAVAILABLE", cause: down, retryAfterSeconds: 1 });
    expect(refusal.message).not.toContain("10.1.2.3");
  });

  it("says INTERNAL_SERVER_ERROR for everything else, with the cause kept for the log", () => {
    const bug = new Error("undefined is not a function at secret.ts");
    expect(toRefusal(bug, never)).toMatchObject({ code: "INTERNAL_SERVER_ERROR", cause: bug });
    expect(toRefusal(bug, never).message).toBe(refusals.INTERNAL_SERVER_ERROR.message);
  });
});
