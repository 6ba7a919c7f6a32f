import { expect, it } from "vitest";
import { checkName, NameRefusedError } from "./check-name.ts";

it.each(["specimen", "specimen2", "x".repeat(30)])("%s can be a service", (name) => {
  expect(checkName([name])).toBe(name);
});

it.each([
  ["orders", "there is one of that name"],
  ["auth", "there is one of that name"],
  ["gateway", "the name is reserved"],
  ["platform", "the name is reserved"],
  ["web", "the name is reserved"],
  ["postgres", "the name is reserved"],
  ["localhost", "the name is reserved"],
  ["context", "there is a package of that name"],
  ["redis", "REDIS_URL is a setting already"],
  ["public", "it is a word of the language"],
  ["class", "it is a word of the language"],
  ["await", "it is a word of the language"],
  ["then", "it is a word of the language"],
  ["constructor", "it is a word of the language"],
  ["Billing", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["bil-ling", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["bil_ling", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["2fa", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["../x", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["b", "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["x".repeat(31), "a name is 2 to 30 lower-case letters and digits, a letter first"],
  ["", "a name is 2 to 30 lower-case letters and digits, a letter first"],
])("%s cannot", (name, reason) => {
  expect(() => checkName([name])).toThrow(NameRefusedError);
  expect(() => checkName([name])).toThrow(`"${name}" cannot be a service: ${reason}. Nothing was changed.`);
});

it.each([[], ["specimen", "search"]])("there is exactly one name", (...args) => {
  expect(() => checkName(args)).toThrow("Usage: npm run new:service -- <name>");
});
