import { describe, expect, it } from "vitest";
import { addressKey, addressPath } from "./address-key.ts";

describe("addressKey", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["2001:db8:0:0::/64", "2001:db8:0:0::/64"],
    ["64:ff9b::192.0.2.7", "192.0.2.7"],
    ["64:FF9B::c000:207", "192.0.2.7"],
    ["64:ff9b:1::192.0.2.7", "192.0.2.7"],
    ["64:ff9b:1:fffe::192.0.2.7", "192.0.2.7"],
    ["64:ff9b:1:c000:2:700::", "192.0.2.7"],
    ["64:ff9b:1:a:1:2:3:4", "64:ff9b:1:a:1:2:3:4"],
    ["::ffff:0:192.0.2.7", "192.0.2.7"],
    ["0:0:0:0:0:FFFF:C000:0207", "192.0.2.7"],
    ["2002:c000:207:1::1", "192.0.2.7"],
    ["2001:0:1:2:3:4:3fff:fdf8", "192.0.2.7"],
    ["2001:1::1", "2001:1:0:0::/64"],
    ["64:ff9b:2::192.0.2.7", "64:ff9b:2:0::/64"],
    ["::192.0.2.7", "0:0:0:0::/64"],
    ["", "unknown"],
    ["not an address", "unknown"],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
    expect(addressKey(key)).toBe(key);
  });
});

it("an address path goes from what a site holds to what a subscriber has", () => {
  expect(addressPath("2001:db8:1:2::9")).toEqual(["2001:db8:1::/48", "2001:db8:1:2::/64"]);
  expect(addressPath("::ffff:192.0.2.7")).toEqual(["192.0.2.7"]);
  expect(addressPath("")).toEqual(["unknown"]);
});
