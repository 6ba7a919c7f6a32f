import { fastest } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { scrubText } from "./scrub.ts";

const session = "0190a000-0000-7000-8000-000000000001";

describe("text of a log line", () => {
  it.each([
    ["a eyJhbGciOiJ9.eyJzdWIi.c2ln b", "a [taken out] b"],
    ["eyJhbGciOiJ9.eyJzdWIi", "[taken out]"],
    ["eyJhbGciOiJ9-bearer abc", "eyJhbGciOiJ9-[taken out]"],
    ["eyJhbGciOiJ9 and no more", "eyJhbGciOiJ9 and no more"],
    [`of ${session}.3.c2ln now`, "of [taken out] now"],
    ["Authorization: Bearer  abc.def", "Authorization: [taken out]"],
    ["postgres://user:pass@host/db", "postgres://user:[taken out]@host/db"],
  ])("%j is written as %j", (text, written) => {
    expect(scrubText(text)).toBe(written);
  });

  it.each([
    "eyJ-",
    "eyJaaaaaaaa-",
    "eyJaaaaaaaa.",
    "bearer ",
    " ",
    "://a:",
    ":",
    "a-",
    "0123abcd-",
    `${session}.1`,
    "a@",
  ])("of many %j costs no more than its length", (part) => {
    const text = part.repeat(60_000 / part.length);
    expect(fastest(() => scrubText(text))).toBeLessThan(300); // the square of it: seconds
    expect(fastest(() => scrubText(`bearer${text}`))).toBeLessThan(300);
  });
});
