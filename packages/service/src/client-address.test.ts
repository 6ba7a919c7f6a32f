import { describe, expect, it } from "vitest";
import { createClientAddress, unknownClient, warnOnce } from "./client-address.ts";

const read = createClientAddress(["10.0.0.0/8", "fd00::/8"]);
const forwarded = (value: string) => new Headers({ "x-forwarded-for": value });

describe("the client's address", () => {
  it.each([
    ["a peer that is no proxy is the client", "203.0.113.9", "", "203.0.113.9"],
    ["whatever it claims", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["a proxy vouches for the one before it", "10.0.0.2", "198.51.100.1", "198.51.100.1"],
    ["a chain of proxies", "10.0.0.2", "198.51.100.1, 10.9.9.9", "198.51.100.1"],
    ["what a client put in front is not believed", "10.0.0.2", "127.0.0.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"],
    ["IPv6", "fd00::1", "2001:db8::7", "2001:db8::7"],
    ["proxies all the way", "10.0.0.2", "10.0.0.3", "10.0.0.3"],
    ["no header", "10.0.0.2", "", "10.0.0.2"],
    ["a peer that is mapped into IPv6", "::ffff:10.0.0.2", "198.51.100.1", "198.51.100.1"],
  ])("%s", (_name, peer, header, expected) => {
    expect(read(peer, header === "" ? new Headers() : forwarded(header))).toBe(expected);
  });
});

/** RFC 7239 §6, and what X-Forwarded-For holds beside it in the wild. */
describe("a node of X-Forwarded-For", () => {
  it.each([
    ["203.0.113.7:50123", "203.0.113.7"],
    ["203.0.113.7:_port", "203.0.113.7"],
    ['"203.0.113.7:443"', "203.0.113.7"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ['"[2001:DB8::1]:443"', "2001:db8::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:0:0:0:0:1:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:80", "fe80::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:80", "203.0.113.7"],
    ["64:ff9b:1:fffe::192.0.2.7", "64:ff9b:1:fffe::c000:207"],
    ["1:2:3:4:5::192.0.2.7", "1:2:3:4:5:0:c000:207"],
    ["::", "::"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["203.0.113.7, ,", "203.0.113.7"],
    [" \t203.0.113.7\t ,, 10.0.0.3:1234", "203.0.113.7"],
    ["garbage, 203.0.113.7", "203.0.113.7"],
  ])("%s is read as %s", (header, expected) => {
    const problems: string[] = [];
    const reader = createClientAddress(["10.0.0.0/8"], (problem) => problems.push(problem));
    expect([reader("10.0.0.2", forwarded(header)), problems]).toEqual([expected, []]);
  });

  it.each([
    ["unknown", "unknown"],
    ["UNKNOWN, 10.0.0.3", "unknown"],
    ["203.0.113.7, unknown", "unknown"],
    ["unknown:80", "unknown"],
    ["_hidden", "obfuscated"],
    ["_SEVKISEK:_p", "obfuscated"],
    [",", "empty"],
    ["010.0.0.1", "malformed"],
    ["203.0.113.007", "malformed"],
    ["203.0.113.7:", "malformed"],
    ["203.0.113.7:123456", "malformed"],
    ["203.0.113", "malformed"],
    ["256.0.0.1", "malformed"],
    ["[2001:db8::1", "malformed"],
    ["[]:443", "malformed"],
    ["2001:db8::1::2", "malformed"],
    ["localhost", "malformed"],
    ["for=203.0.113.7", "malformed"],
  ])("%s names no client, and is no proxy's address: %s", (header, problem) => {
    const problems: string[] = [];
    const reader = createClientAddress(["10.0.0.0/8"], (found) => problems.push(found));
    expect([reader("10.0.0.2", forwarded(header)), problems]).toEqual([unknownClient, [problem]]);
    expect(reader("203.0.113.9", forwarded(header))).toBe("203.0.113.9");
  });

  it("is logged once when it cannot be read, without what it says", () => {
    const lines: object[] = [];
    const log = { warn: (fields: object) => void lines.push(fields) };
    const reader = createClientAddress(["10.0.0.0/8"], warnOnce(log));
    for (const header of ["_hidden", "unknown", "_hidden"]) reader("10.0.0.2", forwarded(header));
    expect(lines).toEqual([{ problem: "obfuscated" }]);
  });
});
