import { allowedPackages, isPackage } from "./arrows.ts";
import { type Place, resolveRelative } from "./place.ts";
import type { Import } from "./read-imports.ts";
import type { ModuleFacts } from "./read-module.ts";

/** A place where the code breaks a rule of the house. */
export type Violation = { readonly path: string; readonly line: number; readonly message: string };

/** Holds one file to the rules that neither the compiler, nor the linter, nor turbo's tags can say. */
export function findViolations(place: Place, facts: ModuleFacts): readonly Violation[] {
  const found = [
    ...facts.imports.flatMap((one) => toList(importRule(place, one), one.line)),
    ...(place.role === "source" ? actionRules(place, facts) : []),
    ...(place.role === "test" ? [] : facts.unexplainedCasts.flatMap((line) => toList(castRule, line))),
  ];
  return found.map(({ line, message }) => ({ path: place.path, line, message }));
}

const castRule = "A cast gives its reason in a comment on its line.";

/** decisions/0053: with one for each request, all of them lived until the next full collection. */
const getterRule = "An object literal has no getter: V8 keeps what it sees for long. Write a function, or a class.";

function actionRules(place: Place, facts: ModuleFacts): readonly { line: number; message: string }[] {
  const reader = place.area === "packages" ? "No package reads" : "Only main.ts and cli read";
  return [
    ...facts.environmentReads.map((line) => ({ line, message: `${reader} the environment.` })),
    ...facts.literalGetters.map((line) => ({ line, message: getterRule })),
    ...facts.actions.map(({ what, line }) => ({ line, message: `Importing this ${what}; only main.ts and cli act.` })),
  ];
}

function importRule(place: Place, one: Import): string | null {
  const target = resolveRelative(place, one.specifier);
  if (target !== null) return relativeRule(place, target);
  if (/^jose($|\/)/.test(one.specifier) && place.workspace !== "tokens") return "Only tokens imports jose.";
  const [scope, name, ...rest] = one.specifier.split("/");
  if (scope !== "@countersign" || name === undefined) return null;
  if (name === place.workspace) return "A file imports its own workspace by relative paths.";
  return isPackage(name) ? packageRule(place, name) : appRule(place, { ...one, name, door: rest.join("/") });
}

function relativeRule(place: Place, target: string): string | null {
  const own = `${place.area}/${place.workspace}`;
  if (!target.startsWith(`${own}/`)) return "A relative import stays inside of its workspace.";
  if (target === `${own}/src/index.ts` && place.role !== "test") return "A file does not import its package's index.";
  return null;
}

function packageRule(place: Place, name: string): string | null {
  if (allowedPackages(place).includes(name)) return null;
  return name === "testing" ? "Only tests import testing." : `${place.workspace} does not import ${name}.`;
}

/** An app shows others its router's type, and shows platform its `createApp` besides. */
function appRule(place: Place, one: Import & { readonly name: string; readonly door: string }): string | null {
  if (place.area === "packages") return "A package does not import an app.";
  if (one.door === "app" && place.workspace === "platform") return null;
  if (one.door === "router" && one.typeOnly) return null;
  return `Of another app, only \`import type\` of @countersign/${one.name}/router.`;
}

function toList(message: string | null, line: number): readonly { line: number; message: string }[] {
  return message === null ? [] : [{ line, message }];
}
