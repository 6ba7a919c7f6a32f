import { describe, expect, it } from "vitest";
import { createKnownDevices, deviceLife } from "./known-devices.ts";

const secret = new Uint8Array(32).fill(1);
const newer = new Uint8Array(32).fill(2);
const [alice, bob] = ["0b9e2b9c-6a6e-4f0e-8d55-9a4e5d1f6a01", "0b9e2b9c-6a6e-4f0e-8d55-9a4e5d1f6a02"] as const;
const start = Date.UTC(2026, 0, 1);

function setUp(secrets = [secret]) {
  let at = start;
  const devices = createKnownDevices(secrets, () => at);
  return { devices, skip: (seconds: number) => void (at += seconds * 1000) };
}

describe("known devices", () => {
  it("are known for whom they were remembered, by the same id, and for nobody else", () => {
    const { devices } = setUp();
    const held = devices.remember(alice, []);
    expect(held).not.toContain(alice);
    const id = devices.find(alice, [held]);
    expect(id).toMatch(/^[\w-]{16}$/);
    expect(devices.find(bob, [held])).toBeNull();
    expect(devices.find(alice, [devices.remember(alice, [held])])).toBe(id);
    expect(devices.find(alice, [devices.remember(alice, [])])).not.toBe(id);
  });

  it("know a few users, the latest first", () => {
    const { devices } = setUp();
    const users = Array.from({ length: 6 }, () => crypto.randomUUID());
    const held = users.reduce<readonly string[]>((texts, user) => [devices.remember(user, texts)], []);
    expect(users.map((user) => devices.find(user, held) !== null)).toEqual([false, false, true, true, true, true]);
    expect(held[0]?.length).toBeLessThan(600);
  });

  it("are found among what others wrote there", () => {
    const { devices } = setUp();
    const held = devices.remember(alice, []);
    expect(devices.find(alice, ["", "foreign", "x".repeat(10_000), held])).not.toBeNull();
    expect(devices.isOurs(["foreign", "~~~", "a.b.c.d"])).toBe(false);
  });

  it("are forgotten half a year after the last sign-in, and with the secret", () => {
    const { devices, skip } = setUp();
    const held = devices.remember(alice, []);
    skip(deviceLife - 1);
    expect(devices.find(alice, [held])).not.toBeNull();
    skip(1);
    expect(devices.find(alice, [held])).toBeNull();
    const fresh = devices.remember(alice, []);
    const rotated = createKnownDevices([newer, secret], () => start + deviceLife * 1000);
    expect(rotated.find(alice, [fresh])).not.toBeNull();
    expect(rotated.find(alice, [rotated.remember(alice, [fresh])])).toBe(rotated.find(alice, [fresh]));
    expect(createKnownDevices([newer], () => start).find(alice, [fresh])).toBeNull();
  });

  it("are nobody's once a character is changed", () => {
    const { devices } = setUp();
    const held = devices.remember(alice, []);
    const changed = ["", "a", "~", ".", "0A"].flatMap((inserted) =>
      Array.from({ length: held.length }, (_, at) => held.slice(0, at) + inserted + held.slice(at + 1)),
    );
    expect(changed.filter((text) => text !== held && devices.isOurs([text]))).toEqual([]);
  });
});
