import { describe, expect, it } from "vitest";
import { clientHeaders, proxyHeaders } from "../test/header-names.ts";
import { isIdentityHeader } from "./identity-headers.ts";

describe.each(Object.entries(proxyHeaders))("headers for %s", (_what, names) => {
  it.each(names)("%s is a proxy's to write", (name) => {
    expect(isIdentityHeader(name)).toBe(true);
  });
});

describe("headers of a client", () => {
  it.each(clientHeaders)("%s are none of these", (name) => {
    expect(isIdentityHeader(name)).toBe(false);
  });
});
