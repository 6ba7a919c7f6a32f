import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { declare } from "./edits/access.ts";
import { compose } from "./edits/compose.ts";
import { describeOrigin } from "./edits/env-example.ts";
import { addDependency, fromManifest, fromModel } from "./edits/manifests.ts";
import { runOnPlatform } from "./edits/platform.ts";
import type { NewService } from "./new-service.ts";

/** Turns the text of a file into what it shall be. Throws an `EditError` when the file is not as it expects. */
type Edit = (text: string, service: NewService) => string;

/** The service whose settings new ones start from, so that pinned versions and container options are today's. */
const model = "apps/inventory";

const registrations: Readonly<Record<string, Edit>> = {
  "packages/access/src/services.ts": declare,
  "apps/platform/src/services.ts": runOnPlatform,
  "apps/platform/package.json": addDependency,
  "docker-compose.yml": compose,
  ".env.example": describeOrigin,
};

const copies: Readonly<Record<string, Edit>> = {
  "package.json": fromManifest,
  "tsconfig.json": (text) => text,
  "turbo.json": (text) => text,
  "drizzle.config.ts": fromModel,
};

/**
 * Works out every file of the service and of its registration, without writing any.
 *
 * @returns the content of each file by its path from the root
 */
export async function planService(service: NewService): Promise<ReadonlyMap<string, string>> {
  const app = `apps/${service.name}`;
  const plan = new Map<string, string>();
  for (const [path, edit] of Object.entries(registrations)) {
    plan.set(path, edit(await readFile(path, "utf8"), service));
  }
  for (const [file, edit] of Object.entries(copies)) {
    plan.set(`${app}/${file}`, edit(await readFile(`${model}/${file}`, "utf8"), service));
  }
  const templates = "scripts/new-service/templates";
  for (const file of globSync("**/*.template", { cwd: templates })) {
    const path = fill(file.replaceAll("\\", "/").replace(/\.template$/, ""), service);
    plan.set(`${app}/${path}`, fill(await readFile(`${templates}/${file}`, "utf8"), service));
  }
  return plan;
}

function fill(template: string, { name }: NewService): string {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return template.replaceAll("{{name}}", name).replaceAll("{{Name}}", capital);
}
