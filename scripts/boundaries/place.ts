import { posix } from "node:path";

/** Where a file stands: its workspace, and which freedoms its role gives it. */
export type Place = {
  /** From the root, for example `packages/tokens/src/verify.ts`. */
  readonly path: string;
  readonly area: "apps" | "packages";
  /** The workspace's short name, for example `tokens`. */
  readonly workspace: string;
  /**
   * - `source`: the product. Nothing happens when it is imported.
   * - `entry`: what a person or a supervisor runs, and therefore may act.
   * - `test`: a test or what only tests import.
   */
  readonly role: "source" | "entry" | "test";
};

const entries = [
  /^apps\/[^/]+\/src\/main\.ts$/,
  /^apps\/[^/]+\/src\/cli\//,
  /^apps\/platform\/src\/(demo|start-services|access-table)\.ts$/,
];
const tests = [/\.test(-d)?\.ts$/, /^(apps|packages)\/[^/]+\/test\//, /^packages\/testing\//];

/** Reads the place from a path below `apps` or `packages`; throws a `TypeError` for any other path. */
export function readPlace(path: string): Place {
  const [area, workspace] = path.split("/");
  if ((area !== "apps" && area !== "packages") || workspace === undefined) {
    throw new TypeError(`${path} is in no workspace.`);
  }
  return { path, area, workspace, role: roleOf(path) };
}

/** What a relative specifier in this file points at, as a path from the root; null for a package's name. */
export function resolveRelative(place: Place, specifier: string): string | null {
  return specifier.startsWith(".") ? posix.join(posix.dirname(place.path), specifier) : null;
}

function roleOf(path: string): Place["role"] {
  if (tests.some((pattern) => pattern.test(path))) return "test";
  return entries.some((pattern) => pattern.test(path)) ? "entry" : "source";
}
