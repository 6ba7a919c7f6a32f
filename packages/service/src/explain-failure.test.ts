import { MigrationError } from "@countersign/database";
import { describe, expect, it } from "vitest";
import { explainFailure } from "./explain-failure.ts";

/** An error as a driver or the system gives it. */
function coded(code: string, message = "hunter2", fields: object = {}): Error {
  return Object.assign(new Error(message), { code, ...fields });
}

describe("what a start says of a failure", () => {
  it.each([
    [coded("ECONNREFUSED"), "the database does not answer (ECONNREFUSED)"],
    [new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")]), "does not answer (ECONNREFUSED)"],
    [coded("ENOTFOUND"), "does not answer (ENOTFOUND)"],
    [coded("57P03"), "does not answer (57P03)"],
    [new Error("timeout expired"), "the database does not answer."],
    [coded("28P01"), "refuses this user or password (28P01)"],
    [coded("3D000"), "has no such database"],
    [coded("42501"), "this role may not"],
    [coded("53300"), "too many connections"],
    [coded("25006"), "takes no writes"],
    [coded("SELF_SIGNED_CERT_IN_CHAIN"), "certificate of the server is not to be trusted"],
    [coded("ERR_TLS_CERT_ALTNAME_INVALID"), "certificate of the server is not to be trusted"],
    [new Error("The server does not support SSL connections"), "speaks no TLS"],
  ])("names DATABASE_URL for %o, and nothing of its message", (cause, sentence) => {
    for (const error of [cause, Object.assign(new Error("Failed query: select hunter2", { cause }), { query: "" })]) {
      const said = explainFailure(error);
      expect(said).toMatch(/^DATABASE_URL: .+\.$/);
      expect(said).toContain(sentence);
      expect(said).not.toMatch(/hunter2|\n/);
    }
  });

  it.each(["EACCES", "EROFS", "ENOSPC", "ENOTDIR"])("names the directory that may not be used: %s", (code) => {
    const said = explainFailure(coded(code, "hunter2", { path: "/srv/data", syscall: "mkdir" }));
    expect(said).toMatch(/^DATA_DIR: \/srv\/data cannot be used \([A-Z]+\); [^\n]+\.$/);
  });

  it("says of a migration which statement failed, and why", () => {
    const cause = coded("42P07", 'relation "orders" already exists');
    const error = new MigrationError("statement_failed", 'Migration 0001 of "orders" failed at: create', { cause });
    expect(explainFailure(error)).toBe(`${error.message} (relation "orders" already exists)`);
    const away = new MigrationError("statement_failed", "failed", { cause: coded("57P01") });
    expect(explainFailure(away)).toMatch(/^DATABASE_URL: /);
  });

  it("shows the stack of an error of the program and its causes, without what may be a secret", () => {
    const cause = new Error("Failed query: insert hunter2");
    const query = Object.assign(cause, { query: "insert", params: ["hunter2"] });
    const said = explainFailure(new TypeError("no function at postgres://me:hunter2@db", { cause: query }));
    expect(said).toMatch(/^TypeError: no function at postgres:\/\/me:[^\n]*\n +at /);
    expect(said).toMatch(/^Cause: Error: A query failed\.\n +at /m);
    expect(said).not.toContain("hunter2");
    expect(explainFailure(coded("ENOENT", "no such file", { path: "/app/file", syscall: "open" }))).toMatch(/^ +at /m);
  });
});
