import { describe, expect, it } from "vitest";
import { readServers } from "./servers.ts";

describe("readServers", () => {
  it.each([
    ["nats://127.0.0.1:4222", { servers: ["127.0.0.1:4222"] }],
    ["nats://a:1, nats://b", { servers: ["a:1", "b"] }],
    ["nats://us%40er:p%3Ass@a:1", { servers: ["a:1"], user: "us@er", pass: "p:ss" }],
    [
      "nats://me:pass@a:1,nats://me:pass@b:1,nats://c",
      { servers: ["a:1", "b:1", "c"], user: "me", pass: "pass", inboxPrefix: "_INBOX.me" },
    ],
    ["nats://me:p@ss@a:1/", { servers: ["a:1"], user: "me", pass: "p@ss", inboxPrefix: "_INBOX.me" }],
    ["nats://secret-token@a:1", { servers: ["a:1"], token: "secret-token" }],
    ["tls://a:1", { servers: ["a:1"], tls: {} }],
  ])("reads %s", (url, servers) => {
    expect(readServers(url)).toEqual(servers);
  });

  it.each([
    "",
    "a:1",
    "http://a:1",
    "nats://",
    "nats://a:1,b",
    "nats://secret@:x",
    "nats://me:1234/secret@a:1",
    "nats://me:1234?secret@a:1",
    "nats://me:1234#secret@a:1",
    "nats://me:12,secret@a:1",
    "nats://me:%secret@a:1",
    "nats://:secret@a:1",
    "nats://a:1,tls://b:1",
    "nats://me:secret@a:1,nats://you:secret@b:1",
  ])("refuses %j", (url) => {
    expect(() => readServers(url)).toThrow(TypeError);
    expect(() => readServers(url)).not.toThrow(/secret/);
  });
});
