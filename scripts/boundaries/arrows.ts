import type { Place } from "./place.ts";

const packages = ["access", "tokens", "database", "events", "context", "client", "service", "testing"];
const ofEveryApp = ["context", "client", "service", "database", "events", "access"];

/** Which packages the code of a workspace may name itself. Transitive dependencies are turbo's part. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "packages/access": [],
  "packages/tokens": [],
  "packages/database": [],
  "packages/events": [],
  "packages/context": ["tokens", "access", "events"],
  "packages/client": ["tokens", "access"],
  "packages/service": ["context", "client", "database", "events", "access"],
  "packages/testing": packages,
  "apps/auth": [...ofEveryApp, "tokens"],
  "apps/gateway": [...ofEveryApp, "tokens"],
};

/** The packages that this file may import, by short name; a test may also import `testing`. */
export function allowedPackages(place: Place): readonly string[] {
  const key = `${place.area}/${place.workspace}`;
  const own = arrows[key] ?? (place.area === "apps" ? ofEveryApp : []);
  return place.role === "test" ? [...own, "testing"] : own;
}

/** Whether this is the short name of a package, and not of an app. */
export function isPackage(name: string): boolean {
  return packages.includes(name);
}
