import type { NewService } from "../new-service.ts";
import { insertAfter, insertSorted } from "./edit-error.ts";

/** Imports the service's app and runs it with the others. */
export function runOnPlatform(text: string, { name }: NewService): string {
  const line = `import * as ${name} from "@countersign/${name}/app";\n`;
  const imported = insertSorted(text, /^import \* as .+\/app";\n/, line);
  const list = /^export const domainServices: readonly PlatformService\[\] = \[\n(?:.+\n)*?(?=\];$)/;
  return insertAfter(imported, list, `  { name: "${name}", ...${name} },\n`);
}
