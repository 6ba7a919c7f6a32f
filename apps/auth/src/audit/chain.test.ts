import { describe, expect, it } from "vitest";
import { type AuditRow, canonicalJson, followChain, genesis, type Link, linkAfter } from "./chain.ts";

const row: AuditRow = {
  id: 7,
  at: new Date("2026-03-01T12:00:00.000Z"),
  service: "auth",
  action: "session.started",
  outcome: "allowed",
  reason: null,
  actor: "user-1",
  subject: "session-1",
  requestId: "request-1",
  address: "192.0.2.1",
  detail: { b: 1, a: ["x"] },
  eventKey: null,
  stamp: null,
  mac: null,
  position: null,
  hash: null,
};

function sealed(count: number): AuditRow[] {
  let link: Link = genesis;
  return Array.from({ length: count }, (_, index) => {
    const next = { ...row, id: index + 1, requestId: `request-${index}` };
    link = linkAfter(link, next);
    return { ...next, ...link };
  });
}

describe("the chain", () => {
  it("has one hash for one row, which later versions of this code must give too", () => {
    expect(linkAfter(genesis, row)).toEqual({
      position: 1,
      hash: "82404537c850bef6a19d8f44cb1fb19c32c67d05a8a3394d7fbb3d2d22fa42d9",
    });
  });

  it("depends on every column, on the place and on the row before", () => {
    const changes: Partial<AuditRow>[] = [
      { id: 8 },
      { at: new Date("2026-03-01T12:00:00.001Z") },
      { service: "orders" },
      { action: "session.ended" },
      { outcome: "refused" },
      { reason: "bad_password" },
      { actor: null },
      { subject: "session-2" },
      { requestId: "request-2" },
      { address: "192.0.2.2" },
      { detail: { b: 1, a: ["y"] } },
      { eventKey: "key" },
      { stamp: "0190a000-0000-7000-8000-000000000001" },
    ];
    const places: Link[] = [
      { ...genesis, position: 1 },
      { ...genesis, hash: "1".repeat(64) },
    ];
    const hashes = [
      linkAfter(genesis, row).hash,
      ...changes.map((change) => linkAfter(genesis, { ...row, ...change }).hash),
      ...places.map((place) => linkAfter(place, row).hash),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(new Set(changes.flatMap(Object.keys)).size).toBe(Object.keys(row).length - 3); // all but position, hash and mac
  });

  it("is followed to its end, or to what is wrong", () => {
    const rows = sealed(5);
    expect(followChain(genesis, rows)).toMatchObject({ link: { position: 5 }, problem: null });
    const without = rows.toSpliced(2, 1);
    expect(followChain(genesis, without)).toMatchObject({ link: { position: 2 }, problem: "missing" });
    const [first, second, third, ...rest] = rows;
    if (first === undefined || second === undefined || third === undefined) throw new Error("There are five.");
    const changed = [first, { ...second, address: "192.0.2.9" }, third, ...rest];
    expect(followChain(genesis, changed)).toMatchObject({ link: { position: 1 }, problem: "changed" });
    const swapped = [first, { ...third, position: 2 }, { ...second, position: 3 }, ...rest];
    expect(followChain(genesis, swapped)).toMatchObject({ link: { position: 1 }, problem: "changed" });
  });
});

it("canonical JSON is the same whatever order the members come in, and leaves out what is null", () => {
  const one = canonicalJson({ b: [1, { d: "é\n", c: true }], a: 0.1, n: null });
  expect(one).toBe('{"a":0.1,"b":[1,{"c":true,"d":"é\\n"}]}');
  expect(canonicalJson({ a: 0.1, b: [1, { c: true, d: "é\n" }] })).toBe(one);
});
