import type { NewService } from "../new-service.ts";
import { insertAfter } from "./edit-error.ts";

/** A line on the variable that says where the service is, behind those of the others. */
export function describeOrigin(text: string, { name, port }: NewService): string {
  const variable = `#${name.toUpperCase()}_URL=`.padEnd(22);
  const about = `where ${name} is reached from inside, at the gateway also several, comma-separated`;
  const line = `${variable}# ${about}; http://127.0.0.1:${port}\n`;
  return insertAfter(text, /^(?:#[A-Z0-9]+_URL= +# where \w+ is reached from inside.*\n)+/, line);
}
