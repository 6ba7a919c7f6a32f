import { describe, expect, it } from "vitest";
import { checkFraming } from "./framing.ts";

// The parsers of Node and Bun refuse these before the gateway is asked: test/hostile-bytes.test.ts has the bytes.
describe("checkFraming", () => {
  it.each<Record<string, string>>([
    { "content-length": "5", "transfer-encoding": "chunked" },
    { "content-length": "5, 5" },
    { "content-length": "+5" },
    { "content-length": "" },
    { "content-length": "1".repeat(16) },
    { "transfer-encoding": "identity" },
    { "transfer-encoding": "gzip, chunked" },
    { "transfer-encoding": "chunked, chunked" },
  ])("refuses %o", (headers) => {
    expect(() => checkFraming(new Map(Object.entries(headers)))).toThrow("malformed");
  });

  it.each<Record<string, string>>([{}, { "content-length": "0" }, { "transfer-encoding": "Chunked" }])(
    "passes %o",
    (headers) => {
      expect(() => checkFraming(new Map(Object.entries(headers)))).not.toThrow();
    },
  );
});
