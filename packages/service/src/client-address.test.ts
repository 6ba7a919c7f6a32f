import { describe, expect, it } from "vitest";
import { createClientAddress } from "./client-address.ts";

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
  ])("%s", (_name, peer, header, expected) => {
    expect(read(peer, header === "" ? new Headers() : forwarded(header))).toBe(expected);
  });
});
