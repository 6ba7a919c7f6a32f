import type { NewService } from "../new-service.ts";
import { insertAfter } from "./edit-error.ts";

/** Declares the service last in the table: it faces users, and may ask auth whether a session still stands. */
export function declare(text: string, { name, port }: NewService): string {
  const entry = `  ${name}: { port: ${port}, facesUsers: true, calls: ["auth"], passesOn: [] },\n`;
  return insertAfter(text, /^export const services = defineServices\(\{\n(?:.+\n)*?(?=\}\);$)/, entry);
}
