import { describe, expect, it } from "vitest";
import { checkCookieSecurity } from "./check-cookie-security.ts";

function warningsOf(publicUrl: string | undefined, nodeEnv: string | undefined): readonly string[] {
  const warnings: string[] = [];
  checkCookieSecurity({ publicUrl, nodeEnv }, { warn: (_fields, message) => void warnings.push(message) });
  return warnings;
}

describe("a public origin of plain http", () => {
  it.each(["http://shop.example.com", "http://192.0.2.1:4000", "http://localhost.example.com", "http://[2001:db8::1]"])(
    "is warned of in production, with what it means: %s",
    (publicUrl) => {
      expect(warningsOf(publicUrl, "production")).toEqual([expect.stringMatching(/PUBLIC_URL.*not Secure.*https/)]);
    },
  );

  it.each([
    ["https://shop.example.com", "production"],
    ["http://localhost:4000", "production"],
    ["http://shop.localhost", "production"],
    ["http://127.0.0.2:4000", "production"],
    ["http://[::1]:4000", "production"],
    [undefined, "production"],
    ["http://shop.example.com", undefined],
    ["http://shop.example.com", "development"],
  ])("is none in %s, NODE_ENV %s", (publicUrl, nodeEnv) => {
    expect(warningsOf(publicUrl, nodeEnv)).toEqual([]);
  });
});
