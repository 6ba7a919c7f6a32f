import { globSync, readFileSync } from "node:fs";
import { readPlace } from "./boundaries/place.ts";
import { readModule } from "./boundaries/read-module.ts";
import { findViolations } from "./boundaries/rules.ts";

/** Holds every TypeScript file of the workspaces to the rules, prints each violation, and ends with 1 if there is one. */
const paths = globSync("{apps,packages}/*/{src,test}/**/*.ts").map((path) => path.replaceAll("\\", "/"));
const violations = paths.flatMap((path) =>
  findViolations(readPlace(path), readModule(path, readFileSync(path, "utf8"))),
);
for (const { path, line, message } of violations) console.error(`${path}:${line}  ${message}`);
console.log(`${violations.length} violations in ${paths.length} files`);
if (violations.length > 0 || paths.length === 0) process.exitCode = 1;
