import { describe, expect, it } from "vitest";
import { readSafePath } from "./safe-path.ts";

const origin = "https://shop.example.com";

describe("a path to go back to", () => {
  it.each([
    ["/", "/"],
    ["/orders/7?tab=items&q=a%2Fb", "/orders/7?tab=items&q=a%2Fb"],
    ["/search/a%2Fb", "/search/a%2Fb"],
    ["/a/../b", "/b"],
    ["/büro", "/b%C3%BCro"],
    ["/page?next=https://evil.example", "/page?next=https://evil.example"],
    ["/authors", "/authors"],
    ["/page#part", "/page"],
    ["/search/ash%20lamp", "/search/ash%20lamp"],
    ["/%C2%A0/x", "/%C2%A0/x"],
  ])("%s is one", (given, path) => {
    expect(readSafePath(given, origin)).toBe(path);
  });

  it.each([
    "",
    "orders",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/a\\b",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/a\r\nset-cookie: x=1",
    "/a b",
    "/\u0000",
    "/\u00a0/evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "/%2F/evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/%252F%252Fevil.example",
    "/%25252Fevil.example",
    "/%2525252525252Fevil.example",
    "/%0d%0aset-cookie:%20x=1",
    "/%",
    "/%ff",
    "/auth",
    "/auth/continue?to=/",
    "/AUTH/continue",
    "/%61uth/continue",
    "/%2561uth/continue",
    "/a/../auth/continue",
    "/a/%2e%2e/auth/continue",
    "/a%2F..%2Fauth/continue",
    `/${"a".repeat(2_048)}`,
  ])("%j is none", (given) => {
    expect(readSafePath(given, origin)).toBeNull();
  });
});
