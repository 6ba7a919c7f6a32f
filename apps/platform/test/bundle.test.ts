import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type LibraryOptions } from "vite";
import { expect, it } from "vitest";

/** What a page downloads for the client; it is 23 kB. */
const mostBytes = 26_000;

it("the client of a page, bundled, holds nothing of Node's, no key and no schema, and is small", {
  timeout: 60_000,
}, async () => {
  const entry = fileURLToPath(new URL("../../../packages/client/src/index.ts", import.meta.url));
  const lib: LibraryOptions = { entry, formats: ["es"], fileName: "client" };
  const made = await build({ configFile: false, logLevel: "silent", build: { write: false, minify: true, lib } });
  const [first] = Array.isArray(made) ? made : [made];
  const [chunk, ...more] = first !== undefined && "output" in first ? first.output : [];
  if (chunk?.type !== "chunk") throw new Error("The bundler made no script.");
  expect([more, chunk.imports, chunk.dynamicImports]).toEqual([[], [], []]);
  const packages = Object.keys(chunk.modules).map(
    (id) => /.*(?:node_modules|packages)\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1],
  );
  expect([...new Set(packages.filter((name) => name !== undefined))].toSorted()).toEqual([
    "@trpc/client",
    "@trpc/server",
    "access",
    "client",
    "eventsource",
    "eventsource-parser",
  ]);
  expect(gzipSync(chunk.code).length).toBeLessThan(mostBytes);
});
