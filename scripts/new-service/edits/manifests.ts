import type { NewService } from "../new-service.ts";
import { EditError } from "./edit-error.ts";

type Manifest = { readonly dependencies: object; readonly devDependencies?: unknown };

/** The manifest of the platform with the service among its dependencies. */
export function addDependency(text: string, { name }: NewService): string {
  const manifest = readManifest(text);
  const entries = Object.entries({ ...manifest.dependencies, [`@countersign/${name}`]: "*" });
  const dependencies = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return print({ ...manifest, dependencies });
}

/** The manifest of the service, from that of its model: the same pinned versions, nothing that only tests there use. */
export function fromManifest(text: string, { name }: NewService): string {
  const { devDependencies: _tests, ...manifest } = readManifest(text);
  return print({ ...manifest, name: `@countersign/${name}` });
}

/** A file of the model with the name of the service in place of the model's. */
export function fromModel(text: string, { name }: NewService): string {
  return text.replaceAll("inventory", name);
}

function readManifest(text: string): Manifest {
  const manifest: unknown = JSON.parse(text);
  if (isManifest(manifest)) return manifest;
  throw new EditError("Expected a manifest with dependencies.");
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === "object" && value !== null && "dependencies" in value && value.dependencies instanceof Object;
}

function print(manifest: object): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
