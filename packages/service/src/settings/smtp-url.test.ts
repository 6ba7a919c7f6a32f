import { describe, expect, it } from "vitest";
import { readMailSender, readSmtpUrl } from "./smtp-url.ts";

describe("SMTP_URL", () => {
  it.each([
    [
      "smtps://user:p%40ss@mail.example.com",
      { host: "mail.example.com", port: 465, security: "tls", user: "user", password: "p@ss" },
    ],
    [
      "smtp://mail.example.com:25",
      { host: "mail.example.com", port: 25, security: "starttls", user: null, password: null },
    ],
    [
      "smtp://a:b@mail.example.com/",
      { host: "mail.example.com", port: 587, security: "starttls", user: "a", password: "b" },
    ],
    ["smtp://127.0.0.1:1025", { host: "127.0.0.1", port: 1025, security: "none", user: null, password: null }],
    ["smtp://[::1]:1025", { host: "::1", port: 1025, security: "none", user: null, password: null }],
    [
      "smtp://mailpit:1025?insecure=plaintext",
      { host: "mailpit", port: 1025, security: "none", user: null, password: null },
    ],
  ])("%s", (url, server) => {
    expect(readSmtpUrl(url)).toEqual(server);
  });

  it.each([
    "mail.example.com:587",
    "http://mail.example.com",
    "smtp:///",
    "smtp://mail.example.com/inbox",
    "smtp://mail.example.com?ignoreTLS=true",
    "smtp://mail.example.com?insecure=plaintext&debug=true",
    "smtps://mail.example.com?insecure=plaintext",
    "smtp://user@mail.example.com",
    "smtp://user:%zz@mail.example.com",
    "smtp://127.0.0.1.example.com.:99999",
  ])("refuses %s with a sentence that has no part of it", (url) => {
    const problem = readSmtpUrl(url);
    expect(problem).toEqual(expect.any(String));
    expect(problem).not.toContain("%zz");
  });

  it("demands TLS of a host whose name only begins like this machine's", () => {
    expect(readSmtpUrl("smtp://127.0.0.1.example.com")).toMatchObject({ security: "starttls" });
    expect(readSmtpUrl("smtp://localhost.example.com")).toMatchObject({ security: "starttls" });
  });
});

describe("MAIL_FROM", () => {
  it.each([
    ["no-reply@shop.example.com", { name: "", address: "no-reply@shop.example.com" }],
    ["The Shop <no-reply@shop.example.com>", { name: "The Shop", address: "no-reply@shop.example.com" }],
    ["Müller & Co <a+b@example.com>", { name: "Müller & Co", address: "a+b@example.com" }],
  ])("%s", (given, sender) => {
    expect(readMailSender(given)).toEqual(sender);
  });

  it.each(["shop", "a@b@c", "a@example.com, b@example.com", "Shop <a@example.com>\r\nBcc: x@example.com", "<>"])(
    "refuses %j",
    (given) => {
      expect(readMailSender(given)).toBeNull();
    },
  );
});
