import { describe, expect, it } from "vitest";
import { email, newPassword, password } from "./credentials.ts";

describe("email", () => {
  it("is trimmed and in lower case", () => {
    expect(email.parse("  Alice@Example.COM ")).toBe("alice@example.com");
  });

  it.each([
    "",
    "alice",
    "alice@",
    "@example.com",
    "alice@example.com, bob@example.com",
    `${"a".repeat(250)}@example.com`,
  ])("refuses %j", (text) => expect(email.safeParse(text).success).toBe(false));
});

describe("password", () => {
  it("is the same however its characters were composed", () => {
    expect(newPassword.parse("cafe\u0301 noir")).toBe(newPassword.parse("caf\u00e9 noir"));
  });

  it("counts characters, not bytes or code units", () => {
    expect(newPassword.safeParse("🔑".repeat(8)).success).toBe(true);
    expect(newPassword.safeParse("🔑".repeat(7)).success).toBe(false);
    expect(newPassword.safeParse("a".repeat(128)).success).toBe(true);
    expect(newPassword.safeParse("a".repeat(129)).success).toBe(false);
    expect(password.safeParse("\ufdfa".repeat(128)).success).toBe(false); // one character that becomes eighteen
  });

  it("may be short where it is presented only, and never half a character", () => {
    expect(password.safeParse("short").success).toBe(true);
    expect(password.safeParse("half \ud800 character").success).toBe(false);
  });
});
