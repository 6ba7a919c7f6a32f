import { describe, expect, it } from "vitest";
import { createLog } from "./log.ts";

const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNlY3JldA";
const refreshToken = "018f3b2e-8f0a-7f5e-9a55-2f0f4b0c1d2e.7.bWFjLW9mLXRoZS1nZW5lcmF0aW9u";

/** What is written of some fields. */
function written(fields: object, level: "debug" | "warn" = "debug"): string {
  let lines = "";
  const log = createLog({ service: "orders", level, destination: { write: (line) => (lines += line) } });
  log.info(fields, "A call ended.");
  return lines;
}

describe("a log line", () => {
  it("is one JSON object with the service, the fields and the sentence", () => {
    const line = written({ requestId: "abcd-1234", ms: 1.5, at: new Date(0), list: ["a", 1, null] });
    expect(line.endsWith("\n")).toBe(true);
    expect(JSON.parse(line)).toMatchObject({
      service: "orders",
      requestId: "abcd-1234",
      ms: 1.5,
      at: "1970-01-01T00:00:00.000Z",
      list: ["a", 1, null],
      msg: "A call ended.",
    });
  });

  it("is none below the level", () => {
    expect(written({ requestId: "abcd-1234" }, "warn")).toBe("");
  });

  it.each([
    { password: "hunter22" },
    { Authorization: "hunter22" },
    { input: { new_password: "hunter22" } },
    { headers: { "set-cookie": ["hunter22"] } },
    { a: [{ b: { clientSecret: "hunter22" } }] },
    { a: { b: { c: { d: { e: { f: "hunter22" } } } } } },
    { cause: Object.assign(new Error("failed"), { params: ["hunter22"] }) },
    { text: "Bearer hunter22" },
    { url: "postgres://countersign:hunter22@127.0.0.1/shop" },
  ])("holds no secret: %j", (fields) => {
    expect(written(fields)).not.toContain("hunter22");
  });

  it.each([token, refreshToken])("holds no token, whatever it is called or stands in: %s", (secret) => {
    const error = new Error(`refused ${secret} here`, { cause: new Error(secret) });
    const line = written({ note: secret, list: [`a=${secret};`], err: error, url: `/x?t=${secret}` });
    for (const part of secret.split(".").filter(({ length }) => length > 20)) expect(line).not.toContain(part);
  });

  it("says of a failed query what the database answered, and not with which values", () => {
    const cause = Object.assign(new Error("duplicate key"), { code: "23505", detail: "(email)=(alice@example.com)" });
    const error = Object.assign(new Error("Failed query: … alice@example.com", { cause }), { query: "…", params: [] });
    const line = written({ err: error });
    expect(line).not.toContain("alice");
    expect(JSON.parse(line)).toMatchObject({ err: { message: "A query failed.", cause: { code: "23505" } } });
  });
});
