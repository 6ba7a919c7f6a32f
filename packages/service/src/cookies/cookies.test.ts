import { describe, expect, it } from "vitest";
import { cookieValues } from "./cookie-values.ts";
import { expireNamesakes } from "./expire-cookie.ts";

describe("the values of a cookie", () => {
  it.each<[string | null, readonly string[]]>([
    [null, []],
    ["theme=dark", []],
    ["auth_token=a", ["a"]],
    ["theme=dark; auth_token=a; auth_token=b", ["a", "b"]],
    ["auth_token=b;auth_token=a;auth_token=b", ["b", "a", "b"]],
    ["auth_token =a;\tauth_token= b ", ["a", "b"]],
    ["auth_token=", [""]],
    ["auth_token", []],
    ["auth_token; auth_token=a", ["a"]],
    ["xauth_token=1; auth_token2=2; Auth_Token=3", []],
    ["theme=dark, auth_token=a", ["a"]],
    ["auth_token=a,auth_token=b", ["a", "b"]],
    ["auth_token=a, theme=dark", ["a"]],
    ["auth_token=a,b", ["a,b"]],
    ['auth_token="a"', ['"a"']],
    ["auth_token=a=b", ["a=b"]],
    ["auth_token=\u00e9", ["\u00e9"]],
  ])("in %j are %j", (header, values) => expect(cookieValues(header, "auth_token")).toEqual(values));

  it("are found in a header of any length in no time", () => {
    for (const filling of [",", " ", ", ", "a", "a=", ",a "]) {
      const header = `auth_token${filling.repeat(60_000 / filling.length)}`;
      const startedAt = performance.now();
      cookieValues(header, "auth_token");
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });
});

describe("what others set under one of our names", () => {
  const placesOf = (cookie: Parameters<typeof expireNamesakes>[0]) =>
    expireNamesakes(cookie).map((value) => {
      const [, domain = "-"] = /Domain=([^;]+)/.exec(value) ?? [];
      const [, path = ""] = /Path=([^;]+)/.exec(value) ?? [];
      return `${domain} ${path}`;
    });

  it("is removed at every path on the way to the request but our own, and at the domains above", () => {
    const name = "refresh_token";
    const cookie = { name, path: "/auth", requestPath: "/auth/refresh", publicOrigin: "http://shop.example.com" };
    expect(placesOf(cookie)).toEqual([
      "- /",
      "- /auth/",
      "- /auth/refresh",
      "shop.example.com /",
      "shop.example.com /auth",
      "shop.example.com /auth/",
      "shop.example.com /auth/refresh",
      "example.com /",
      "example.com /auth",
      "example.com /auth/",
      "example.com /auth/refresh",
    ]);
  });

  it.each([
    ["an address", "http://192.0.2.1:4000"],
    ["an IPv6 address", "http://[::1]:4000"],
    ["a single name", "http://localhost:4000"],
  ])("has no domain above %s", (_what, publicOrigin) => {
    const cookie = { name: "auth_token", path: "/", requestPath: "/a/", publicOrigin };
    expect(placesOf(cookie)).toEqual(["- /a", "- /a/"]);
  });

  it("is Secure over https, and cannot be with the prefix __Host-", () => {
    const at = { path: "/auth", requestPath: "/auth", publicOrigin: "https://localhost" };
    expect(expireNamesakes({ ...at, name: "__Secure-refresh_token" })).toEqual([
      "__Secure-refresh_token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
    ]);
    expect(expireNamesakes({ ...at, name: "__Host-auth_token" })).toEqual([]);
  });

  it("is not looked for at a path that cannot stand in a cookie, or at every depth", () => {
    const at = { name: "auth_token", path: "/", publicOrigin: "http://localhost" };
    expect(placesOf({ ...at, requestPath: "/a;b/c" })).toEqual([]);
    expect(placesOf({ ...at, requestPath: "/a/b/c/d/e/f" })).toHaveLength(8);
  });
});
