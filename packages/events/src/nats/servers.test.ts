import { describe, expect, it } from "vitest";
import { readServers } from "./servers.ts";

describe("readServers", () => {
  it.each([
    ["nats://127.0.0.1:4222", { servers: ["127.0.0.1:4222"] }],
    ["nats://a:1, nats://b", { servers: ["a:1", "b"] }],
    ["nats://us%40er:p%3Ass@a:1", { servers: ["a:1"], user: "us@er", pass: "p:ss" }],
    ["nats://secret-token@a:1", { servers: ["a:1"], token: "secret-token" }],
    ["tls://a:1", { servers: ["a:1"], tls: {} }],
  ])("reads %s", (url, servers) => {
    expect(readServers(url)).toEqual(servers);
  });

  it.each(["", "a:1", "http://a:1", "nats://", "nats://a:1,b", "nats://secret@:x"])("refuses %j", (url) => {
    expect(() => readServers(url)).toThrow(TypeError);
    expect(() => readServers(url)).not.toThrow(/secret/);
  });
});
