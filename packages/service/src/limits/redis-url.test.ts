import { expect, it } from "vitest";
import { ConfigurationError } from "../settings/configuration-error.ts";
import { readSettings } from "../settings/read-settings.ts";

const read = (url: string) => readSettings("gateway", { REDIS_URL: url }).REDIS_URL;

it.each([
  "redis://127.0.0.1:6379",
  "redis://cache",
  "rediss://user:pa%23ss%2Fword@cache.example.com:6380/2",
  "redis://:p@ss@cache:6379/0",
  "redis://[::1]:6379/",
])("takes %s", (url) => {
  expect(read(url)).toBe(url);
});

it.each([
  ["redis://a,redis://b", "several servers"],
  ["redis://a:6379,b:6379", "several servers"],
  ["redis://:secret@a:6379,redis://:secret@b:6379", "several servers"],
  ["redis://:sec#ret@cache:6379", "%23"],
  ["redis://:sec/ret@cache:6379", "%2F"],
  ["redis://:sec?ret@cache:6379", "%3F"],
  ["redis://:secret%@cache:6379", "%25"],
  ["redis://cache:port", "redis://host:6379"],
  ["redis://cache:99999", "redis://host:6379"],
  ["redis://", "cannot be read"],
  ["redis://cache/secret", "number of a database"],
  ["redis://cache?enableOfflineQueue=true", "no parameters"],
  ["redis-sentinel://secret", "redis://host:6379"],
  ["http://secret", "redis://host:6379"],
  ["cache:6379", "redis://host:6379"],
])("refuses %s by the name of the variable, and repeats none of it", (url, words) => {
  let said = "";
  try {
    read(url);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    said = String(error);
  }
  expect(said).toContain("REDIS_URL: ");
  expect(said).toContain(words);
  expect(said).not.toMatch(/sec|ret@/);
});
