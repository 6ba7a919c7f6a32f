import { describe, expect, it } from "vitest";
import { readPlace } from "./boundaries/place.ts";
import { readModule } from "./boundaries/read-module.ts";
import { findViolations } from "./boundaries/rules.ts";

const refused: readonly { name: string; path: string; source: string; message: string }[] = [
  {
    name: "jose outside of tokens",
    path: "packages/context/src/a.ts",
    source: 'import { jwtVerify } from "jose";',
    message: "Only tokens imports jose.",
  },
  {
    name: "jose in a test",
    path: "apps/auth/src/a.test.ts",
    source: 'import type { JWK } from "jose/types";',
    message: "Only tokens imports jose.",
  },
  {
    name: "context to client",
    path: "packages/context/src/a.ts",
    source: 'import "@countersign/client";',
    message: "context does not import client.",
  },
  {
    name: "client to context",
    path: "packages/client/src/a.ts",
    source: 'export * from "@countersign/context";',
    message: "client does not import context.",
  },
  {
    name: "a type all the same",
    path: "packages/tokens/src/a.ts",
    source: 'type A = import("@countersign/access").Role;',
    message: "tokens does not import access.",
  },
  {
    name: "tokens in an app",
    path: "apps/orders/src/a.ts",
    source: 'import "@countersign/tokens";',
    message: "orders does not import tokens.",
  },
  {
    name: "testing in the product",
    path: "apps/orders/src/a.ts",
    source: 'await import("@countersign/testing");',
    message: "Only tests import testing.",
  },
  {
    name: "an app in a package",
    path: "packages/client/src/a.ts",
    source: 'import type { R } from "@countersign/auth/router";',
    message: "A package does not import an app.",
  },
  {
    name: "an app's value",
    path: "apps/orders/src/a.ts",
    source: 'import { type R } from "@countersign/auth/router";',
    message: "Of another app, only `import type` of @countersign/auth/router.",
  },
  {
    name: "an app's inside",
    path: "apps/orders/src/a.ts",
    source: 'import type { R } from "@countersign/auth/app";',
    message: "Of another app, only `import type` of @countersign/auth/router.",
  },
  {
    name: "its own name",
    path: "packages/access/src/a.ts",
    source: 'import "@countersign/access";',
    message: "A file imports its own workspace by relative paths.",
  },
  {
    name: "its own index",
    path: "packages/access/src/b/a.ts",
    source: 'import "../index.ts";',
    message: "A file does not import its package's index.",
  },
  {
    name: "out of the workspace",
    path: "packages/access/src/a.ts",
    source: 'import "../../tokens/src/verify.ts";',
    message: "A relative import stays inside of its workspace.",
  },
  {
    name: "the environment",
    path: "packages/service/src/a.ts",
    source: "export const f = () => process.env.PORT;",
    message: "No package reads the environment.",
  },
  {
    name: "the environment, unpacked",
    path: "packages/service/src/a.ts",
    source: "export const f = () => { const { env } = process; return env; };",
    message: "No package reads the environment.",
  },
  {
    name: "the environment in an app",
    path: "apps/auth/src/app.ts",
    source: 'export const f = () => Bun["env"].PORT;',
    message: "Only main.ts and cli read the environment.",
  },
  {
    name: "a statement",
    path: "apps/auth/src/app.ts",
    source: "start(); function start() {}",
    message: "Importing this runs a statement; only main.ts and cli act.",
  },
  {
    name: "waiting",
    path: "apps/auth/src/app.ts",
    source: "export const a = await Promise.resolve(1);",
    message: "Importing this waits; only main.ts and cli act.",
  },
  {
    name: "a timer",
    path: "apps/auth/src/app.ts",
    source: "export const a = setInterval(() => {}, 1);",
    message: "Importing this calls setInterval; only main.ts and cli act.",
  },
  {
    name: "the clock",
    path: "packages/events/src/a.ts",
    source: "export const a = new Date();",
    message: "Importing this reads the clock; only main.ts and cli act.",
  },
  {
    name: "a singleton",
    path: "packages/events/src/a.ts",
    source: "export const a = new Map<string, number>();",
    message: "Importing this keeps a Map; only main.ts and cli act.",
  },
  {
    name: "a variable",
    path: "packages/events/src/a.ts",
    source: "let a = 1; export const f = () => a++;",
    message: "Importing this declares a let; only main.ts and cli act.",
  },
  {
    name: "a bare cast",
    path: "apps/auth/src/a.ts",
    source: "export const a = (b: unknown) => b as string;",
    message: "A cast gives its reason in a comment on its line.",
  },
  {
    name: "a getter of an object literal",
    path: "packages/service/src/a.ts",
    source: "export const a = (b: { c: number }) => ({ get d() { return b.c; } });",
    message: "An object literal has no getter: V8 keeps what it sees for long. Write a function, or a class.",
  },
];

const allowed: readonly { name: string; path: string; source: string }[] = [
  { name: "jose in tokens", path: "packages/tokens/src/a.ts", source: 'import { jwtVerify } from "jose";' },
  {
    name: "an app's router type",
    path: "apps/orders/src/a.ts",
    source: 'import type { R } from "@countersign/products/router";',
  },
  {
    name: "platform composing",
    path: "apps/platform/src/a.ts",
    source: 'import { createApp } from "@countersign/auth/app";',
  },
  {
    name: "testing in a test",
    path: "packages/tokens/src/a.test.ts",
    source: 'import { x } from "@countersign/testing"; x();',
  },
  {
    name: "tokens in auth",
    path: "apps/auth/src/a.ts",
    source: 'import { x } from "@countersign/tokens"; export const f = () => x;',
  },
  { name: "main acting", path: "apps/auth/src/main.ts", source: "await start(process.env); function start() {}" },
  {
    name: "a constant",
    path: "packages/access/src/a.ts",
    source: 'export const a = new Set(["b"]); export const c = Math.max(1, 2);',
  },
  {
    name: "a clock as an argument",
    path: "packages/access/src/a.ts",
    source: "export const f = (now = () => Date.now()) => now();",
  },
  {
    name: "a cast with its reason",
    path: "apps/auth/src/a.ts",
    source: "export const a = (b: unknown) => b as string; // checked above",
  },
  {
    name: "a getter of a class",
    path: "packages/tokens/src/a.ts",
    source: "export class A { get b(): number { return 1; } }",
  },
  { name: "as const", path: "apps/auth/src/a.ts", source: "export const a = [1] as const;" },
];

const messages = (path: string, source: string): string[] =>
  findViolations(readPlace(path), readModule(path, source)).map((violation) => violation.message);

describe("the rules of the house", () => {
  it.each(refused)("refuse $name", ({ path, source, message }) => {
    expect(messages(path, source)).toContain(message);
  });

  it.each(allowed)("allow $name", ({ path, source }) => {
    expect(messages(path, source)).toEqual([]);
  });

  it("say which line", () => {
    const facts = readModule("packages/tokens/src/a.ts", '\n\nimport "@countersign/access";\n');
    expect(findViolations(readPlace("packages/tokens/src/a.ts"), facts)).toEqual([
      { path: "packages/tokens/src/a.ts", line: 3, message: "tokens does not import access." },
    ]);
  });

  it("do not pass over what does not parse", () => {
    expect(() => readModule("packages/tokens/src/a.ts", "const = 1;")).toThrow("packages/tokens/src/a.ts");
  });
});
