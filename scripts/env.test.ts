import { globSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { serviceNames } from "../packages/access/src/index.ts";
import { domainEnv } from "../packages/service/src/index.ts";

it(".env.example has a line on exactly the variables that are read", async () => {
  const lines = readFileSync(".env.example", "utf8").split("\n");
  const described = lines.flatMap((line) => /^#([A-Z0-9_]+)= +# \S/.exec(line)?.[1] ?? []);
  expect(described.toSorted()).toEqual([...(await variables())].toSorted());
});

/** Of every schema that an app's `env.ts` exports, and of the domain services, which share one. */
async function variables(): Promise<ReadonlySet<string>> {
  const modules = globSync("apps/*/src/env.ts").map(async (path): Promise<object> => import(pathToFileURL(path).href));
  const exported = (await Promise.all(modules)).flatMap((module): unknown[] => Object.values(module));
  const schemas = [...exported, ...serviceNames.map(domainEnv)];
  return new Set(schemas.flatMap((schema) => Object.keys(shapeOf(schema))));
}

/** The fields of a zod object; none for anything else, such as a function that builds one. */
function shapeOf(value: unknown): object {
  const isObject = typeof value === "object" && value !== null && "shape" in value;
  return isObject && typeof value.shape === "object" && value.shape !== null ? value.shape : {};
}
