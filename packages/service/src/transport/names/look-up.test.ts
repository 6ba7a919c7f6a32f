import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLookUp } from "./look-up.ts";
import { readSearch, toCandidates } from "./search-list.ts";

/** What the server of names has: an IPv4 address, and how long it takes; what it does not have does not exist. */
const records: Readonly<Record<string, { readonly address: string; readonly afterMs: number }>> = {
  "quick.test": { address: "192.0.2.1", afterMs: 0 },
  "slow.test": { address: "192.0.2.2", afterMs: 1_300 },
  "orders.shop.internal": { address: "192.0.2.3", afterMs: 0 },
};

describe("the look-up of names", () => {
  let server: Socket;
  let folder = "";
  let asked: string[];
  let machine: string[];
  let lookUp: ReturnType<typeof createLookUp>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "countersign-names-"));
    await writeFile(path.join(folder, "hosts"), "10.1.1.1 db db.local # the database\n::5 db\n#10.9.9.9 hidden\n");
    await writeFile(path.join(folder, "resolv.conf"), "search other.internal shop.internal\noptions ndots:2\n");
    server = createSocket("udp4", (query, from) => {
      const { name, type } = readQuestion(query);
      asked.push(name);
      const record = records[name];
      if (name.startsWith("silent")) return;
      const answer = answerTo(query, type === 1 ? record?.address : undefined, record !== undefined);
      setTimeout(() => server.send(answer, from.port, from.address), record?.afterMs ?? 0);
    }).bind(0, "127.0.0.1");
    await once(server, "listening");
    lookUp = createLookUp({
      hosts: path.join(folder, "hosts"),
      resolvConf: path.join(folder, "resolv.conf"),
      servers: [`127.0.0.1:${server.address().port}`],
      byMachine: async (name) => {
        machine.push(name);
        if (name === "printer.local") return [{ address: "192.0.2.9", family: 4 }];
        throw new Error("nobody knows");
      },
    });
  });
  beforeEach(() => {
    asked = [];
    machine = [];
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it("takes what the hosts file says, and asks nobody", async () => {
    expect(await lookUp("DB")).toEqual([
      { address: "10.1.1.1", family: 4 },
      { address: "::5", family: 6 },
    ]);
    expect(await lookUp("localhost")).toContainEqual({ address: "127.0.0.1", family: 4 });
    expect([asked, machine]).toEqual([[], []]);
  });

  it("asks the servers of names, and waits for one that is slow", async () => {
    expect(await lookUp("quick.test.")).toEqual([{ address: "192.0.2.1", family: 4 }]);
    expect(await lookUp("slow.test.")).toEqual([{ address: "192.0.2.2", family: 4 }]);
    expect(machine).toEqual([]);
  });

  it("completes a short name by the search domains", async () => {
    expect(await lookUp("orders")).toEqual([{ address: "192.0.2.3", family: 4 }]);
    expect(new Set(asked)).toEqual(new Set(["orders.other.internal", "orders.shop.internal"]));
  });

  it("asks the machine last", async () => {
    expect(await lookUp("printer.local")).toEqual([{ address: "192.0.2.9", family: 4 }]);
    await expect(lookUp("hidden.test")).rejects.toThrow("nobody knows");
    expect(machine).toEqual(["printer.local", "hidden.test"]);
  });
});

describe("a search list", () => {
  it.each([
    ["search a.test b.test", "name", ["name.a.test", "name.b.test", "name"]],
    ["search a.test", "name.of", ["name.of", "name.of.a.test"]],
    ["search a.test\noptions timeout:1 ndots:5", "x.y.svc", ["x.y.svc.a.test", "x.y.svc"]],
    ["domain a.test. # ours", "name", ["name.a.test", "name"]],
    ["search a.test\nsearch .", "name", ["name"]],
    ["search a.test", "name.", ["name."]],
    ["", "name", ["name"]],
  ])("of %j has for %s", (text, name, candidates) => {
    expect(toCandidates(name, readSearch(text))).toEqual(candidates);
  });
});

/** RFC 1035 §4.1.2: the name and the type that a query asks for. */
function readQuestion(query: Buffer): { readonly name: string; readonly type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1) };
}

/** RFC 1035 §4.1: an answer with one address, with none, or that there is no such name. */
function answerTo(query: Buffer, address: string | undefined, exists: boolean): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const answer = Buffer.concat([query.subarray(0, end), toRecord(address)]);
  answer.writeUInt16BE(exists ? 0x8180 : 0x8183, 2);
  answer.writeUInt16BE(address === undefined ? 0 : 1, 6);
  answer.writeUInt32BE(0, 8);
  return answer;
}

function toRecord(address: string | undefined): Buffer {
  if (address === undefined) return Buffer.alloc(0);
  return Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
}
